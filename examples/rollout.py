"""A rolling update as it goes, with the control plane in this program's own event loop.

python examples/rollout.py
"""

from __future__ import annotations

import asyncio
from typing import Any

from minikube_py.client.protocol import STRATEGIC_MERGE_PATCH
from minikube_py.cluster import Cluster
from minikube_py.machinery.wellknown import DEPLOYMENTS, PODS

WEB: dict[str, Any] = {
    "apiVersion": "apps/v1",
    "kind": "Deployment",
    "metadata": {"name": "web", "namespace": "default"},
    "spec": {
        "replicas": 3,
        "selector": {"matchLabels": {"app": "web"}},
        "template": {
            "metadata": {"labels": {"app": "web"}},
            "spec": {"containers": [{"name": "web", "image": "nginx:1.27"}]},
        },
    },
}


async def main() -> None:
    async with Cluster(seed=1) as cluster:
        created = await cluster.client.create(DEPLOYMENTS, WEB)
        await cluster.settle()  # until every controller has done all it wants to

        watch = await cluster.client.watch(
            DEPLOYMENTS, "default", resource_version=created["metadata"]["resourceVersion"]
        )
        patch = {"spec": {"template": {"spec": {"containers": [{"name": "web", "image": "nginx:1.28"}]}}}}
        await cluster.client.patch(DEPLOYMENTS, "default", "web", patch, patch_type=STRATEGIC_MERGE_PATCH)
        while events := await watch.next():
            for event in events:
                print(progress(event.object))
            if rolled_out(events[-1].object, generation=2):
                break
        watch.stop()

        await cluster.settle()
        pods = await cluster.client.list(PODS, "default")
        print("images:", *sorted({pod["spec"]["containers"][0]["image"] for pod in pods.items}))


def progress(deployment: dict[str, Any]) -> str:
    status = deployment.get("status") or {}
    counts = (status.get(count, 0) for count in ("replicas", "updatedReplicas", "availableReplicas"))
    return "generation {}: {} pods, {} updated, {} available".format(status.get("observedGeneration", 0), *counts)


def rolled_out(deployment: dict[str, Any], generation: int) -> bool:
    status = deployment.get("status") or {}
    wanted = deployment["spec"]["replicas"]
    return status.get("observedGeneration", 0) >= generation and all(
        status.get(count, 0) == wanted for count in ("replicas", "updatedReplicas", "availableReplicas")
    )


if __name__ == "__main__":
    asyncio.run(main())
