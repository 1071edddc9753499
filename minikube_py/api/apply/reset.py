"""Reset fields: what a kind's strategy puts back whatever is sent, so that sending it makes nobody its owner.

Upstream: GetResetFields of the strategies in pkg/registry, apiextensions-apiserver and kube-aggregator.
"""

from __future__ import annotations

from collections.abc import Iterable

from minikube_py.api.apply import fieldset
from minikube_py.api.apply.fieldset import LEAF, FieldSet, Path
from minikube_py.machinery.gvr import GroupResource

_SPEC: Path = ("f:spec",)
_STATUS: Path = ("f:status",)
_METADATA: Path = ("f:metadata",)

_RESETS: dict[tuple[str, str, str], tuple[Path, ...]] = {
    ("apps", "deployments", "status"): (_SPEC, ("f:metadata", "f:labels")),
    ("", "namespaces", "finalize"): (_STATUS,),
    ("", "pods", "status"): (_SPEC, ("f:metadata", "f:deletionTimestamp"), ("f:metadata", "f:ownerReferences")),
    ("certificates.k8s.io", "certificatesigningrequests", ""): (_SPEC, _STATUS),
    ("certificates.k8s.io", "certificatesigningrequests", "approval"): (_SPEC, ("f:status", "f:certificate")),
    ("certificates.k8s.io", "certificatesigningrequests", "status"): (_SPEC, ("f:status", "f:conditions")),
}

_METADATA_RESET_WITH_STATUS = frozenset(
    {
        ("admissionregistration.k8s.io", "validatingadmissionpolicies"),
        ("apiregistration.k8s.io", "apiservices"),
        ("flowcontrol.apiserver.k8s.io", "flowschemas"),
        ("flowcontrol.apiserver.k8s.io", "prioritylevelconfigurations"),
        ("internal.apiserver.k8s.io", "storageversions"),
        ("networking.k8s.io", "servicecidrs"),
        ("resource.k8s.io", "devicetaintrules"),
        ("resource.k8s.io", "resourceclaims"),
        ("resource.k8s.io", "resourcepoolstatusrequests"),
        ("scheduling.k8s.io", "podgroups"),
        ("storage.k8s.io", "volumeattachments"),
        ("storagemigration.k8s.io", "storageversionmigrations"),
    }
)


def reset_fields(
    resource: GroupResource, subresource: str, api_versions: Iterable[str], *, has_status: bool, custom: bool = False
) -> dict[str, FieldSet]:
    """By apiVersion, what is not owned by writing `subresource` ("" for the object itself).

    `has_status`: the kind has a status subresource. `custom`: it is a custom resource.
    """
    fields = _fields(resource, subresource, has_status, custom)
    return dict.fromkeys(api_versions, fields) if fields else {}


def _fields(resource: GroupResource, subresource: str, has_status: bool, custom: bool) -> FieldSet:
    paths = _RESETS.get((resource.group, resource.resource, subresource))
    if paths is not None:
        return fieldset.of(*paths)
    if not subresource:
        return fieldset.of(_STATUS) if has_status else LEAF
    if subresource != "status":
        return LEAF
    if custom or resource in _METADATA_RESET_WITH_STATUS:
        return fieldset.of(_SPEC, _METADATA)
    return fieldset.of(_SPEC)
