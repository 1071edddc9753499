"""Putting the API server together: endpoints, discovery, OpenAPI, health and version on one HTTP server."""

from __future__ import annotations

from collections.abc import Iterable

from minikube_py.api.catalog import Catalog
from minikube_py.api.discovery import Discovery
from minikube_py.api.endpoints import Endpoints
from minikube_py.api.health import Check, Health
from minikube_py.api.registry import Registry
from minikube_py.api.reply import Reply, Request
from minikube_py.api.server import Page, Server
from minikube_py.api.version import VersionPage


def new_server(registry: Registry, kubernetes: str, synced: Check, allow_remote: bool) -> Server:
    """A server for the registry; `synced` says why informers are not, "" once they are."""
    discovery = Discovery(registry.catalog, kubernetes)

    def store() -> str:
        return ""  # the store is this process: while we answer, it does

    health = Health({"healthz": {"etcd": store}, "livez": {"etcd": store}, "readyz": {"informer-sync": synced}})

    def paths() -> Iterable[str]:
        yield from ("/api", "/apis", "/openapi/v2", "/openapi/v3", *health.paths())
        for group, versions in discovery.groups().items():
            prefix = f"/apis/{group}" if group else "/api"
            yield prefix
            yield from (f"{prefix}/{version}" for version in versions)

    pages: list[Page] = [discovery, _OpenAPI(registry.catalog, kubernetes), health, VersionPage(kubernetes, paths)]
    return Server(Endpoints(registry, kubernetes), pages, allow_remote=allow_remote)


class _OpenAPI:
    """The page of that name, made with the first request for it: what writes its documents is twelve modules that a
    start does not wait for."""

    def __init__(self, catalog: Catalog, kubernetes: str) -> None:
        self._catalog, self._kubernetes = catalog, kubernetes
        self._page: Page | None = None

    async def answer(self, request: Request) -> Reply | None:
        """None for paths that are not its own. Raises StatusError."""
        if not request.path.startswith("/openapi/"):
            return None
        if self._page is None:
            from minikube_py.api.openapi import OpenAPI

            self._page = OpenAPI(self._catalog, self._kubernetes)
        return await self._page.answer(request)
