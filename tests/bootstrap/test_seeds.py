"""What is put into the store at once is what a create, and an apply of the status, would have made of it."""

from __future__ import annotations

import orjson
import pytest

from minikube_py.api.local import LocalClient
from minikube_py.bootstrap import seeds_of
from minikube_py.bootstrap.seed import Seed, Sower
from minikube_py.client.protocol import APPLY_PATCH
from minikube_py.cluster import Cluster
from minikube_py.machinery.clock import rfc3339
from minikube_py.machinery.gvr import GroupVersionResource, Object
from minikube_py.machinery.wellknown import NAMESPACES
from minikube_py.store import Key

SERVICE_CIDR = "10.96.0.0/16"
VERSIONS = ("1.26", "1.27", "1.28", "1.30", "1.36", "1.37")


def _cluster(version: str) -> Cluster:
    return Cluster(port=None, kubernetes_version=version, clock="virtual", seed=1)


def _written_as(seed: Seed) -> GroupVersionResource:
    """The resource by which a client writes it."""
    api_version = seed.written_as or seed.kind.api_version
    group, _, version = api_version.rpartition("/")
    return GroupVersionResource(group, version, seed.resource.partition(".")[0])


async def _created(cluster: Cluster, seed: Seed) -> Object:
    """What is stored when it is written in the ordinary way."""
    resource = _written_as(seed)
    client = LocalClient(cluster.registry, seed.manager)
    metadata: Object = {"name": seed.name, "labels": seed.labels, "annotations": seed.annotations}
    if seed.namespace:
        metadata["namespace"] = seed.namespace
    found = cluster.registry.catalog.find(resource)
    assert found is not None
    body = found.hub.from_hub(seed.body) if found.hub is not None else seed.body
    api_version = seed.written_as or seed.kind.api_version
    draft: Object = {"kind": seed.kind.kind, "metadata": metadata, **body, "apiVersion": api_version}
    await client.create(resource, orjson.loads(orjson.dumps(draft)))
    condition = seed.condition
    if condition is not None and condition.manager:
        given: Object = {
            "type": condition.type,
            "status": condition.status,
            "lastTransitionTime": rfc3339(cluster.clock.now()),
            "reason": condition.reason,
            "message": condition.message,
        }
        if not condition.reason:
            del given["reason"]
        patch = {"apiVersion": api_version, "kind": seed.kind.kind, "status": {"conditions": [given]}}
        await client.patch(
            resource,
            "",
            seed.name,
            {**patch, "metadata": {"name": seed.name}},
            patch_type=APPLY_PATCH,
            subresource="status",
            field_manager=condition.manager,
            force=True,
        )
    return _stored(cluster, seed)


def _key(seed: Seed) -> Key:
    return Key(seed.resource, seed.namespace, seed.name)


def _stored(cluster: Cluster, seed: Seed) -> Object:
    stored = cluster.store.get(_key(seed))
    assert stored is not None
    metadata = {**stored.object["metadata"], "uid": ""}
    del metadata["resourceVersion"]
    return {**stored.object, "metadata": metadata}


@pytest.mark.parametrize("version", VERSIONS)
async def test_seeds_are_what_creates_make(version: str) -> None:
    sown, created = _cluster(version), _cluster(version)
    seeds = seeds_of(sown.registry.catalog, SERVICE_CIDR)
    Sower(sown.registry).sow(seeds)
    for name in ("kube-system", "kube-public"):
        await created.client.create(NAMESPACES, {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})
    for seed in seeds:
        wanted = await _created(created, seed)
        assert orjson.dumps(_stored(sown, seed)) == orjson.dumps(wanted), seed.name
