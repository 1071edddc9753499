"""kubectl's generators: most of them send protobuf and know no way back."""

from __future__ import annotations

import base64

import pytest

from tests.served import Kubectl


@pytest.mark.parametrize(
    ("arguments", "printed", "path", "value"),
    [
        pytest.param(
            ("deployment", "web", "--image=nginx:1.27", "--replicas=2", "--port=80"),
            "deployment.apps/web created",
            "{.spec.replicas} {.spec.template.spec.containers[0].image} {.spec.selector.matchLabels}",
            '2 nginx:1.27 {"app":"web"}',
            id="deployment",
        ),
        pytest.param(
            ("configmap", "web", "--from-literal=a=1", "--from-literal=b=2"),
            "configmap/web created",
            "{.data}",
            '{"a":"1","b":"2"}',
            id="configmap",
        ),
        pytest.param(
            ("secret", "generic", "web", "--from-literal=password=hush"),
            "secret/web created",
            "{.type} {.data.password}",
            f"Opaque {base64.b64encode(b'hush').decode()}",
            id="secret",
        ),
        pytest.param(("serviceaccount", "web"), "serviceaccount/web created", "{.metadata.name}", "web", id="account"),
        pytest.param(
            ("service", "clusterip", "web", "--tcp=80:8080"),
            "service/web created",
            "{.spec.type} {.spec.ports[0].port} {.spec.ports[0].targetPort}",
            "ClusterIP 80 8080",
            id="service",
        ),
        pytest.param(
            ("job", "web", "--image=busybox", "--", "true"),
            "job.batch/web created",
            "{.spec.template.spec.containers[0].command} {.spec.template.spec.restartPolicy}",
            '["true"] Never',
            id="job",
        ),
        pytest.param(
            ("cronjob", "web", "--image=busybox", "--schedule=*/5 * * * *"),
            "cronjob.batch/web created",
            "{.spec.schedule} {.spec.concurrencyPolicy}",
            "*/5 * * * * Allow",
            id="cronjob",
        ),
        pytest.param(
            ("role", "web", "--verb=get,list", "--resource=pods"),
            "role.rbac.authorization.k8s.io/web created",
            "{.rules[0].verbs} {.rules[0].resources}",
            '["get","list"] ["pods"]',
            id="role",
        ),
        pytest.param(
            ("poddisruptionbudget", "web", "--selector=app=web", "--min-available=1"),
            "poddisruptionbudget.policy/web created",
            "{.spec.minAvailable}",
            "1",
            id="poddisruptionbudget",
        ),
        pytest.param(
            ("quota", "web", "--hard=pods=3"), "resourcequota/web created", "{.spec.hard.pods}", "3", id="quota"
        ),
        pytest.param(
            ("ingress", "web", "--rule=example.com/=web:80"),
            "ingress.networking.k8s.io/web created",
            "{.spec.rules[0].host}",
            "example.com",
            id="ingress",
        ),
    ],
)
def test_create(kubectl: Kubectl, arguments: tuple[str, ...], printed: str, path: str, value: str) -> None:
    dashes = arguments.index("--") if "--" in arguments else len(arguments)
    assert kubectl("create", *arguments[:dashes], *arguments[dashes:]).strip() == printed
    assert kubectl("get", printed.split()[0], "-o", f"jsonpath={path}") == value


def test_create_namespace(kubectl: Kubectl) -> None:
    name = f"{kubectl.namespace}-more"
    assert kubectl("create", "namespace", name) == f"namespace/{name} created\n"
    done = kubectl.fails("create", "namespace", name)
    assert done == f'Error from server (AlreadyExists): namespaces "{name}" already exists\n'
    kubectl("wait", "--for=create", "serviceaccount/default", "-n", name, "--timeout=10s")
    kubectl("wait", "--for=create", "configmap/kube-root-ca.crt", "-n", name, "--timeout=10s")


def test_create_token(kubectl: Kubectl) -> None:
    assert kubectl("create", "token", "default").count(".") == 2


def test_generate_name(kubectl: Kubectl) -> None:
    manifest = '{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"generateName": "many-"}}'
    names = {kubectl("create", "-f", "-", "-o", "name", input=manifest).strip() for _ in range(2)}
    assert len(names) == 2
    assert all(name.startswith("configmap/many-") for name in names)


def test_run_and_expose(kubectl: Kubectl) -> None:
    assert kubectl("run", "web", "--image=nginx", "--port=80") == "pod/web created\n"
    assert kubectl("expose", "pod", "web", "--port=8000", "--target-port=80") == "service/web exposed\n"
    kubectl("wait", "--for=condition=Ready", "pod/web", "--timeout=10s")
    ip = kubectl("get", "pod", "web", "-o", "jsonpath={.status.podIP}")
    kubectl("wait", f"--for=jsonpath={{.subsets[0].addresses[0].ip}}={ip}", "endpoints/web", "--timeout=10s")


def test_expose_a_deployment(kubectl: Kubectl) -> None:
    kubectl("create", "deployment", "web", "--image=nginx")
    assert kubectl("expose", "deployment", "web", "--port=80", "--type=NodePort") == "service/web exposed\n"
    service = kubectl.json("get", "service", "web")["spec"]
    assert service["selector"] == {"app": "web"}
    assert 30000 <= service["ports"][0]["nodePort"] <= 32767
