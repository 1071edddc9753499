"""What a new pod may be: each case names a rule and all that the server says against it."""

from __future__ import annotations

from typing import Any

import pytest

from minikube_py.api.kinds.podspec.template import validate_pod_template
from minikube_py.machinery.field import Path
from tests.kinds.pods import container, create_errors, defaulted, pod

LABEL = (
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with "
    "an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is "
    "'[a-z0-9]([-a-z0-9]*[a-z0-9])?')"
)
ONE_VOLUME = [{"name": "v", "emptyDir": {}}]


def test_a_fine_pod() -> None:
    body = pod(
        containers=[
            container(
                ports=[{"containerPort": 80, "name": "http"}],
                env=[{"name": "A", "valueFrom": {"fieldRef": {"fieldPath": "metadata.labels['app']"}}}],
                resources={"requests": {"cpu": "100m"}, "limits": {"cpu": "1", "example.com/gpu": "1"}},
                volumeMounts=[{"name": "v", "mountPath": "/data", "subPath": "a/b"}],
                readinessProbe={"httpGet": {"port": "http"}, "terminationGracePeriodSeconds": None},
                securityContext={"runAsUser": 0, "allowPrivilegeEscalation": False},
            )
        ],
        initContainers=[container("proxy", restartPolicy="Always", livenessProbe={"tcpSocket": {"port": 1}})],
        volumes=ONE_VOLUME,
        tolerations=[{"operator": "Exists"}],
        hostAliases=[{"ip": "10.0.0.1", "hostnames": ["a.b"]}],
    )
    assert create_errors(body) == []


CONTAINER_CASES = [
    pytest.param({"name": "A"}, [f'containers[0].name: Invalid value: "A": {LABEL}'], id="name"),
    pytest.param(
        {"image": " x"},
        ['containers[0].image: Invalid value: " x": must not have leading or trailing whitespace'],
        id="image with a space",
    ),
    pytest.param(
        {"ports": [{"containerPort": 80, "hostPort": 99999}]},
        ["containers[0].ports[0].hostPort: Invalid value: 99999: must be between 1 and 65535, inclusive"],
        id="host port",
    ),
    pytest.param(
        {"env": [{"name": "A", "valueFrom": {"fieldRef": {"fieldPath": "metadata.labels"}}}]},
        [
            'containers[0].env[0].valueFrom.fieldRef.fieldPath: Unsupported value: "metadata.labels": supported '
            "values: "
            '"metadata.name", "metadata.namespace", "metadata.uid", "spec.nodeName", "spec.serviceAccountName", '
            '"status.hostIP", "status.hostIPs", "status.podIP", "status.podIPs"'
        ],
        id="field of volumes only",
    ),
    pytest.param(
        {"env": [{"name": "A", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name['a']"}}}]},
        [
            "containers[0].env[0].valueFrom.fieldRef.fieldPath: Invalid value: \"metadata.name['a']\": error "
            "converting "
            "fieldPath: field label does not support subscript: metadata.name['a']"
        ],
        id="subscript",
    ),
    pytest.param(
        {"env": [{"name": "A", "valueFrom": {"resourceFieldRef": {"resource": "limits.cpu", "divisor": "2"}}}]},
        [
            'containers[0].env[0].valueFrom.resourceFieldRef.divisor: Invalid value: "limits.cpu": only divisor\'s '
            "values "
            "1m and 1 are supported with the cpu resource"
        ],
        id="divisor",
    ),
    pytest.param(
        {"env": [{"name": "A", "valueFrom": {"fileKeyRef": {"volumeName": "v", "path": "../x", "key": "K"}}}]},
        ["containers[0].env[0].valueFrom.fileKeyRef.path: Invalid value: \"../x\": must not contain '..'"],
        id="file with a backstep",
    ),
    pytest.param(
        {"env": [{"name": "A", "valueFrom": {"fileKeyRef": {"volumeName": "w", "path": "x", "key": "K"}}}]},
        ['containers[0].env[0].valueFrom.fileKeyRef.volumeName: Not found: "w"'],
        id="file of no volume",
    ),
    pytest.param(
        {"resources": {"requests": {"example.com/gpu": "1"}}},
        ["containers[0].resources.limits: Required value: Limit must be set for non overcommitable resources"],
        id="device without limit",
    ),
    pytest.param(
        {"resources": {"limits": {"cpu": "1", "hugepages-2Mi": "3Mi"}}},
        [
            'containers[0].resources.limits[hugepages-2Mi]: Invalid value: "3Mi": 3Mi is not positive integer '
            "multiple of "
            "hugepages-2Mi",
            'containers[0].resources.requests[hugepages-2Mi]: Invalid value: "3Mi": 3Mi is not positive integer '
            "multiple "
            "of hugepages-2Mi",
        ],
        id="huge pages in parts",
    ),
    pytest.param(
        {"resources": {"claims": [{"name": "x"}]}},
        [
            'containers[0].resources.claims[0]: Not found: "x": must be one of the names in '
            "pod.spec.resourceClaims which "
            "is empty"
        ],
        id="claim of no pod",
    ),
    pytest.param(
        {"volumeMounts": [{"name": "v", "mountPath": "/a", "mountPropagation": "Bidirectional"}]},
        [
            "containers[0].volumeMounts.mountPropagation: Forbidden: Bidirectional mount propagation is available "
            "only to "
            "privileged containers"
        ],
        id="propagation",
    ),
    pytest.param(
        {"volumeMounts": [{"name": "v", "mountPath": "/a", "recursiveReadOnly": "Enabled"}]},
        ["containers[0].volumeMounts.recursiveReadOnly: Forbidden: may only be specified when readOnly is true"],
        id="recursive read-only",
    ),
    pytest.param(
        {"volumeDevices": [{"name": "v", "devicePath": "/dev/x"}]},
        [
            'containers[0].volumeDevices[0].name: Invalid value: "v": can only use volume source type of '
            "PersistentVolumeClaim or Ephemeral for block mode"
        ],
        id="device of an emptyDir",
    ),
    pytest.param(
        {"lifecycle": {"preStop": {"sleep": {"seconds": 31}}}},
        [
            "containers[0].lifecycle.preStop.sleep: Invalid value: 31: must be non-negative and less than "
            "terminationGracePeriodSeconds (30)"
        ],
        id="sleep beyond grace",
    ),
    pytest.param(
        {"readinessProbe": {"exec": {"command": ["x"]}, "terminationGracePeriodSeconds": 1}},
        [
            "containers[0].readinessProbe.terminationGracePeriodSeconds: Invalid value: 1: must not be set for "
            "readinessProbes"
        ],
        id="grace of a readiness probe",
    ),
    pytest.param(
        {"startupProbe": {"httpGet": {"port": 80, "scheme": "FTP", "httpHeaders": [{"name": "a b", "value": ""}]}}},
        [
            'containers[0].startupProbe.httpGet.scheme: Unsupported value: "FTP": supported values: "HTTP", "HTTPS"',
            'containers[0].startupProbe.httpGet.httpHeaders: Invalid value: "a b": a valid HTTP header must consist of '
            "alphanumeric characters or '-' (e.g. 'X-Header-Name', regex used for validation is '[-A-Za-z0-9]+')",
        ],
        id="http probe",
    ),
    pytest.param(
        {"restartPolicyRules": [{"action": "Restart", "exitCodes": {"operator": "In", "values": [1]}}]},
        ["containers[0].restartPolicy: Required value: must specify restartPolicy when restart rules are used"],
        id="rules without policy",
    ),
    pytest.param(
        {"securityContext": {"procMount": "Unmasked"}},
        [
            'containers[0].securityContext.procMount: Invalid value: "Unmasked": `hostUsers` must be false to use '
            "`Unmasked`"
        ],
        id="proc mount",
    ),
    pytest.param(
        {"securityContext": {"appArmorProfile": {"type": "Localhost", "localhostProfile": " x"}}},
        [
            'containers[0].securityContext.appArmorProfile.localhostProfile: Invalid value: " x": must not be '
            "padded with "
            "whitespace"
        ],
        id="padded profile",
    ),
    pytest.param(
        {"securityContext": {"seccompProfile": {"type": "Unconfined", "localhostProfile": "x"}}},
        [
            'containers[0].securityContext.seccompProfile.localhostProfile: Invalid value: {"Type":"Unconfined",'
            '"LocalhostProfile":"x"}: can only be set when seccomp type is Localhost'
        ],
        id="profile that nobody reads",
    ),
    pytest.param(
        {"securityContext": {"windowsOptions": {"runAsUserName": "a\\b\\c"}}},
        [
            'containers[0].securityContext.windowsOptions.runAsUserName: Invalid value: "a\\\\b\\\\c": runAsUserName '
            "cannot contain more than one backslash"
        ],
        id="windows user",
    ),
]


@pytest.mark.parametrize(("fields", "expected"), CONTAINER_CASES)
def test_containers(fields: dict[str, Any], expected: list[str]) -> None:
    body = pod(containers=[container(**{"name": "c", **fields})], volumes=ONE_VOLUME)
    assert [str(error).removeprefix("spec.") for error in create_errors(body)] == expected


ANNOTATION_CASES = [
    pytest.param(
        {"controller.kubernetes.io/pod-deletion-cost": "+1"},
        [
            'metadata.annotations[controller.kubernetes.io/pod-deletion-cost]: Invalid value: "+1": must be a '
            "32bit integer"
        ],
        id="deletion cost",
    ),
    pytest.param(
        {"kubernetes.io/config.mirror": "x"},
        [
            'metadata.annotations[kubernetes.io/config.mirror]: Invalid value: "x": must set spec.nodeName if '
            "mirror pod annotation is set"
        ],
        id="mirror",
    ),
    pytest.param(
        {"container.apparmor.security.beta.kubernetes.io/x": "unconfined"},
        [
            'metadata.annotations[container.apparmor.security.beta.kubernetes.io/x]: Invalid value: "x": '
            "container not found"
        ],
        id="profile of no container",
    ),
    pytest.param(
        {"seccomp.security.alpha.kubernetes.io/pod": "x"},
        [
            'metadata.annotations.seccomp.security.alpha.kubernetes.io/pod: Invalid value: "x": must be a valid '
            "seccomp profile"
        ],
        id="seccomp",
    ),
]


@pytest.mark.parametrize(("annotations", "expected"), ANNOTATION_CASES)
def test_annotations(annotations: dict[str, str], expected: list[str]) -> None:
    assert [str(error) for error in create_errors(pod(metadata={"annotations": annotations}))] == expected


def test_a_template_is_looser_than_a_pod() -> None:
    """Images with spaces, host ports yet to be defaulted."""
    body = pod(hostNetwork=True, containers=[container(image=" x ", ports=[{"containerPort": 80}])])
    template = defaulted(body)
    del template["spec"]["containers"][0]["ports"][0]["hostPort"]
    assert validate_pod_template(template, Path("spec", "template")) == []


def test_a_template_has_no_ephemeral_containers() -> None:
    template = defaulted(pod(ephemeralContainers=[container("e")]))
    found = validate_pod_template(template, Path("spec", "template"))
    assert [str(error) for error in found] == [
        "spec.template.spec.ephemeralContainers: Forbidden: ephemeral containers not allowed in pod template"
    ]
