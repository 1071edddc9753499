"""kubectl with claims and volumes: a claim is bound, grows, and its deletion ends."""

from __future__ import annotations

import json
from typing import Any

from minikube_py.machinery.gvr import Object
from tests.served import Kubectl


def claim(name: str, **spec: Any) -> str:
    wanted = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}, **spec}
    made: Object = {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": name}, "spec": wanted}
    return json.dumps(made)


def test_a_claim_is_bound_grows_and_ends(kubectl: Kubectl) -> None:
    kubectl("create", "-f", "-", input=claim("db"))
    kubectl("wait", "pvc/db", "--for=jsonpath={.status.phase}=Bound", "--timeout=20s")
    status, volume, size, modes, kind = kubectl("get", "pvc", "db", "--no-headers").split()[1:6]
    assert (status, size, modes, kind) == ("Bound", "1Gi", "RWO", "standard")
    assert "Delete           Bound" in kubectl("get", "pv", volume)
    kubectl("patch", "pvc", "db", "-p", '{"spec": {"resources": {"requests": {"storage": "2Gi"}}}}')
    kubectl("wait", "pvc/db", "--for=jsonpath={.status.capacity.storage}=2Gi", "--timeout=20s")
    assert "ProvisioningSucceeded" in kubectl("describe", "pvc", "db")
    # Returns once the claim is gone, which its protection finalizer would never let it be by itself.
    kubectl("delete", "pvc", "db", "--timeout=20s")
    assert "not found" in kubectl.fails("get", "pvc", "db")
    kubectl("wait", f"pv/{volume}", "--for=delete", "--timeout=20s")


def test_the_standard_class(kubectl: Kubectl) -> None:
    assert "standard (default)   minikube-py.io/simulated   Delete" in kubectl("get", "storageclass")
