"""What kubectl sends, caught by a server that answers every POST with a refusal."""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
from pathlib import Path
from typing import Any

import orjson
import pytest

from minikube_py.api import protobuf
from minikube_py.api.schema.decode import decode as canonical
from minikube_py.api.schema.schema import Schema
from minikube_py.machinery.gvr import GroupVersionKind

SCHEMA = Schema("1.37")
KUBECTL = shutil.which("kubectl", path=str(Path(sys.executable).parent)) or shutil.which("kubectl")
REFUSAL = orjson.dumps({"kind": "Status", "apiVersion": "v1", "status": "Failure", "message": "caught", "code": 403})

pytestmark = pytest.mark.skipif(KUBECTL is None, reason="no kubectl is installed")


class Catcher:
    """Keeps the bodies of POSTs."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while head := await _head(reader):
            lines = head.decode().split("\r\n")
            size = next((int(line.split(":")[1]) for line in lines if line.lower().startswith("content-length:")), 0)
            body = await reader.readexactly(size)
            if lines[0].startswith("POST"):
                self.bodies.append(body)
            reply = b"HTTP/1.1 403 Forbidden\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b"
            writer.write(reply % (len(REFUSAL), REFUSAL))
            await writer.drain()
        writer.close()


async def _head(reader: asyncio.StreamReader) -> bytes:
    try:
        return await reader.readuntil(b"\r\n\r\n")
    except (asyncio.IncompleteReadError, ConnectionError):
        return b""


async def _caught(arguments: str, home: Path) -> bytes:
    catcher = Catcher()
    server = await asyncio.start_server(catcher.serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    assert KUBECTL is not None
    command = [KUBECTL, *arguments.split(), f"--server=http://127.0.0.1:{port}"]
    environment = {**os.environ, "HOME": str(home), "KUBECONFIG": str(home / "none")}
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(*command, env=environment, stdout=pipe, stderr=pipe)
    await process.communicate()
    server.close()
    assert len(catcher.bodies) == 1
    return catcher.bodies[0]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        pytest.param(
            "create namespace n --validate=false",
            {"kind": "Namespace", "apiVersion": "v1", "metadata": {"name": "n"}, "spec": {}, "status": {}},
            id="namespace",
        ),
        pytest.param(
            "create secret generic s --from-literal=a=b --validate=false",
            {"kind": "Secret", "apiVersion": "v1", "metadata": {"name": "s"}, "data": {"a": "Yg=="}},
            id="secret",
        ),
        pytest.param(
            "create quota q --hard=cpu=1500m,pods=2 --validate=false",
            {
                "kind": "ResourceQuota",
                "apiVersion": "v1",
                "metadata": {"name": "q"},
                "spec": {"hard": {"cpu": "1500m", "pods": "2"}},
                "status": {},
            },
            id="quota",
        ),
        pytest.param(
            "create poddisruptionbudget b --selector=a=b --min-available=50% --validate=false",
            {
                "kind": "PodDisruptionBudget",
                "apiVersion": "policy/v1",
                "metadata": {"name": "b"},
                "spec": {"minAvailable": "50%", "selector": {"matchLabels": {"a": "b"}}},
                "status": {"currentHealthy": 0, "desiredHealthy": 0, "disruptionsAllowed": 0, "expectedPods": 0},
            },
            id="pod disruption budget",
        ),
        pytest.param(
            "create rolebinding r --clusterrole=view --user=u --validate=false",
            {
                "kind": "RoleBinding",
                "apiVersion": "rbac.authorization.k8s.io/v1",
                "metadata": {"name": "r"},
                "subjects": [{"kind": "User", "apiGroup": "rbac.authorization.k8s.io", "name": "u"}],
                "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "view"},
            },
            id="role binding",
        ),
        pytest.param(
            "create token default --duration=10m",
            {
                "kind": "TokenRequest",
                "apiVersion": "authentication.k8s.io/v1",
                "metadata": {},
                "spec": {"audiences": None, "expirationSeconds": 600, "boundObjectRef": None},
                "status": {"token": "", "expirationTimestamp": None},
            },
            id="token",
        ),
        pytest.param(
            "auth can-i get pods --subresource=log",
            {
                "kind": "SelfSubjectAccessReview",
                "apiVersion": "authorization.k8s.io/v1",
                "metadata": {},
                "spec": {
                    "resourceAttributes": {
                        "namespace": "default",
                        "verb": "get",
                        "resource": "pods",
                        "subresource": "log",
                    }
                },
                "status": {"allowed": False},
            },
            id="auth can-i",
        ),
    ],
)
async def test_kubectls_bodies(arguments: str, expected: dict[str, Any], tmp_path: Path) -> None:
    body = await _caught(arguments, tmp_path)
    tree = protobuf.decode(body, SCHEMA)
    kind = GroupVersionKind.of(tree)
    type = SCHEMA.type_for(kind)
    assert type is not None
    found = canonical(type, tree).object
    assert {**found, "kind": kind.kind, "apiVersion": kind.api_version} == expected
    assert protobuf.encode(tree, SCHEMA) == body
