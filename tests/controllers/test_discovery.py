"""Controllers are found by walking the package."""

from __future__ import annotations

from minikube_py.controllers import discover


def test_names_are_unique_and_upstreams() -> None:
    found = discover()
    names = [each.name for each in found] + [alias for each in found for alias in each.aliases]
    assert len(names) == len(set(names))
    assert {"deployment-controller", "replicaset-controller"} <= set(names)
    assert all(each.name.endswith("-controller") and each.name == each.name.lower() for each in found)
