"""What kubectl shows of pods that fit nowhere, or that make room."""

from __future__ import annotations

import json
from typing import Any

from tests.served import Kubectl


def pod(name: str, **spec: Any) -> str:
    containers = [{"name": "web", "image": "web", **spec.pop("container", {})}]
    made = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "labels": {"app": name}}}
    return json.dumps({**made, "spec": {"containers": containers, **spec}})


def test_a_pod_that_fits_nowhere(kubectl: Kubectl) -> None:
    kubectl("create", "-f", "-", input=pod("big", container={"resources": {"requests": {"cpu": "900"}}}))
    kubectl("wait", "pod/big", "--for=condition=PodScheduled=false", "--timeout=20s")
    message = (
        "0/3 nodes are available: 3 Insufficient cpu. "
        "no new claims to deallocate, preemption: 0/3 nodes are available: 3 Preemption is not helpful for scheduling."
    )
    assert kubectl("get", "pod", "big", "-o", "jsonpath={.status.conditions[0].message}") == message
    kubectl("wait", "pod/big", "--for=jsonpath={.status.conditions[0].reason}=Unschedulable", "--timeout=20s")
    described = kubectl("describe", "pod", "big")
    assert "FailedScheduling" in described and message in described


def test_pods_that_keep_apart(kubectl: Kubectl) -> None:
    term = {"labelSelector": {"matchLabels": {"team": "apart"}}, "topologyKey": "kubernetes.io/hostname"}
    affinity = {"podAntiAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [term]}}
    template = {
        "metadata": {"labels": {"team": "apart"}},
        "spec": {"affinity": affinity, "containers": [{"name": "web", "image": "web"}]},
    }
    selector = {"matchLabels": {"team": "apart"}}
    spec = {"replicas": 4, "selector": selector, "template": template}
    deployment = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "apart"}, "spec": spec}
    kubectl("create", "-f", "-", input=json.dumps(deployment))
    kubectl("wait", "deployment/apart", "--for=jsonpath={.status.readyReplicas}=3", "--timeout=20s")
    nodes = kubectl("get", "pods", "-l", "team=apart", "-o", "jsonpath={.items[*].spec.nodeName}").split()
    assert sorted(nodes) == ["node-1", "node-2", "node-3"]
    events = kubectl(
        "get", "events", "--field-selector", "reason=FailedScheduling", "-o", "jsonpath={.items[*].message}"
    )
    assert "0/3 nodes are available: 3 node(s) didn't match pod anti-affinity rules. no new claims" in events
