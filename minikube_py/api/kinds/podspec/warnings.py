"""Warnings about pods and pod templates: pkg/api/pod/warnings.go."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from minikube_py.api.kinds.podspec.addresses import address_warnings
from minikube_py.api.kinds.podspec.annotations import APPARMOR, SECCOMP_CONTAINER, SECCOMP_POD
from minikube_py.api.kinds.podspec.apparmor import profile_of_annotation
from minikube_py.api.kinds.podspec.labelkeys import PREFERRED, REQUIRED
from minikube_py.api.kinds.podspec.overlaps import overlap_warnings
from minikube_py.api.kinds.podspec.portwarnings import port_warnings
from minikube_py.api.kinds.podspec.windows import all_containers
from minikube_py.machinery.field import Path
from minikube_py.machinery.gotext import quote
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.names import label_value
from minikube_py.machinery.quantity import parse

DEPRECATED_NODE_LABELS = {
    "beta.kubernetes.io/arch": 'deprecated since v1.14; use "kubernetes.io/arch" instead',
    "beta.kubernetes.io/os": 'deprecated since v1.14; use "kubernetes.io/os" instead',
    "failure-domain.beta.kubernetes.io/region": ('deprecated since v1.17; use "topology.kubernetes.io/region" instead'),
    "failure-domain.beta.kubernetes.io/zone": 'deprecated since v1.17; use "topology.kubernetes.io/zone" instead',
    "beta.kubernetes.io/instance-type": 'deprecated since v1.17; use "node.kubernetes.io/instance-type" instead',
    "app.kubernetes.io/created-by": "deprecated since v1.9",
    "scheduler.alpha.kubernetes.io/preferAvoidPods": ("deprecated since v1.22; use Taints and Tolerations instead"),
    "node-role.kubernetes.io/master": 'use "node-role.kubernetes.io/control-plane" instead',
}
_DEPRECATED_ANNOTATIONS = {
    "scheduler.alpha.kubernetes.io/critical-pod": (
        'non-functional in v1.16+; use the "priorityClassName" field instead'
    ),
    "security.alpha.kubernetes.io/sysctls": 'non-functional in v1.11+; use the "sysctls" field instead',
    "security.alpha.kubernetes.io/unsafe-sysctls": 'non-functional in v1.11+; use the "sysctls" field instead',
}
_DEPRECATED_VOLUMES = {
    "photonPersistentDisk": "deprecated in v1.11, non-functional in v1.16+",
    "gitRepo": "deprecated in v1.11, and disabled by default in v1.33+",
    "scaleIO": "deprecated in v1.16, non-functional in v1.22+",
    "flocker": "deprecated in v1.22, non-functional in v1.25+",
    "storageos": "deprecated in v1.22, non-functional in v1.25+",
    "quobyte": "deprecated in v1.22, non-functional in v1.25+",
    "glusterfs": "deprecated in v1.25, non-functional in v1.26+",
    "ephemeral": "",
    "cephfs": "deprecated in v1.28, non-functional in v1.31+",
    "rbd": "deprecated in v1.28, non-functional in v1.31+",
}
"""In the order of complaint; an ephemeral volume is warned about for its claim."""
_NULL_SELECTOR = "a null labelSelector results in matching no pod"
_SECCOMP = 'non-functional in v1.27+; use the "seccompProfile" field instead'
_BYTE_RESOURCES = ("memory", "ephemeral-storage")


def pod_warnings(pod: Object, path: Path | None) -> list[str]:
    """Warnings about a pod (`path` None) or about the pod template at `path`."""
    spec, metadata = pod.get("spec") or {}, pod.get("metadata") or {}
    annotations: Mapping[str, str] = metadata.get("annotations") or {}
    at = path.child("spec") if path is not None else Path("spec")
    warnings = _scheduling_warnings(spec, at)
    on_annotations = path.child("metadata", "annotations") if path is not None else Path("metadata", "annotations")
    if annotations:
        warnings += [
            f"{on_annotations.key(key)}: {text}" for key, text in _DEPRECATED_ANNOTATIONS.items() if key in annotations
        ]
    if volumes := spec.get("volumes"):
        warnings += _volume_warnings(volumes, at.child("volumes"))
    warnings += _repetition_warnings(spec, at)
    if overhead := spec.get("overhead"):
        warnings += _fraction_warnings(overhead, at.child("overhead"))
    if SECCOMP_POD in annotations and "seccompProfile" not in (spec.get("securityContext") or ()):
        warnings.append(f"{on_annotations.key(SECCOMP_POD)}: {_SECCOMP}")
    for container, container_path in all_containers(spec, at):
        if annotations:
            warnings += _profile_warnings(container, spec, annotations, on_annotations, path is not None)
        if container.get("resources") or len(container.get("env") or ()) > 1:
            warnings += _container_warnings(container, container_path)
    warnings += port_warnings(spec, at)
    if (spec.get("terminationGracePeriodSeconds") or 0) < 0:
        field = at.child("terminationGracePeriodSeconds")
        warnings.append(f"{field}: must be >= 0; negative values are invalid and will be treated as 1")
    if affinity := spec.get("affinity"):
        warnings += _affinity_warnings(affinity, at.child("affinity"))
    return warnings + _address_warnings(spec, at)


def _scheduling_warnings(spec: Object, path: Path) -> list[str]:
    warnings = []
    for key in spec.get("nodeSelector") or ():
        if key in DEPRECATED_NODE_LABELS:
            warnings.append(f"{path.child('nodeSelector').key(key)}: {DEPRECATED_NODE_LABELS[key]}")
    if affinity := (spec.get("affinity") or {}).get("nodeAffinity"):
        warnings += _node_affinity_warnings(affinity, path.child("affinity", "nodeAffinity"))
    for index, constraint in enumerate(spec.get("topologySpreadConstraints") or ()):
        at = path.child("topologySpreadConstraints").index(index)
        key = constraint.get("topologyKey") or ""
        if key in DEPRECATED_NODE_LABELS:
            warnings.append(f"{at.child('topologyKey')}: {key} is {DEPRECATED_NODE_LABELS[key]}")
        if "labelSelector" not in constraint:
            warnings.append(f"{at.child('labelSelector')}: {_NULL_SELECTOR}")
    return warnings


def _node_affinity_warnings(affinity: Object, path: Path) -> list[str]:
    warnings = []
    terms = (affinity.get(REQUIRED) or {}).get("nodeSelectorTerms") or ()
    for index, term in enumerate(terms):
        at = path.child(REQUIRED, "nodeSelectorTerms").index(index)
        warnings += node_selector_term_warnings(term, at, check_values=False)
    for index, preferred in enumerate(affinity.get(PREFERRED) or ()):
        at = path.child(PREFERRED).index(index).child("preference")
        warnings += node_selector_term_warnings(preferred.get("preference") or {}, at, check_values=True)
    return warnings


def node_selector_term_warnings(term: Object, path: Path, *, check_values: bool) -> list[str]:
    """Against old labels of nodes, and against values that no label can have (pkg/api/node/util.go)."""
    warnings = []
    for index, expression in enumerate(term.get("matchExpressions") or ()):
        at = path.child("matchExpressions").index(index)
        key = expression.get("key") or ""
        if key in DEPRECATED_NODE_LABELS:
            warnings.append(f"{at.child('key')}: {key} is {DEPRECATED_NODE_LABELS[key]}")
        if not check_values:
            continue
        for position, value in enumerate(expression.get("values") or ()):
            field = at.child("values").index(position)
            warnings += [f"{field}: {value} is invalid, {problem}" for problem in label_value(value)]
    return warnings


def _volume_warnings(volumes: Sequence[Object], path: Path) -> list[str]:
    warnings = []
    for index, volume in enumerate(volumes):
        if _DEPRECATED_VOLUMES.keys().isdisjoint(volume):
            continue
        at = path.index(index)
        for source, text in _DEPRECATED_VOLUMES.items():
            if source not in volume:
                continue
            if source == "ephemeral":
                warnings += _claim_warnings(volume[source], at.child(source))
            else:
                warnings.append(f"{at.child(source)}: {text}")
    return warnings + overlap_warnings(volumes)


def _claim_warnings(source: Object, path: Path) -> list[str]:
    requirements = ((source.get("volumeClaimTemplate") or {}).get("spec") or {}).get("resources") or {}
    at = path.child("volumeClaimTemplate", "spec", "resources")
    return [
        warning
        for side in ("requests", "limits")
        for warning in _fraction_warnings(requirements.get(side) or {}, at.child(side), ("storage",))
    ]


def _fraction_warnings(listed: Mapping[str, str], path: Path, resources: Sequence[str] = _BYTE_RESOURCES) -> list[str]:
    """Bytes are whole."""
    warnings = []
    for resource in resources:
        if resource in listed and parse(listed[resource]).milli_value() % 1000:
            text = quote(listed[resource])
            warnings.append(f"{path.key(resource)}: fractional byte value {text} is invalid, must be an integer")
    return warnings


def _repetition_warnings(spec: Object, path: Path) -> list[str]:
    warnings = []
    for field, key, what in (("hostAliases", "ip", "ip"), ("imagePullSecrets", "name", "name")):
        listed = spec.get(field)
        if not listed:
            continue
        seen: set[str] = set()
        for index, item in enumerate(listed):
            value = item.get(key) or ""
            if value in seen:
                warnings.append(f"{path.child(field).index(index).child(key)}: duplicate {what} {quote(value)}")
            seen.add(value)
    for index, secret in enumerate(spec.get("imagePullSecrets") or ()):
        if not secret.get("name"):
            warnings.append(f'{path.child("imagePullSecrets").index(index).child("name")}: invalid empty name ""')
    return warnings


def _profile_warnings(
    container: Object, spec: Object, annotations: Mapping[str, str], path: Path, is_template: bool
) -> list[str]:
    """Profiles as annotations, without fields. A pod's AppArmor annotations become fields, with warnings then."""
    warnings = []
    context = container.get("securityContext") or {}
    key = SECCOMP_CONTAINER + container.get("name", "")
    if key in annotations and "seccompProfile" not in context:
        warnings.append(f"{path.key(key)}: {_SECCOMP}")
    key = APPARMOR + container.get("name", "")
    if is_template and key in annotations and "appArmorProfile" not in context:
        pod_profile = (spec.get("securityContext") or {}).get("appArmorProfile")
        if pod_profile is None or pod_profile != profile_of_annotation(annotations[key]):
            text = 'deprecated since v1.30; use the "appArmorProfile" field instead'
            warnings.append(f"{path.key(key)}: {text}")
    return warnings


def _container_warnings(container: Object, path: Path) -> list[str]:
    warnings = []
    if requirements := container.get("resources"):
        limits, requests = requirements.get("limits") or {}, requirements.get("requests") or {}
        for resource in _BYTE_RESOURCES:
            for side, listed in (("limits", limits), ("requests", requests)):
                if resource in listed and parse(listed[resource]).scale < 0:
                    warnings += _fraction_warnings(listed, path.child("resources", side), (resource,))
    variables: Sequence[Object] = container.get("env") or ()
    if len(variables) > 1:
        warnings += _hidden_variable_warnings(variables, path.child("env"))
    return warnings


def _hidden_variable_warnings(variables: Sequence[Object], path: Path) -> list[str]:
    """A variable may be defined again if it builds on itself: A=$(A)/more."""
    warnings = []
    seen: set[str] = set()
    for index, variable in enumerate(variables):
        name, value = variable.get("name") or "", variable.get("value") or ""
        reference = f"$({name})"
        if name in seen and ("valueFrom" in variable or value == reference or reference not in value):
            what = f"hides previous definition of {quote(name)}, which may be dropped when using apply"
            warnings.append(f"{path.index(index)}: {what}")
        seen.add(name)
    return warnings


def _affinity_warnings(affinity: Object, path: Path) -> list[str]:
    warnings = []
    for field, term in _pod_terms(affinity, path):
        if "labelSelector" not in term:
            warnings.append(f"{field.child('labelSelector')}: {_NULL_SELECTOR}")
    return warnings


def _pod_terms(affinity: Object, path: Path) -> Iterator[tuple[Path, Object]]:
    for side in ("podAffinity", "podAntiAffinity"):
        terms = affinity.get(side) or {}
        for index, term in enumerate(terms.get(REQUIRED) or ()):
            yield path.child(side, REQUIRED).index(index), term
        for index, weighted in enumerate(terms.get(PREFERRED) or ()):
            at = path.child(side, PREFERRED).index(index).child("podAffinityTerm")
            yield at, weighted.get("podAffinityTerm") or {}


def _address_warnings(spec: Object, path: Path) -> list[str]:
    warnings = []
    for index, nameserver in enumerate((spec.get("dnsConfig") or {}).get("nameservers") or ()):
        warnings += address_warnings(nameserver, path.child("dnsConfig", "nameservers").index(index))
    for index, alias in enumerate(spec.get("hostAliases") or ()):
        warnings += address_warnings(alias.get("ip") or "", path.child("hostAliases").index(index).child("ip"))
    return warnings
