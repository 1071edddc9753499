"""/healthz, /livez and /readyz, whole and per check (apiserver/pkg/server/healthz)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal

from minikube_py.api.reply import NOT_FOUND, Reply, Request, text

Check = Callable[[], str]
"""Returns why it fails, "" if it holds."""

HOOKS = (
    "poststarthook/start-apiserver-admission-initializer",
    "poststarthook/generic-apiserver-start-informers",
    "poststarthook/priority-and-fairness-config-consumer",
    "poststarthook/priority-and-fairness-filter",
    "poststarthook/storage-object-count-tracker-hook",
    "poststarthook/start-apiextensions-informers",
    "poststarthook/start-apiextensions-controllers",
    "poststarthook/crd-informer-synced",
    "poststarthook/start-system-namespaces-controller",
    "poststarthook/peer-endpoint-reconciler-controller",
    "poststarthook/start-cluster-authentication-info-controller",
    "poststarthook/start-kube-apiserver-identity-lease-controller",
    "poststarthook/start-kube-apiserver-identity-lease-garbage-collector",
    "poststarthook/storage-readiness",
    "poststarthook/start-legacy-token-tracking-controller",
    "poststarthook/start-service-ip-repair-controllers",
    "poststarthook/rbac/bootstrap-roles",
    "poststarthook/scheduling/bootstrap-system-priority-classes",
    "poststarthook/priority-and-fairness-config-producer",
    "poststarthook/bootstrap-controller",
    "poststarthook/start-kubernetes-service-cidr-controller",
    "poststarthook/start-kube-aggregator-informers",
    "poststarthook/apiservice-status-local-available-controller",
    "poststarthook/apiservice-status-remote-available-controller",
    "poststarthook/apiservice-registration-controller",
    "poststarthook/apiservice-wait-for-first-sync",
    "poststarthook/apiservice-discovery-controller",
    "poststarthook/kube-apiserver-autoregistration",
    "autoregister-completion",
    "poststarthook/apiservice-openapi-controller",
    "poststarthook/apiservice-openapiv3-controller",
)
"""What kube-apiserver does after it has begun to listen, here before: whoever is answered finds it done."""

Endpoint = Literal["healthz", "livez", "readyz"]


def _holds() -> str:
    return ""


class Health:
    """Answers the health paths. `checks`: by endpoint, the checks besides ping, log and the hooks, in order."""

    def __init__(self, checks: Mapping[Endpoint, Mapping[str, Check]]) -> None:
        self._checks: dict[str, dict[str, Check]] = {
            name: {"ping": _holds, "log": _holds, **checks.get(name, {}), **dict.fromkeys(HOOKS, _holds)}
            for name in ("healthz", "livez", "readyz")
        }

    def paths(self) -> list[str]:
        return [
            path for name, checks in self._checks.items() for path in (f"/{name}", *(f"/{name}/{c}" for c in checks))
        ]

    async def answer(self, request: Request) -> Reply | None:
        parts = request.path.strip("/").split("/", 1)
        checks = self._checks.get(parts[0])
        if checks is None:
            return None
        if len(parts) == 1:
            return self._all(parts[0], checks, request)
        check = checks.get(parts[1])
        if check is None:
            return NOT_FOUND
        why = check()
        return text(500, f"internal server error: {why}\n") if why else text(200, "ok")

    def _all(self, name: str, checks: Mapping[str, Check], request: Request) -> Reply:
        excluded = {value for key, value in request.query.items() if key == "exclude"}
        lines: list[str] = []
        failed: list[str] = []
        for check, holds in checks.items():
            if check in excluded:
                lines.append(f"[+]{check} excluded: ok\n")
            elif holds():
                lines.append(f"[-]{check} failed: reason withheld\n")
                failed.append(check)
            else:
                lines.append(f"[+]{check} ok\n")
        if unknown := sorted(excluded - set(checks)):
            names = ", ".join(f'"{each}"' for each in unknown)
            lines.append(f"warn: some health checks cannot be excluded: no matches for {names}\n")
        if failed:
            return text(500, "".join(lines) + f"{name} check failed\n")
        if "verbose" not in request.query:
            return text(200, "ok")
        return text(200, "".join(lines) + f"{name} check passed\n")
