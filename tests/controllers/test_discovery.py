"""Controllers are found by walking the package."""

from __future__ import annotations

from minikube_py.controllers import discover

NETWORK = {
    "endpointslice-mirroring-controller": ("endpointslicemirroring",),
    "node-ipam-controller": ("nodeipam",),
    "persistentvolume-attach-detach-controller": ("attachdetach",),
    "service-cidr-controller": (),
    "service-lb-controller": ("service",),
    "ttl-controller": ("ttl",),
}


def test_names_are_unique_and_upstreams() -> None:
    found = discover()
    names = [each.name for each in found] + [alias for each in found for alias in each.aliases]
    assert len(names) == len(set(names))
    assert {"deployment-controller", "replicaset-controller"} <= set(names)
    assert {each.name: each.aliases for each in found if each.name in NETWORK} == NETWORK
    assert all(each.name.endswith("-controller") and each.name == each.name.lower() for each in found)
