"""edit, label, annotate, set image, scale, patch, replace, delete, wait."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.served import Kubectl, Served


@pytest.fixture
def web(kubectl: Kubectl) -> Kubectl:
    kubectl("create", "deployment", "web", "--image=nginx:1.27")
    return kubectl


def test_edit(web: Kubectl) -> None:
    edited = web("edit", "deployment", "web", env={"KUBE_EDITOR": "sed -i 's/nginx:1.27/nginx:1.28/'"})
    assert edited == "deployment.apps/web edited\n"
    assert web("get", "deployment", "web", "-o", "jsonpath={..containers[0].image}") == "nginx:1.28"
    assert web.run("edit", "deployment", "web", env={"KUBE_EDITOR": "true"}).stderr == (
        "Edit cancelled, no changes made.\n"
    )


def test_edit_of_a_value_that_is_refused(web: Kubectl) -> None:
    # kubectl shows the complaint in the file and opens the editor again: the second time it finds no change and ends.
    done = web.run("edit", "deployment", "web", env={"KUBE_EDITOR": "sed -i 's/replicas: 1$/replicas: -1/'"})
    assert done.returncode == 1
    assert done.stderr.startswith('error: deployments.apps "web" is invalid\n')
    assert "error: Edit cancelled, no valid changes were saved.\n" in done.stderr
    kept = Path(done.stderr.partition('stored to "')[2].partition('"')[0]).read_text()
    assert "# * spec.replicas: Invalid value: -1: must be greater than or equal to 0\n" in kept


def test_label_and_annotate(web: Kubectl) -> None:
    assert web("label", "deployment", "web", "tier=front") == "deployment.apps/web labeled\n"
    assert "'tier' already has a value (front)" in web.fails("label", "deployment", "web", "tier=back")
    web("label", "deployment", "web", "tier=back", "--overwrite")
    assert web("get", "deployment", "-l", "tier=back", "-o", "name") == "deployment.apps/web\n"
    assert web("label", "deployment", "web", "tier-") == "deployment.apps/web unlabeled\n"
    assert web("annotate", "deployment", "web", "note=hello") == "deployment.apps/web annotated\n"
    assert web("get", "deployment", "web", "-o", "jsonpath={.metadata.annotations.note}") == "hello"


def test_set(web: Kubectl) -> None:
    assert web("set", "image", "deployment/web", "nginx=nginx:1.28") == "deployment.apps/web image updated\n"
    assert web("set", "env", "deployment/web", "COLOUR=blue") == "deployment.apps/web env updated\n"
    assert web("set", "resources", "deployment/web", "--limits=cpu=200m") == (
        "deployment.apps/web resource requirements updated\n"
    )
    (container,) = web.json("get", "deployment", "web")["spec"]["template"]["spec"]["containers"]
    assert container["image"] == "nginx:1.28"
    assert container["env"] == [{"name": "COLOUR", "value": "blue"}]
    assert container["resources"]["limits"] == {"cpu": "200m"}


def test_scale(web: Kubectl) -> None:
    assert web("scale", "deployment", "web", "--replicas=4") == "deployment.apps/web scaled\n"
    web("rollout", "status", "deployment/web", "--timeout=10s")
    assert web("get", "pods", "-o", "name").count("\n") == 4
    assert "Expected replicas to be 9, was 4" in web.fails(
        "scale", "deployment", "web", "--current-replicas=9", "--replicas=1"
    )
    web("scale", "deployment", "web", "--replicas=1")
    web("wait", "--for=jsonpath={.status.replicas}=1", "deployment/web", "--timeout=10s")


@pytest.mark.parametrize(
    ("type", "patch"),
    [
        pytest.param("merge", {"spec": {"paused": True}}, id="merge"),
        pytest.param("strategic", {"spec": {"paused": True}}, id="strategic"),
        pytest.param("json", [{"op": "add", "path": "/spec/paused", "value": True}], id="json"),
    ],
)
def test_patch(web: Kubectl, type: str, patch: object) -> None:
    printed = web("patch", "deployment", "web", f"--type={type}", "-p", json.dumps(patch))
    assert printed == "deployment.apps/web patched\n"
    assert web("get", "deployment", "web", "-o", "jsonpath={.spec.paused}") == "true"


def test_patch_of_the_status(web: Kubectl) -> None:
    web("run", "pod", "--image=nginx")
    web("patch", "pod", "pod", "--subresource=status", "--type=merge", "-p", '{"status": {"reason": "Because"}}')
    assert web("get", "pod", "pod", "-o", "jsonpath={.status.reason}") == "Because"


def test_replace(kubectl: Kubectl) -> None:
    kubectl("create", "configmap", "settings", "--from-literal=a=1")
    tree = kubectl.json("get", "configmap", "settings")
    tree["data"] = {"a": "2"}
    assert kubectl("replace", "-f", "-", input=json.dumps(tree)) == "configmap/settings replaced\n"
    refused = kubectl.fails("replace", "-f", "-", input=json.dumps(tree))
    assert "the object has been modified; please apply your changes to the latest version and try again" in refused


def test_delete_takes_what_it_owned(web: Kubectl) -> None:
    web("rollout", "status", "deployment/web", "--timeout=10s")
    assert web("delete", "deployment", "web") == f'deployment.apps "web" deleted from {web.namespace} namespace\n'
    web("wait", "--for=delete", "pods,replicasets", "--all", "--timeout=30s")
    assert web("get", "deployments,replicasets,pods", "-o", "name") == ""


def test_delete_of_orphans(web: Kubectl) -> None:
    web("rollout", "status", "deployment/web", "--timeout=10s")
    web("delete", "deployment", "web", "--cascade=orphan")
    assert [name.partition("/")[0] for name in web("get", "rs,pods", "-o", "name").split()] == [
        "replicaset.apps",
        "pod",
    ]


def test_delete_of_what_is_not_there(kubectl: Kubectl) -> None:
    assert kubectl.fails("delete", "pod", "gone") == 'Error from server (NotFound): pods "gone" not found\n'
    assert kubectl("delete", "pod", "gone", "--ignore-not-found") == ""


def test_delete_a_pod(kubectl: Kubectl) -> None:
    kubectl("run", "web", "--image=nginx")
    kubectl("wait", "--for=condition=Ready", "pod/web", "--timeout=10s")
    assert kubectl("delete", "pod", "web", "--now") == f'pod "web" deleted from {kubectl.namespace} namespace\n'
    assert "NotFound" in kubectl.fails("get", "pod", "web")


def test_delete_a_namespace(tmp_path: Path) -> None:
    """Which takes seconds, as upstream's controller looks after it again: on a clock that can be moved."""
    served = Served(tmp_path, "--clock=virtual")
    kubectl = Kubectl(tmp_path, served.kubeconfig, "team", "--namespace=team")
    kubectl("create", "namespace", "team")
    served.settle()
    kubectl("create", "deployment", "web", "--image=nginx")
    served.settle()
    assert kubectl("delete", "namespace", "team", "--wait=false") == 'namespace "team" deleted\n'
    assert kubectl("get", "namespace", "team", "-o", "jsonpath={.status.phase}") == "Terminating"
    assert "because it is being terminated" in kubectl.fails("create", "configmap", "late")
    served.request("/minikube-py/advance", {"seconds": 120})
    assert 'namespaces "team" not found' in kubectl.fails("get", "namespace", "team")
    assert kubectl("get", "deployments,pods", "-o", "name") == ""
    assert served.stop() == ""


def test_wait_times_out(kubectl: Kubectl) -> None:
    kubectl("create", "configmap", "settings")
    complaint = kubectl.fails("wait", "--for=jsonpath={.data.a}=1", "configmap/settings", "--timeout=0.05s")
    assert complaint == "error: timed out waiting for the condition on configmaps/settings\n"


def test_resize_a_pod(kubectl: Kubectl) -> None:
    kubectl("run", "web", "--image=nginx", "--overrides", json.dumps(_asking("1")))
    kubectl("wait", "--for=condition=Ready", "pod/web", "--timeout=10s")
    patch = json.dumps({"spec": {"containers": [{"name": "web", "resources": {"requests": {"cpu": "2"}}}]}})
    assert kubectl("patch", "pod", "web", "--subresource=resize", "-p", patch) == "pod/web patched\n"
    kubectl(
        "wait", "--for=jsonpath={.status.containerStatuses[0].resources.requests.cpu}=2", "pod/web", "--timeout=10s"
    )
    assert kubectl("get", "pod", "web", "-o", "jsonpath={.status.containerStatuses[0].restartCount}") == "0"
    refusal = kubectl.fails("patch", "pod", "web", "--subresource=resize", "-p", patch.replace('"2"', '"2000"'))
    assert "node didn't have enough allocatable resources: cpu, requested: 2000000" in refusal


def _asking(cpu: str) -> dict[str, Any]:
    container = {"name": "web", "image": "nginx", "resources": {"requests": {"cpu": cpu}}}
    return {"spec": {"containers": [container]}}
