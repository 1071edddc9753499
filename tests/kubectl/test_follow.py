"""kubectl that stays: get --watch, rollout status, wait for what is not there yet."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager

from tests.served import Kubectl, Served


@contextmanager
def lines_of(kubectl: Kubectl, *arguments: str) -> Iterator[Iterator[str]]:
    """What it prints, line by line, until the block is left."""
    with kubectl.start(*arguments) as process:
        assert process.stdout is not None
        try:
            yield iter(process.stdout)
        finally:
            process.terminate()


def test_get_watch(kubectl: Kubectl, served: Served) -> None:
    kubectl("create", "configmap", "one")
    watch = ("get", "configmaps", "--watch", "--field-selector=metadata.name!=kube-root-ca.crt")
    with lines_of(kubectl, *watch, "--no-headers", "--output-watch-events") as lines:
        assert next(lines).split()[:2] == ["ADDED", "one"]
        maps = f"/api/v1/namespaces/{kubectl.namespace}/configmaps"
        served.request(maps, {"metadata": {"name": "two"}, "data": {"a": "1"}})
        assert next(lines).split()[:3] == ["ADDED", "two", "1"]
        served.request(f"{maps}/two", method="DELETE")
        assert next(lines).split()[:2] == ["DELETED", "two"]


def test_watch_of_one_object_in_json(kubectl: Kubectl) -> None:
    kubectl("create", "deployment", "web", "--image=nginx", "--replicas=0")
    with lines_of(kubectl, "get", "deployment", "web", "--watch", "-o", "jsonpath={.spec.replicas}{'\\n'}") as lines:
        assert next(lines) == "0\n"
        kubectl("scale", "deployment", "web", "--replicas=2")
        assert "2\n" in lines


def test_logs_tell_what_a_pre_stop_hook_says_until_the_pod_is_gone(kubectl: Kubectl) -> None:
    hook = {"exec": {"command": ["sh", "-c", "echo draining > /proc/1/fd/1; sleep 0.2; echo drained > /proc/1/fd/1"]}}
    script = "trap 'echo bye; exit' TERM; echo up; while true; do sleep 1 & wait; done"
    box = {"name": "box", "image": "busybox", "command": ["sh", "-c", script], "lifecycle": {"preStop": hook}}
    made = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "box"}, "spec": {"containers": [box]}}
    kubectl("create", "-f", "-", input=json.dumps(made))
    kubectl("wait", "--for=condition=Ready", "pod/box", "--timeout=20s")
    with lines_of(kubectl, "logs", "-f", "box") as lines:
        assert next(lines) == "up\n"
        kubectl("delete", "pod", "box")
        assert list(lines) == ["draining\n", "drained\n", "bye\n"]


def test_a_failed_post_start_hook_is_seen(kubectl: Kubectl) -> None:
    hook = {"exec": {"command": ["sh", "-c", "echo no >&2; exit 3"]}}
    box = {"name": "box", "image": "nginx", "lifecycle": {"postStart": hook}}
    spec = {"containers": [box], "restartPolicy": "Never"}
    made = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "box"}, "spec": spec}
    kubectl("create", "-f", "-", input=json.dumps(made))
    kubectl("wait", "--for=jsonpath={.status.phase}=Failed", "pod/box", "--timeout=20s")
    described = kubectl("describe", "pod", "box")
    assert "FailedPostStartHook" in described and "PostStartHook failed" in described


def test_wait_for_what_is_created_later(kubectl: Kubectl) -> None:
    with kubectl.start("wait", "--for=create", "configmap/later", "--timeout=20s") as process:
        kubectl("create", "configmap", "later")
        assert process.wait(20) == 0


def test_rollout_status_follows(kubectl: Kubectl) -> None:
    deployment = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "web"},
        "spec": {
            "paused": True,
            "selector": {"matchLabels": {"app": "web"}},
            "template": {
                "metadata": {"labels": {"app": "web"}},
                "spec": {"containers": [{"name": "web", "image": "nginx"}]},
            },
        },
    }
    kubectl("create", "-f", "-", input=json.dumps(deployment))
    with lines_of(kubectl, "rollout", "status", "deployment/web", "--timeout=20s") as lines:
        assert next(lines).startswith("Waiting for deployment")
        kubectl("rollout", "resume", "deployment/web")
        assert list(lines)[-1] == 'deployment "web" successfully rolled out\n'
