"""kubectl with --server=localhost:PORT alone: no kubeconfig anywhere, as the first session of the README has it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.served import Kubectl, Served


@pytest.fixture
def bare(served: Served, namespace: str, tmp_path: Path) -> Kubectl:
    """In the namespace that --namespace names; the home directory is empty."""
    return Kubectl(tmp_path, None, namespace, f"--server={served.address}", f"--namespace={namespace}")


def test_a_day_with_it(bare: Kubectl, examples: Path) -> None:
    bare("apply", "-f", str(examples / "hello-world.yaml"))
    bare("rollout", "status", "deployment/hello-world", "--timeout=10s")
    assert bare("get", "deployment", "hello-world", "--no-headers").split()[1] == "3/3"
    bare("apply", "--server-side", "--force-conflicts", "-f", str(examples / "hello-world.yaml"))
    bare("create", "configmap", "settings", "--from-literal=a=1")
    bare("run", "shell", "--image=busybox")
    bare("expose", "deployment", "hello-world", "--port=80", "--name=exposed")
    bare("label", "pod", "shell", "tier=back")
    bare("annotate", "pod", "shell", "note=hello")
    bare("set", "image", "deployment/hello-world", "hello-world=hello:2")
    bare("rollout", "status", "deployment/hello-world", "--timeout=10s")
    assert "REVISION" in bare("rollout", "history", "deployment/hello-world")
    bare("rollout", "undo", "deployment/hello-world")
    bare("scale", "deployment", "hello-world", "--replicas=1")
    bare("wait", "--for=condition=Available", "deployment/hello-world", "--timeout=10s")
    bare("edit", "configmap", "settings", env={"KUBE_EDITOR": 'sed -i \'s/a: "1"/a: "2"/\''})
    assert bare("get", "configmap", "settings", "-o", "jsonpath={.data.a}") == "2"
    assert "Name:" in bare("describe", "deployment", "hello-world")
    assert "KIND:       Pod" in bare("explain", "pod")
    assert bare("diff", "-f", "-", input=bare("get", "configmap", "settings", "-o", "yaml")) == ""
    bare("logs", "shell")
    bare("delete", "deployment,service,configmap", "--all", "--wait=false")


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "http://localhost", "http://127.0.0.1"])
def test_ways_to_name_it(served: Served, tmp_path: Path, host: str) -> None:
    port = served.url.rpartition(":")[2]
    kubectl = Kubectl(tmp_path, None, "default", f"--server={host}:{port}")
    assert kubectl("get", "namespace", "default", "-o", "name") == "namespace/default\n"


def test_discovery(bare: Kubectl) -> None:
    assert "deployments" in bare("api-resources")
    assert "apps/v1" in bare("api-versions").split()
    assert "node-1" in bare("top", "nodes")
