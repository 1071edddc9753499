"""A DaemonSet's pods: each asks for one node, and bears what befalls nodes
(pkg/controller/daemon/util/daemonset_util.go)."""

from __future__ import annotations

from minikube_py.controllers.runtime.history import REVISION_HASH
from minikube_py.controllers.runtime.podcontrol import pod_from_template
from minikube_py.controllers.runtime.pods import node_name
from minikube_py.machinery import meta
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.integers import parse_int64
from minikube_py.machinery.meta import labels
from minikube_py.machinery.wellknown import DAEMON_SET

TEMPLATE_GENERATION = "pod-template-generation"
"""The label of pods that older versions told revisions apart by; it still counts."""

GENERATION_ANNOTATION = "deprecated.daemonset.template.generation"

_NAME_FIELD = "metadata.name"
_REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution"

_TOLERATED = (
    ("not-ready", "NoExecute"),
    ("unreachable", "NoExecute"),
    ("disk-pressure", "NoSchedule"),
    ("memory-pressure", "NoSchedule"),
    ("pid-pressure", "NoSchedule"),
    ("unschedulable", "NoSchedule"),
)
_TOLERATED_ON_HOST_NETWORK = ("network-unavailable", "NoSchedule")


def template_generation(daemon_set: Object) -> int | None:
    return parse_int64(meta.annotations(daemon_set).get(GENERATION_ANNOTATION, ""))


def tolerations(spec: Object) -> list[Object]:
    """Those of a template's spec and those every daemon has: its pods stay on nodes in trouble."""
    wanted = [*_TOLERATED, *([_TOLERATED_ON_HOST_NETWORK] if spec.get("hostNetwork") else [])]
    found: list[Object] = list(spec.get("tolerations") or ())
    for condition, effect in wanted:
        toleration = {"key": f"node.kubernetes.io/{condition}", "operator": "Exists", "effect": effect}
        same = [index for index, each in enumerate(found) if _matches(each, toleration)]
        for index in same:
            found[index] = toleration
        if not same:
            found.append(toleration)
    return found


def _matches(one: Object, other: Object) -> bool:
    """Whether they are for the same taints, for whatever time."""
    return all((one.get(field) or "") == (other.get(field) or "") for field in ("key", "effect", "operator", "value"))


def new_pod(daemon_set: Object, node: str, hash: str) -> Object:
    """The pod for a node, by the revision of that hash."""
    template = daemon_set["spec"]["template"]
    pod = pod_from_template(template, daemon_set, DAEMON_SET)
    generation = template_generation(daemon_set)
    pod["metadata"]["labels"] = {
        **labels(pod),
        **({TEMPLATE_GENERATION: str(generation)} if generation is not None else {}),
        REVISION_HASH: hash,
    }
    spec = pod["spec"]
    pod["spec"] = {
        **spec,
        "affinity": _pinned(spec.get("affinity") or {}, node),
        "tolerations": tolerations(spec),
    }
    return pod


def _pinned(affinity: Object, node: str) -> Object:
    """The affinity with the requirement of that node in place of all others."""
    term = {"matchFields": [{"key": _NAME_FIELD, "operator": "In", "values": [node]}]}
    node_affinity = {**(affinity.get("nodeAffinity") or {}), _REQUIRED: {"nodeSelectorTerms": [term]}}
    return {**affinity, "nodeAffinity": node_affinity}


def target_node(pod: Object) -> str:
    """The node a pod is on or asks for; "" if it asks for none in particular."""
    if node_name(pod):
        return node_name(pod)
    node_affinity = (pod["spec"].get("affinity") or {}).get("nodeAffinity") or {}
    for term in (node_affinity.get(_REQUIRED) or {}).get("nodeSelectorTerms") or ():
        for field in term.get("matchFields") or ():
            if field["key"] == _NAME_FIELD and field["operator"] == "In":
                values: list[str] = field.get("values") or []
                return values[0] if len(values) == 1 else ""
    return ""


def is_updated(pod: Object, hash: str, generation: int | None) -> bool:
    """Whether it is of the revision of that hash, or of that generation of the template."""
    own = labels(pod)
    if hash and own.get(REVISION_HASH) == hash:
        return True
    return generation is not None and own.get(TEMPLATE_GENERATION) == str(generation)
