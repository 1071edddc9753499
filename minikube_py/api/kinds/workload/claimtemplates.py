"""A StatefulSet's volumeClaimTemplates: the claims each of its pods gets."""

from __future__ import annotations

from typing import Any

from minikube_py.api.kinds.podspec.claims import claim_spec_errors
from minikube_py.api.kinds.podspec.defaults import default_resource_list
from minikube_py.machinery.field import ErrorList, Path
from minikube_py.machinery.gotext import quote
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.quantity import parse


def default_claim_template(template: Object) -> None:
    """What pkg/apis/core/v1 defaults in any claim, and the kind that apps/v1 writes into it."""
    template["apiVersion"] = "v1"
    template["kind"] = "PersistentVolumeClaim"
    spec = template.setdefault("spec", {})
    spec.setdefault("volumeMode", "Filesystem")
    for amounts in (spec.get("resources") or {}).values():
        default_resource_list(amounts)
    status = template.setdefault("status", {})
    if not status.get("phase"):
        status["phase"] = "Pending"


def validate_claim_templates(claims: list[Object], path: Path) -> ErrorList:
    """Their specs alone: the controller makes the names."""
    errors: ErrorList = []
    for index, claim in enumerate(claims):
        errors += claim_spec_errors(claim.get("spec") or {}, path.index(index).child("spec"))
    return errors


def claim_template_warnings(claims: list[Object], path: Path, field: str) -> list[str]:
    """Storage in fractions of a byte. `field` stands between the claim and its resources; upstream's differs between
    creation ("") and update ("Spec")."""
    warnings: list[str] = []
    for index, claim in enumerate(claims):
        at = path.index(index).child(field) if field else path.index(index)
        resources = (claim.get("spec") or {}).get("resources") or {}
        for name in ("requests", "limits"):
            text = (resources.get(name) or {}).get("storage", "0")
            if parse(text).milli_value() % 1000:
                place = at.child("resources", name).key("storage")
                warnings.append(f"{place}: fractional byte value {quote(text)} is invalid, must be an integer")
    return warnings


def as_pods_get_it(template: Object, claims: list[Object]) -> Object:
    """The pod template with what the controller sets in each pod: a volume for each claim, no names of its own
    (validateStatefulSetSpec: hostname and subdomain are overwritten, so that they are not looked at)."""
    spec: Object = template.get("spec") or {}
    if not (claims or "subdomain" in spec or "hostname" in spec):
        return template
    changed = {name: value for name, value in spec.items() if name not in ("subdomain", "hostname")}
    if claims:
        changed["volumes"] = _volumes(spec.get("volumes") or [], claims)
    return {**template, "spec": changed}


def _volumes(volumes: list[Object], claims: list[Object]) -> list[Any]:
    """The claims' volumes, and those of the template that no claim replaces."""
    names = dict.fromkeys((claim.get("metadata") or {}).get("name", "") for claim in claims)
    return [
        *({"name": name, "persistentVolumeClaim": {"claimName": name}} for name in names),
        *(volume for volume in volumes if volume.get("name") not in names),
    ]
