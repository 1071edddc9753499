"""A StatefulSet's pods have names, labels and claims that stay: web-0 with data-web-0, web-1 with data-web-1, ...
(pkg/controller/statefulset/stateful_set_utils.go)."""

from __future__ import annotations

from typing import NamedTuple

from minikube_py.controllers.runtime.history import REVISION_HASH
from minikube_py.controllers.runtime.podcontrol import pod_from_template
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.integers import INT32_MAXIMUM
from minikube_py.machinery.meta import labels, name, namespace
from minikube_py.machinery.wellknown import STATEFUL_SET

POD_NAME = "statefulset.kubernetes.io/pod-name"
POD_INDEX = "apps.kubernetes.io/pod-index"


class Member(NamedTuple):
    """What a pod's name says: "web-3" is of "web" and its ordinal 3; the ordinal is -1 if it has none."""

    set_name: str
    ordinal: int


def member(pod_name: str) -> Member:
    set_name, dash, digits = pod_name.rpartition("-")
    if not dash or not (digits.isascii() and digits.isdigit()):
        return Member("", -1)
    ordinal = int(digits)
    return Member(set_name, ordinal if ordinal <= INT32_MAXIMUM else -1)


def ordinal(pod: Object) -> int:
    return member(name(pod)).ordinal


def replicas(stateful_set: Object) -> int:
    wanted = stateful_set["spec"].get("replicas")
    return 1 if wanted is None else int(wanted)


def ordinals(stateful_set: Object) -> range:
    """Those its pods are to have."""
    start = (stateful_set["spec"].get("ordinals") or {}).get("start") or 0
    return range(start, start + replicas(stateful_set))


def pod_name(stateful_set: Object, ordinal: int) -> str:
    return f"{name(stateful_set)}-{ordinal}"


def claim_name(stateful_set: Object, template: Object, ordinal: int) -> str:
    return f"{name(template)}-{name(stateful_set)}-{ordinal}"


def claim_templates(stateful_set: Object) -> list[Object]:
    return stateful_set["spec"].get("volumeClaimTemplates") or []


def claim_names(stateful_set: Object, ordinal: int) -> list[str]:
    return [claim_name(stateful_set, template, ordinal) for template in claim_templates(stateful_set)]


def new_claims(stateful_set: Object, ordinal: int) -> list[Object]:
    """The claims of the pod of that ordinal, as they are created."""
    selected = (stateful_set["spec"].get("selector") or {}).get("matchLabels") or {}
    claims = []
    for template in claim_templates(stateful_set):
        metadata = {
            **template["metadata"],
            "name": claim_name(stateful_set, template, ordinal),
            "namespace": namespace(stateful_set),
            "labels": {**labels(template), **selected},
        }
        claims.append({**template, "apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": metadata})
    return claims


def new_pod(stateful_set: Object, ordinal: int, revision: str, *, index_label: bool = True) -> Object:
    """The pod of that ordinal by the set's template; `revision` is the name of the template's revision."""
    spec = stateful_set["spec"]
    pod = pod_from_template(spec.get("template") or {}, stateful_set, STATEFUL_SET)
    pod["metadata"] |= {"name": pod_name(stateful_set, ordinal), "namespace": namespace(stateful_set)}
    pod["metadata"]["labels"] = {**labels(pod), REVISION_HASH: revision}
    pod["spec"] = {**pod["spec"], "hostname": name(pod)}
    if spec.get("serviceName"):
        pod["spec"]["subdomain"] = spec["serviceName"]
    else:
        pod["spec"].pop("subdomain", None)
    return with_storage(stateful_set, with_identity(pod, index_label))


def identity_matches(stateful_set: Object, pod: Object) -> bool:
    found = member(name(pod))
    return (
        found.ordinal >= 0
        and found.set_name == name(stateful_set)
        and name(pod) == pod_name(stateful_set, found.ordinal)
        and labels(pod).get(POD_NAME) == name(pod)
    )


def with_identity(pod: Object, index_label: bool = True) -> Object:
    """The pod with the labels that tell which one of the set it is."""
    identity = {POD_NAME: name(pod), **({POD_INDEX: str(ordinal(pod))} if index_label else {})}
    return {**pod, "metadata": {**pod["metadata"], "labels": {**labels(pod), **identity}}}


def storage_matches(stateful_set: Object, pod: Object) -> bool:
    """Whether it mounts the claims that are its own."""
    mounted = {volume["name"]: volume for volume in pod["spec"].get("volumes") or ()}
    number = ordinal(pod)
    return number >= 0 and all(
        _claim_of(mounted.get(name(template))) == claim_name(stateful_set, template, number)
        for template in claim_templates(stateful_set)
    )


def _claim_of(volume: Object | None) -> str:
    return ((volume or {}).get("persistentVolumeClaim") or {}).get("claimName") or ""


def with_storage(stateful_set: Object, pod: Object) -> Object:
    """The pod with its claims mounted, instead of other volumes of the same names."""
    templates = claim_templates(stateful_set)
    if not templates:
        return pod
    number = ordinal(pod)
    claimed = {name(each): claim_name(stateful_set, each, number) for each in templates}
    volumes = [{"name": each, "persistentVolumeClaim": {"claimName": claim}} for each, claim in claimed.items()]
    others = [volume for volume in pod["spec"].get("volumes") or () if volume["name"] not in claimed]
    return {**pod, "spec": {**pod["spec"], "volumes": volumes + others}}


def pod_revision(pod: Object) -> str:
    """The name of the revision it was made of; "" if it does not say."""
    return labels(pod).get(REVISION_HASH, "")
