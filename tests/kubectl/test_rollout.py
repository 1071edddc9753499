"""kubectl rollout: status, history, undo, restart, pause, resume."""

from __future__ import annotations

import pytest

from tests.served import Kubectl, Served


@pytest.fixture
def web(kubectl: Kubectl) -> Kubectl:
    """A Deployment at its second revision."""
    kubectl("create", "deployment", "web", "--image=nginx:1.27", "--replicas=2")
    kubectl("rollout", "status", "deployment/web", "--timeout=10s")
    kubectl("set", "image", "deployment/web", "nginx=nginx:1.28")
    assert kubectl("rollout", "status", "deployment/web", "--timeout=10s").endswith(
        'deployment "web" successfully rolled out\n'
    )
    return kubectl


def image(kubectl: Kubectl) -> str:
    return kubectl("get", "deployment", "web", "-o", "jsonpath={..containers[0].image}")


def test_history(web: Kubectl) -> None:
    assert web("rollout", "history", "deployment/web").splitlines() == [
        "deployment.apps/web ",
        "REVISION  CHANGE-CAUSE",
        "1         <none>",
        "2         <none>",
        "",
    ]
    assert "nginx:1.27" in web("rollout", "history", "deployment/web", "--revision=1")


def test_undo(web: Kubectl) -> None:
    assert web("rollout", "undo", "deployment/web") == "deployment.apps/web rolled back\n"
    web("rollout", "status", "deployment/web", "--timeout=10s")
    assert image(web) == "nginx:1.27"
    told = web("rollout", "history", "deployment/web").splitlines()
    assert [line.split()[0] for line in told[2:-1]] == ["2", "3"]
    assert "unable to find specified revision 1 in history" in web.fails(
        "rollout", "undo", "deployment/web", "--to-revision=1"
    )


def test_restart_makes_new_pods(web: Kubectl) -> None:
    before = web("get", "pods", "--field-selector=status.phase=Running", "-o", "name").split()
    assert web("rollout", "restart", "deployment/web") == "deployment.apps/web restarted\n"
    web("rollout", "status", "deployment/web", "--timeout=10s")
    web("wait", "--for=delete", *before, "--timeout=40s")
    assert web("get", "pods", "-o", "name").count("\n") == 2


def test_pause_and_resume(web: Kubectl, served: Served) -> None:
    assert web("rollout", "pause", "deployment/web") == "deployment.apps/web paused\n"
    web("set", "image", "deployment/web", "nginx=nginx:1.29")
    served.settle()
    assert web("get", "rs", "-o", "name").count("\n") == 2
    assert "is already paused" in web.fails("rollout", "pause", "deployment/web")
    assert web("rollout", "resume", "deployment/web") == "deployment.apps/web resumed\n"
    web("rollout", "status", "deployment/web", "--timeout=10s")
    assert web("get", "rs", "-o", "name").count("\n") == 3
