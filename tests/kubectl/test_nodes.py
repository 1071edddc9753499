"""Nodes as an administrator handles them: taint, cordon, drain. On nodes of the test's own server."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.served import Kubectl, Served


@pytest.fixture
def kubectl(tmp_path: Path) -> Iterator[Kubectl]:
    """Against a server of its own, with two nodes."""
    served = Served(tmp_path, "--nodes=2")
    yield Kubectl(tmp_path, served.kubeconfig)
    assert served.stop() == ""


def nodes_of_pods(kubectl: Kubectl) -> set[str]:
    kubectl("rollout", "status", "deployment/web", "--timeout=20s")
    running = ("get", "pods", "-o", "jsonpath={.items[?(@.status.phase=='Running')].spec.nodeName}")
    return set(kubectl(*running).split())


def test_taint_and_drain(kubectl: Kubectl) -> None:
    assert kubectl("taint", "node", "node-1", "for=others:NoSchedule") == "node/node-1 tainted\n"
    kubectl("create", "deployment", "web", "--image=nginx", "--replicas=3")
    assert nodes_of_pods(kubectl) == {"node-2"}
    assert kubectl("taint", "node", "node-1", "for-") == "node/node-1 untainted\n"
    drained = kubectl("drain", "node-2").splitlines()
    assert drained[0] == "node/node-2 cordoned"
    assert sum(line.endswith(" evicted") for line in drained) == 3
    assert drained[-1] == "node/node-2 drained"
    assert nodes_of_pods(kubectl) == {"node-1"}
    assert "SchedulingDisabled" in kubectl("get", "node", "node-2")
    assert kubectl("uncordon", "node-2") == "node/node-2 uncordoned\n"


def test_no_room(kubectl: Kubectl) -> None:
    kubectl("cordon", "node-1", "node-2")
    kubectl("run", "web", "--image=nginx")
    kubectl("wait", "--for=jsonpath={.status.conditions[0].reason}=Unschedulable", "pod/web", "--timeout=20s")
    assert "0/2 nodes are available: 2 node(s) were unschedulable." in kubectl("describe", "pod", "web")
    kubectl("uncordon", "node-1")
    kubectl("wait", "--for=condition=Ready", "pod/web", "--timeout=20s")


def apply(kubectl: Kubectl, *objects: dict[str, Any]) -> None:
    kubectl("apply", "-f", "-", input=json.dumps({"apiVersion": "v1", "kind": "List", "items": objects}))


def pod_template(name: str, **spec: Any) -> dict[str, Any]:
    containers = [{"name": "c", "image": "nginx"}]
    return {"metadata": {"labels": {"app": name}}, "spec": {"containers": containers, **spec}}


def workload(kind: str, name: str, **spec: Any) -> dict[str, Any]:
    base = {"selector": {"matchLabels": {"app": name}}, "template": pod_template(name)}
    return {"apiVersion": "apps/v1", "kind": kind, "metadata": {"name": name}, "spec": {**base, **spec}}


def test_drain_keeps_to_a_budget(kubectl: Kubectl) -> None:
    """What the budget forbids is tried again until it is allowed."""
    kubectl("cordon", "node-1")
    kubectl("create", "deployment", "web", "--image=nginx", "--replicas=2")
    kubectl("create", "poddisruptionbudget", "web", "--selector=app=web", "--min-available=2")
    assert nodes_of_pods(kubectl) == {"node-2"}
    kubectl("wait", "--for=jsonpath={.status.currentHealthy}=2", "pdb/web", "--timeout=20s")
    refused = kubectl.fails("drain", "node-2", "--timeout=1s")
    assert refused.count("Cannot evict pod as it would violate the pod's disruption budget.") == 2
    assert refused.count("(will retry after 5s)") == 2
    assert "global timeout reached: 1s" in refused
    assert nodes_of_pods(kubectl) == {"node-2"}

    kubectl("patch", "pdb", "web", "--patch", '{"spec": {"minAvailable": 1}}')
    kubectl("wait", "--for=jsonpath={.status.disruptionsAllowed}=1", "pdb/web", "--timeout=20s")
    kubectl("uncordon", "node-1")
    done = kubectl.run("drain", "node-2", "--timeout=30s")
    assert done.returncode == 0 and done.stdout.endswith("node/node-2 drained\n"), done.stderr
    # The first went at once, the second when the first was replaced.
    assert done.stderr.count("Cannot evict pod as it would violate the pod's disruption budget.") == 1
    assert nodes_of_pods(kubectl) == {"node-1"}


def test_drain_asks_before_it_loses_anything(kubectl: Kubectl) -> None:
    cache = {"volumes": [{"name": "cache", "emptyDir": {}}]}
    kubectl("cordon", "node-1")
    apply(
        kubectl,
        workload("DaemonSet", "agent"),
        workload("Deployment", "web", replicas=1, template=pod_template("web", **cache)),
        {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "alone"}, "spec": pod_template("alone")["spec"]},
    )
    kubectl("rollout", "status", "daemonset/agent", "--timeout=20s")
    kubectl("rollout", "status", "deployment/web", "--timeout=20s")
    kubectl("wait", "--for=condition=Ready", "pod", "--all", "--timeout=20s")
    said = kubectl.fails("drain", "node-2")
    assert "cannot delete DaemonSet-managed Pods (use --ignore-daemonsets to ignore): default/agent-" in said
    assert "cannot delete Pods with local storage (use --delete-emptydir-data to override): default/web-" in said
    assert "cannot delete" in said and "(use --force to override): default/alone" in said
    said = kubectl.fails("drain", "node-2", "--ignore-daemonsets", "--force")
    assert "--delete-emptydir-data" in said and "--ignore-daemonsets" not in said

    kubectl("uncordon", "node-1")
    done = kubectl("drain", "node-2", "--ignore-daemonsets", "--force", "--delete-emptydir-data", "--timeout=30s")
    assert "pod/alone evicted" in done and done.endswith("node/node-2 drained\n")
    left = kubectl("get", "pods", "-o", "jsonpath={.items[?(@.spec.nodeName=='node-2')].metadata.name}").split()
    assert len(left) == 1 and left[0].startswith("agent-")


def test_a_taint_drives_pods_out(kubectl: Kubectl) -> None:
    kubectl("cordon", "node-1")
    kubectl("create", "deployment", "web", "--image=nginx", "--replicas=2")
    assert nodes_of_pods(kubectl) == {"node-2"}
    before = kubectl("get", "pods", "-o", "name").split()
    kubectl("uncordon", "node-1")
    kubectl("taint", "node", "node-2", "broken=disk:NoExecute")
    kubectl("wait", "--for=delete", *before, "--timeout=40s")
    assert nodes_of_pods(kubectl) == {"node-1"}
    events = kubectl("get", "events", "--field-selector=reason=TaintManagerEviction", "-o", "jsonpath={..message}")
    assert events.count("Marking for deletion Pod default/web-") == 2
    assert "already has broken taint(s) with same effect(s)" in kubectl.fails(
        "taint", "node", "node-2", "broken=fan:NoExecute"
    )
    assert kubectl("taint", "node", "node-2", "broken=fan:NoExecute", "--overwrite") == "node/node-2 modified\n"
    assert "Taints:             broken=fan:NoExecute" in kubectl("describe", "node", "node-2")
    assert kubectl("taint", "node", "node-2", "broken:NoExecute-") == "node/node-2 untainted\n"
    assert 'taint "broken:NoExecute" not found' in kubectl.fails("taint", "node", "node-2", "broken:NoExecute-")
