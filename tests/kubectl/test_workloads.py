"""kubectl rollout with StatefulSets and DaemonSets: status, history, undo, restart."""

from __future__ import annotations

import json

import pytest

from minikube_py.machinery.gvr import Object
from tests.served import Kubectl

TEMPLATE = {"metadata": {"labels": {"app": "web"}}, "spec": {"containers": [{"name": "web", "image": "nginx:1.27"}]}}
SELECTOR = {"matchLabels": {"app": "web"}}

STATEFUL_SET = {
    "apiVersion": "apps/v1",
    "kind": "StatefulSet",
    "metadata": {"name": "web"},
    "spec": {"replicas": 2, "serviceName": "web", "selector": SELECTOR, "template": TEMPLATE},
}
DAEMON_SET = {
    "apiVersion": "apps/v1",
    "kind": "DaemonSet",
    "metadata": {"name": "web"},
    "spec": {"selector": SELECTOR, "template": TEMPLATE},
}

SAID = {
    # A StatefulSet's partition is defaulted to 0, which kubectl takes for one that was asked for.
    "statefulset": "partitioned roll out complete: 2 new pods have been updated...",
    "daemonset": 'daemon set "web" successfully rolled out',
}

KINDS = [
    pytest.param("statefulset", STATEFUL_SET, id="statefulset"),
    pytest.param("daemonset", DAEMON_SET, id="daemonset"),
]


def roll_out(kubectl: Kubectl, kind: str, made: Object) -> str:
    """To the second revision; what the status says at its end."""
    kubectl("create", "-f", "-", input=json.dumps(made))
    kubectl("rollout", "status", f"{kind}/web", "--timeout=40s")
    kubectl("set", "image", f"{kind}/web", "web=nginx:1.28")
    return kubectl("rollout", "status", f"{kind}/web", "--timeout=40s").splitlines()[-1]


def images(kubectl: Kubectl) -> set[str]:
    found = kubectl("get", "pods", "-l", "app=web", "-o", "jsonpath={.items[*].spec.containers[0].image}")
    return set(found.split())


@pytest.mark.parametrize(("kind", "made"), KINDS)
def test_rollout_status_history_and_undo(kubectl: Kubectl, kind: str, made: Object) -> None:
    said = roll_out(kubectl, kind, made)
    assert said == SAID[kind]
    assert images(kubectl) == {"nginx:1.28"}
    assert kubectl("rollout", "history", f"{kind}/web").splitlines() == [
        f"{kind}.apps/web ",
        "REVISION  CHANGE-CAUSE",
        "1         <none>",
        "2         <none>",
        "",
    ]
    assert "nginx:1.27" in kubectl("rollout", "history", f"{kind}/web", "--revision=1")
    assert kubectl("rollout", "undo", f"{kind}/web") == f"{kind}.apps/web rolled back\n"
    kubectl("rollout", "status", f"{kind}/web", "--timeout=40s")
    assert images(kubectl) == {"nginx:1.27"}
    told = kubectl("rollout", "history", f"{kind}/web").splitlines()
    assert [line.split()[0] for line in told[2:-1]] == ["2", "3"]


def test_restart_and_columns(kubectl: Kubectl) -> None:
    roll_out(kubectl, "statefulset", STATEFUL_SET)
    assert kubectl("rollout", "restart", "statefulset/web") == "statefulset.apps/web restarted\n"
    kubectl("rollout", "status", "statefulset/web", "--timeout=40s")
    assert [row[:2] for row in kubectl.rows("get", "statefulset")] == [["web", "2/2"]]
    assert [row[0] for row in kubectl.rows("get", "pods")] == ["web-0", "web-1"]
    owners = [row[1:3] for row in kubectl.rows("get", "controllerrevisions")]
    assert sorted(owners) == [["statefulset.apps/web", str(number)] for number in (1, 2, 3)]


def test_daemon_set_columns(kubectl: Kubectl) -> None:
    kubectl("create", "-f", "-", input=json.dumps(DAEMON_SET))
    kubectl("rollout", "status", "daemonset/web", "--timeout=40s")
    nodes = len(kubectl.rows("get", "nodes"))
    assert kubectl.rows("get", "daemonset")[0][:7] == ["web", *[str(nodes)] * 5, "<none>"]
