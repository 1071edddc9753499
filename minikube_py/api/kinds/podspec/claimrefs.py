"""A pod's references to resource claims."""

from __future__ import annotations

from collections.abc import Sequence

from minikube_py.api.kinds.podspec.annotations import MIRROR
from minikube_py.api.kinds.podspec.gostructs import as_go
from minikube_py.machinery.field import ErrorList, Path, duplicate, forbidden, invalid, invalid_each, required
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.names import dns1123_label, name_is_dns_subdomain

_SOURCES = ("resourceClaimName", "resourceClaimTemplateName")


def resource_claim_errors(claims: Sequence[Object], metadata: Object | None, path: Path) -> ErrorList:
    """`resourceClaims`; `metadata` is the pod's, None for a template's spec."""
    if MIRROR in ((metadata or {}).get("annotations") or ()):
        return [forbidden(Path(""), "static pods do not support resource claims") for _ in claims]
    errors: ErrorList = []
    names: set[str] = set()
    for index, claim in enumerate(claims):
        errors += _claim_errors(claim, names, path.index(index))
    return errors


def _claim_errors(claim: Object, names: set[str], path: Path) -> ErrorList:
    name = claim.get("name") or ""
    errors: ErrorList = []
    if not name:
        errors.append(required(path.child("name")))
    elif name in names:
        errors.append(duplicate(path.child("name"), name))
    else:
        errors += invalid_each(path.child("name"), name, dns1123_label(name))
        names.add(name)
    given = [source for source in _SOURCES if source in claim]
    if len(given) != 1:
        detail = "must specify one of: `resourceClaimName`, `resourceClaimTemplateName`"
        if given:
            detail = "at most one of `resourceClaimName` or `resourceClaimTemplateName` may be specified"
        errors.append(invalid(path, as_go("PodResourceClaim", claim), detail))
    for source in given:
        errors += invalid_each(path.child(source), claim[source], name_is_dns_subdomain(claim[source]))
    return errors
