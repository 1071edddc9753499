"""Putting the API server together: endpoints, discovery, OpenAPI, health and version on one HTTP server."""

from __future__ import annotations

from collections.abc import Iterable

from minikube_py.api.discovery import Discovery
from minikube_py.api.endpoints import Endpoints
from minikube_py.api.health import Check, Health
from minikube_py.api.openapi import OpenAPI
from minikube_py.api.registry import Registry
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

    pages: list[Page] = [discovery, OpenAPI(registry.catalog, kubernetes), health, VersionPage(kubernetes, paths)]
    return Server(Endpoints(registry, kubernetes), pages, allow_remote=allow_remote)
