"""kubectl get in every form of output, and with every way of choosing."""

from __future__ import annotations

import json

import pytest
import yaml

from tests.served import Kubectl


@pytest.fixture
def web(kubectl: Kubectl) -> Kubectl:
    """A namespace with a Deployment of two ready pods."""
    kubectl("create", "deployment", "web", "--image=nginx:1.27", "--replicas=2")
    kubectl("rollout", "status", "deployment/web", "--timeout=10s")
    return kubectl


@pytest.mark.parametrize(
    ("output", "expected"),
    [
        pytest.param("name", "deployment.apps/web\n", id="name"),
        pytest.param("jsonpath={.spec.template.spec.containers[*].image}", "nginx:1.27", id="jsonpath"),
        pytest.param(
            "custom-columns=NAME:.metadata.name,REPLICAS:.spec.replicas",
            "NAME   REPLICAS\nweb    2\n",
            id="custom-columns",
        ),
        pytest.param("go-template={{.metadata.name}}: {{.spec.replicas}}", "web: 2", id="go-template"),
        pytest.param(
            "go-template={{range .spec.template.spec.containers}}{{.image}}{{end}}",
            "nginx:1.27",
            id="go-template range",
        ),
    ],
)
def test_output(web: Kubectl, output: str, expected: str) -> None:
    assert web("get", "deployment", "web", "-o", output) == expected


def test_json_and_yaml_say_the_same(web: Kubectl) -> None:
    tree = json.loads(web("get", "deployment", "web", "-o", "json"))
    assert (
        yaml.load(web("get", "deployment", "web", "-o", "yaml"), yaml.BaseLoader)["metadata"]["uid"]
        == (tree["metadata"]["uid"])
    )
    assert tree["status"]["readyReplicas"] == 2
    assert "managedFields" not in tree["metadata"]


def test_tables(web: Kubectl) -> None:
    header, row = web("get", "deployment").splitlines()
    assert header.split() == ["NAME", "READY", "UP-TO-DATE", "AVAILABLE", "AGE"]
    assert row.split()[:4] == ["web", "2/2", "2", "2"]
    header, row = web("get", "deployment", "-o", "wide").splitlines()
    assert header.split() == ["NAME", "READY", "UP-TO-DATE", "AVAILABLE", "AGE", "CONTAINERS", "IMAGES", "SELECTOR"]
    assert row.split()[-3:] == ["nginx", "nginx:1.27", "app=web"]
    header, *rows = web("get", "pods", "-o", "wide").splitlines()
    assert header.split("  ")[0] == "NAME"
    assert all(row.split()[1:4] == ["1/1", "Running", "0"] for row in rows)


def test_several_kinds(web: Kubectl) -> None:
    names = web("get", "all", "-o", "name").split()
    assert [name.partition("/")[0] for name in names] == ["pod", "pod", "deployment.apps", "replicaset.apps"]
    assert web("get", "deploy,rs", "-o", "name").split() == names[2:]


def test_choosing(web: Kubectl) -> None:
    web("create", "deployment", "other", "--image=nginx")
    assert web("get", "deploy", "-l", "app=web", "-o", "name") == "deployment.apps/web\n"
    assert web("get", "deploy", "-l", "app notin (web)", "-o", "name") == "deployment.apps/other\n"
    assert web("get", "deploy", "--field-selector", "metadata.name=other", "-o", "name") == "deployment.apps/other\n"
    assert web("get", "pods", "-l", "app=web", "--field-selector=status.phase=Running", "-o", "name").count("\n") == 2
    assert web("get", "deploy", "--sort-by=.spec.replicas", "-o", "name").split() == [
        "deployment.apps/other",
        "deployment.apps/web",
    ]
    assert web("get", "deploy", "-A", "--show-labels").splitlines()[0].split()[0] == "NAMESPACE"
    assert web("get", "deploy", "--chunk-size=1", "-o", "name").count("\n") == 2


def test_nothing_there(kubectl: Kubectl) -> None:
    done = kubectl.run("get", "pods")
    assert (done.returncode, done.stderr) == (0, f"No resources found in {kubectl.namespace} namespace.\n")
    assert kubectl.fails("get", "pod", "gone") == 'Error from server (NotFound): pods "gone" not found\n'
    assert kubectl.fails("get", "unheard") == 'error: the server doesn\'t have a resource type "unheard"\n'


def test_nodes(kubectl: Kubectl) -> None:
    rows = [line.split() for line in kubectl("get", "nodes", "--no-headers").splitlines()]
    assert len(rows) == 3
    assert {row[1] for row in rows} == {"Ready"}


def test_raw(kubectl: Kubectl) -> None:
    assert kubectl("get", "--raw", "/healthz") == "ok"
    assert kubectl("get", "--raw", "/readyz?verbose").endswith("readyz check passed\n")
