"""`minikube-py why` and `minikube-py trace`: what the system says of what it did."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.served import Kubectl, Served


def minikube_py(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "minikube_py.cli", *arguments], capture_output=True, text=True, timeout=20
    )


@pytest.fixture
def hello_world(kubectl: Kubectl, examples: Path) -> Kubectl:
    kubectl("apply", "-f", str(examples / "hello-world.yaml"))
    kubectl("rollout", "status", "deployment/hello-world", "--timeout=10s")
    return kubectl


def test_why_a_pod_is_there(hello_world: Kubectl, served: Served) -> None:
    pod = hello_world.json("get", "pods", "-l", "app=hello-world")["items"][0]
    done = minikube_py("why", f"pod/{pod['metadata']['name']}", "-n", hello_world.namespace, "--server", served.url)
    assert done.returncode == 0, done.stderr
    told = done.stdout
    assert re.search(r"^  created at \d+ by replicaset-controller on ", told, re.M)
    assert re.search(r"because replicasets.apps \S+ was created at \d+ by deployment-controller on ", told)
    applied = rf"POST /apis/apps/v1/namespaces/{hello_world.namespace}/deployments by system:admin \(kubectl/"
    assert re.search(rf"because deployments.apps \S+/hello-world was created at \d+ by {applied}", told)
    assert re.search(r"^  changed at \d+ by default-scheduler on ", told, re.M)
    assert re.search(rf"^  changed at \d+ by kubelet {pod['spec']['nodeName']} on ", told, re.M)


def test_why_in_json(hello_world: Kubectl, served: Served) -> None:
    done = minikube_py(
        "why", "deploy/hello-world", "-n", hello_world.namespace, "--server", served.address, "-o", "json"
    )
    history = json.loads(done.stdout)["history"]
    assert history[0][0]["type"] == "ADDED"
    assert history[0][0]["cause"]["kind"] == "request"
    assert {links[0]["cause"]["actor"] for links in history[1:]} == {"deployment-controller"}


@pytest.mark.parametrize(
    ("what", "complaint"),
    [
        pytest.param("pod/gone", 'pods "gone" not found', id="no such object"),
        pytest.param("unheard/x", "the server doesn't have a resource type 'unheard'", id="no such kind"),
        pytest.param("pod", "why: pod is not of the form KIND/NAME", id="no name"),
    ],
)
def test_why_of_nothing(served: Served, what: str, complaint: str) -> None:
    done = minikube_py("why", what, "--server", served.url)
    assert (done.returncode, done.stdout, done.stderr) == (1, "", f"minikube-py: {complaint}\n")


def test_no_server() -> None:
    done = minikube_py("why", "pod/x", "--server", "http://127.0.0.1:1")
    assert done.returncode == 1
    assert done.stderr.startswith("minikube-py: no control plane at http://127.0.0.1:1: ")
    assert done.stderr.count("\n") == 1


def test_trace(hello_world: Kubectl, served: Served) -> None:
    told = minikube_py("trace", "--server", served.url).stdout
    where = re.escape(f"{hello_world.namespace}/hello-world")
    assert re.search(rf"^deployment-controller on Deployment {where} \(waited [\d.]+ ms, took [\d.]+ ms", told, re.M)
    for line in minikube_py("trace", "--server", served.url, "-o", "json").stdout.splitlines():
        assert json.loads(line)["kind"] == "reconcile"


def test_trace_follows(kubectl: Kubectl, served: Served) -> None:
    arguments = [sys.executable, "-m", "minikube_py.cli", "trace", "--follow", "--server", served.url]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True) as tracing:
        assert tracing.stdout is not None
        tracing.stdout.readline()  # it is connected once it shows what was before
        kubectl("create", "deployment", "web", "--image=nginx")
        for line in tracing.stdout:
            if f"replicaset-controller on ReplicaSet {kubectl.namespace}/web-" in line:
                break
        tracing.terminate()
