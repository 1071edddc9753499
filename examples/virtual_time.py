"""Ten minutes in milliseconds: a Deployment that no node has room for fails when its deadline is over.

python examples/virtual_time.py
"""

from __future__ import annotations

from typing import Any

from minikube_py.cluster import Cluster
from minikube_py.machinery.wellknown import DEPLOYMENTS, EVENTS

HUGE: dict[str, Any] = {
    "apiVersion": "apps/v1",
    "kind": "Deployment",
    "metadata": {"name": "huge", "namespace": "default"},
    "spec": {
        "progressDeadlineSeconds": 600,
        "selector": {"matchLabels": {"app": "huge"}},
        "template": {
            "metadata": {"labels": {"app": "huge"}},
            "spec": {
                "containers": [{"name": "huge", "image": "huge", "resources": {"requests": {"cpu": "1000"}}}],
            },
        },
    },
}


def main() -> None:
    with Cluster.start(clock="virtual", nodes=3) as cluster:
        cluster.client.create(DEPLOYMENTS, HUGE)
        cluster.settle()
        for event in cluster.client.list(EVENTS, "default").items:
            if event["reason"] == "FailedScheduling":
                print(event["message"])

        elapsed = 0
        for minutes in (0, 9, 11):
            cluster.advance(60 * minutes - elapsed)  # deadline by deadline, settling at each
            elapsed = 60 * minutes
            deployment = cluster.client.get(DEPLOYMENTS, "default", "huge")
            (progressing,) = (each for each in deployment["status"]["conditions"] if each["type"] == "Progressing")
            print(f"after {minutes} minutes: Progressing={progressing['status']} ({progressing['reason']})")


if __name__ == "__main__":
    main()
