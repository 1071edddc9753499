"""Levels of pod security and roles that gather others, as kubectl shows them."""

from __future__ import annotations

import json

from tests.served import Kubectl, Served

LEVEL = "pod-security.kubernetes.io/enforce"


def privileged(kind: str = "Pod") -> str:
    container = {"name": "c", "image": "nginx", "securityContext": {"privileged": True}}
    spec = {"containers": [container]}
    if kind == "Pod":
        return json.dumps({"apiVersion": "v1", "kind": kind, "metadata": {"name": "p"}, "spec": spec})
    labels = {"app": "p"}
    template = {"metadata": {"labels": labels}, "spec": spec}
    workload = {"selector": {"matchLabels": labels}, "template": template}
    return json.dumps({"apiVersion": "apps/v1", "kind": kind, "metadata": {"name": "p"}, "spec": workload})


def test_a_level_of_security(served: Served, kubectl: Kubectl) -> None:
    kubectl("apply", "-f", "-", input=privileged())
    labelled = kubectl.run("label", "namespace", kubectl.namespace, f"{LEVEL}=baseline")
    assert labelled.returncode == 0 and labelled.stderr.splitlines() == [
        f'Warning: existing pods in namespace "{kubectl.namespace}" violate the new PodSecurity enforce level '
        '"baseline:latest"',
        "Warning: p: privileged",
    ]
    violates = (
        'violate PodSecurity "baseline:latest": privileged (container "c" must not set securityContext.privileged=true)'
    )
    kubectl("delete", "pod", "p", "--now")
    refused = kubectl.run("apply", "-f", "-", input=privileged())
    assert refused.returncode == 1
    assert f'pods "p" is forbidden: {violates.replace("violate ", "violates ")}' in refused.stderr
    warned = kubectl.run("apply", "-f", "-", input=privileged("Deployment"))
    assert (warned.returncode, warned.stderr) == (0, f"Warning: would {violates}\n")
    served.settle()
    events = kubectl("get", "events", "--field-selector=reason=FailedCreate", "-o", "jsonpath={.items[*].message}")
    assert violates.replace("violate ", "violates ") in events
    kubectl("delete", "deployment", "p")
    served.settle()
    served.complaints()  # of the pods that could not be created


def test_roles_that_gather_others(served: Served, kubectl: Kubectl) -> None:
    path = "jsonpath={.rules[*].resources[*]}"
    before = kubectl("get", "clusterrole", "view", "-o", path).split()
    assert "configmaps" in before and "secrets" not in before
    assert "secrets" in kubectl("get", "clusterrole", "edit", "-o", path).split()
    name = f"crontabs-{kubectl.namespace}"
    kubectl("create", "clusterrole", name, "--verb=get", "--resource=leases.coordination.k8s.io")
    kubectl("label", "clusterrole", name, "rbac.authorization.k8s.io/aggregate-to-view=true")
    served.settle()
    for role in ("view", "edit", "admin"):
        assert "leases" in kubectl("get", "clusterrole", role, "-o", path).split()
    kubectl("delete", "clusterrole", name)
    served.settle()
    assert kubectl("get", "clusterrole", "view", "-o", path).split() == before
