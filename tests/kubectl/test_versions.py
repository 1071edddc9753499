"""The newest kubectl against servers that answer as older versions."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.served import Kubectl, Served


@pytest.mark.parametrize("version", ["1.25", "1.29", "1.33", "1.36"])
def test_hello_world(tmp_path: Path, examples: Path, version: str) -> None:
    served = Served(tmp_path, f"--kubernetes-version={version}")
    kubectl = Kubectl(tmp_path, served.kubeconfig)
    assert f"Server Version: v{version}." in kubectl("version")
    kubectl("apply", "-f", str(examples / "hello-world.yaml"))
    kubectl("rollout", "status", "deployment/hello-world", "--timeout=20s")
    kubectl("apply", "--server-side", "--force-conflicts", "-f", str(examples / "hello-world.yaml"))
    assert kubectl("get", "deployment", "hello-world", "--no-headers").split()[:2] == ["hello-world", "3/3"]
    assert {node.split()[4] for node in kubectl("get", "nodes", "--no-headers").splitlines()} == {f"v{version}.0"}
    assert "deployments" in kubectl("api-resources", "--api-group=apps")
    kubectl("explain", "deployment.spec.template")
    assert served.stop() == ""
