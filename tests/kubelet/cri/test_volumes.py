"""What is in volumes that tell of objects, as these are by now, and whose it is."""

from __future__ import annotations

from minikube_py.machinery.gvr import Object
from minikube_py.machinery.wellknown import CONFIG_MAPS, PODS, SECRETS
from tests.kubelet.cri.programs import cluster_with, pod, run_in

COLOR = {"path": "color", "fieldRef": {"fieldPath": "metadata.labels['color']"}, "mode": 0o400}


def with_volume(source: Object, **security: int) -> Object:
    made = pod("a", "busybox", command=["sleep", "infinity"], labels={"color": "red"})
    made["spec"]["containers"][0]["volumeMounts"] = [{"name": "v", "mountPath": "/v"}]
    made["spec"] |= {"volumes": [{"name": "v", **source}], "securityContext": security}
    return made


async def test_labels_as_they_are_by_now() -> None:
    async with cluster_with() as cluster:
        await cluster.client.create(PODS, with_volume({"downwardAPI": {"items": [COLOR]}}))
        await cluster.settle()
        assert await run_in(cluster, "a", "cat", "/v/color") == (0, "red")
        await cluster.client.patch(PODS, "default", "a", {"metadata": {"labels": {"color": "blue"}}})
        assert await run_in(cluster, "a", "cat", "/v/color") == (0, "blue")


async def test_optional_ones_come_and_go() -> None:
    async with cluster_with() as cluster:
        config = {"configMap": {"name": "c", "optional": True, "items": [{"key": "k", "path": "deep/er"}]}}
        secret = {"secret": {"name": "s", "optional": True}}
        await cluster.client.create(PODS, with_volume({"projected": {"sources": [config, secret]}}))
        await cluster.settle()
        metadata = {"namespace": "default"}
        assert await run_in(cluster, "a", "ls", "/v") == (0, "")
        await cluster.client.create(CONFIG_MAPS, {"metadata": {"name": "c", **metadata}, "data": {"k": "one", "x": ""}})
        await cluster.client.create(SECRETS, {"metadata": {"name": "s", **metadata}, "stringData": {"t": "two"}})
        assert await run_in(cluster, "a", "cat", "/v/deep/er", "/v/t") == (0, "onetwo")
        await cluster.client.delete(SECRETS, "default", "s")
        assert await run_in(cluster, "a", "ls", "/v") == (0, "deep\n")


async def test_a_group_may_read() -> None:
    async with cluster_with() as cluster:
        await cluster.client.create(PODS, with_volume({"downwardAPI": {"items": [COLOR]}}, fsGroup=1001))
        await cluster.settle()
        assert await run_in(cluster, "a", "stat", "-L", "-c", "%a %g", "/v/color", "/v") == (0, "440 1001\n3777 1001\n")
