"""kubectl apply, on the client's side and on the server's, and diff."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.served import Kubectl


def config_map(**data: str) -> str:
    return json.dumps({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "settings"}, "data": data})


def test_client_side_apply_removes_what_it_no_longer_says(kubectl: Kubectl) -> None:
    assert kubectl("apply", "-f", "-", input=config_map(a="1", b="2")) == "configmap/settings created\n"
    assert kubectl("apply", "-f", "-", input=config_map(a="1", b="2")) == "configmap/settings unchanged\n"
    kubectl("patch", "configmap", "settings", "--type=merge", "-p", '{"data": {"theirs": "kept"}}')
    assert kubectl("apply", "-f", "-", input=config_map(a="3")) == "configmap/settings configured\n"
    assert kubectl.json("get", "configmap", "settings")["data"] == {"a": "3", "theirs": "kept"}


def test_server_side_apply_names_whoever_else_owns_a_field(kubectl: Kubectl) -> None:
    apply = ("apply", "--server-side", "-f", "-")
    assert kubectl(*apply, "--field-manager=one", input=config_map(a="1")) == "configmap/settings serverside-applied\n"
    refused = kubectl.fails(*apply, "--field-manager=two", input=config_map(a="2"))
    assert 'error: Apply failed with 1 conflict: conflict with "one": .data.a' in refused
    kubectl(*apply, "--field-manager=two", "--force-conflicts", input=config_map(a="2"))
    assert kubectl.json("get", "configmap", "settings")["data"] == {"a": "2"}
    managed = kubectl.json("get", "configmap", "settings", "--show-managed-fields")["metadata"]["managedFields"]
    assert [(entry["manager"], entry["operation"]) for entry in managed] == [("two", "Apply")]


def test_from_client_side_to_server_side(kubectl: Kubectl) -> None:
    kubectl("apply", "-f", "-", input=config_map(a="1", b="2"))
    kubectl("apply", "--server-side", "-f", "-", input=config_map(a="1"))
    assert kubectl.json("get", "configmap", "settings")["data"] == {"a": "1"}


def test_diff(kubectl: Kubectl) -> None:
    kubectl("apply", "-f", "-", input=config_map(a="1"))
    assert kubectl("diff", "-f", "-", input=config_map(a="1")) == ""
    done = kubectl.run("diff", "-f", "-", input=config_map(a="2"))
    assert done.returncode == 1
    assert '-  a: "1"' in done.stdout.splitlines()
    assert '+  a: "2"' in done.stdout.splitlines()
    assert kubectl.json("get", "configmap", "settings")["data"] == {"a": "1"}


def test_dry_run_on_the_server(kubectl: Kubectl) -> None:
    printed = kubectl("apply", "--dry-run=server", "-f", "-", input=config_map(a="1"))
    assert printed == "configmap/settings created (server dry run)\n"
    assert "NotFound" in kubectl.fails("get", "configmap", "settings")


@pytest.mark.parametrize(
    ("obj", "complaint"),
    [
        pytest.param(
            {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "No_Name"}},
            'The ConfigMap "No_Name" is invalid: metadata.name: Invalid value: "No_Name": a lowercase RFC 1123',
            id="invalid",
        ),
        pytest.param(
            {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "x"}, "dta": {}},
            'ConfigMap in version "v1" cannot be handled as a ConfigMap: strict decoding error: unknown field "dta"',
            id="unknown field",
        ),
        pytest.param(
            {"apiVersion": "v1", "kind": "Unheard", "metadata": {"name": "x"}},
            'no matches for kind "Unheard" in version "v1"',
            id="unknown kind",
        ),
        pytest.param(
            {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "x", "namespace": "nowhere"}},
            'namespaces "nowhere" not found',
            id="unknown namespace",
        ),
    ],
)
def test_refusals(kubectl: Kubectl, obj: dict[str, Any], complaint: str) -> None:
    assert complaint in kubectl.fails("apply", "-f", "-", input=json.dumps(obj))
