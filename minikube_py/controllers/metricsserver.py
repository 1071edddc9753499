"""metrics-server: the name by which --controllers chooses whether metrics.k8s.io is served.

The API server answers for it (minikube_py/api/metrics.py), from what the kubelets tell: nothing of it runs besides.
"""

from __future__ import annotations

from minikube_py.controllers.runtime import Context, Descriptor

NAME = "metrics-server"


class MetricsServer:
    """A Runnable with nothing to do."""

    name = NAME

    def start(self) -> None: ...

    async def stop(self) -> None: ...

    def busy(self) -> list[str]:
        return []


def new(context: Context) -> MetricsServer:
    return MetricsServer()


METRICS_SERVER = Descriptor(NAME, new)
