"""What a failed test's report tells of its control plane: the warnings that its components gave."""

from __future__ import annotations

from minikube_py.cluster import Cluster
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.wellknown import EVENTS
from minikube_py.threaded import ThreadedCluster

LATEST = 20


def warnings_of(cluster: object) -> list[str]:
    """The latest events of type Warning, a line each; none for what is no running cluster of ours."""
    if isinstance(cluster, ThreadedCluster) and cluster.cluster.ready:
        found = list(cluster.client.list(EVENTS).items)
    elif isinstance(cluster, Cluster):
        found = [stored.object for stored in cluster.store.list(str(EVENTS))]
    else:
        return []
    warnings = [event for event in found if event.get("type") == "Warning"]
    warnings.sort(key=lambda event: int(event["metadata"]["resourceVersion"]))
    return [_line(event) for event in warnings[-LATEST:]]


def _line(event: Object) -> str:
    regarding = event.get("involvedObject") or {}
    where = "/".join(filter(None, (regarding.get("namespace"), regarding.get("name"))))
    return f"{event.get('reason', '')} {regarding.get('kind', '')} {where}: {event.get('message', '')}"
