"""What is known to differ from the recorded server, and why."""

from __future__ import annotations

import fnmatch
from typing import Any, NamedTuple

_CA_BUNDLE = "openshift-service-ca.crt"
_ROLE_PREFIX = "system:openshift:"


class Difference(NamedTuple):
    reason: str
    patterns: tuple[str, ...]
    """Of "scenario/step", as fnmatch takes them."""


PATCH = (
    "The recorded server is a distribution's build, which projects one more ConfigMap, "
    f"`{_CA_BUNDLE}`, into every pod's `kube-api-access` volume and has a ClusterRole and a binding "
    f"`{_ROLE_PREFIX}...` of its own; upstream does not."
)
"""Why steps are "identical but for a patch"."""

DIFFERENCES: tuple[Difference, ...] = (
    Difference(
        "Whoever calls is the administrator `system:admin`: other tokens, impersonation and anonymous requests wait "
        "for authentication and RBAC.",
        (
            "kind-discovery-openapi/*-anonymous",
            "kind-discovery-root/*-anonymous",
            "kind-discovery-root/wrong-token",
            "kind-reviews/*",
            "protocol-kubectl-inspect/whoami-*",
        ),
    ),
    Difference(
        "Service account tokens are not signed, so there is no issuer to discover.",
        (
            "kind-discovery-openapi/openid-configuration",
            "kind-discovery-openapi/jwks*",
        ),
    ),
    Difference(
        "CEL expressions are not compiled yet.",
        (
            "crd-cel-*",
            "crd-ratcheting/*",
            "kind-deviceclass-resourceslice/class-bad",
            "kind-mutatingadmissionpolicy/*",
            "kind-resourceclaim/claim-request-fields",
            "kind-validatingadmissionpolicy/*",
            "kind-validatingwebhookconfiguration/v-match-conditions",
        ),
    ),
    Difference("`/version` tells this project's build and platform.", ("kind-discovery-root/version*",)),
    Difference("Custom resources are not converted by webhooks yet.", ("crd-conversion/*",)),
    Difference("API servers are not aggregated.", ("kind-apiservice/*",)),
    Difference(
        "The store takes objects of any size that a request may have; etcd refuses more than 1.5 MiB.",
        ("protocol-errors-size/object-over-etcd-limit",),
    ),
)


def reason(scenario: str, step: str) -> str:
    """Why a step differs; "" where that is not known."""
    name = f"{scenario}/{step}"
    for difference in DIFFERENCES:
        if any(fnmatch.fnmatchcase(name, pattern) for pattern in difference.patterns):
            return difference.reason
    return ""


def without_patch(value: Any) -> Any:
    """A recorded answer as upstream would have given it; the same tree where nothing is to be taken out."""
    if isinstance(value, dict):
        out = {key: without_patch(each) for key, each in value.items()}
        return out if any(out[key] is not value[key] for key in value) else value
    if isinstance(value, list):
        kept = [without_patch(each) for each in value if not (_is_ca_bundle(each) or _is_role_row(each))]
        same = len(kept) == len(value) and all(new is old for new, old in zip(kept, value, strict=True))
        return value if same else kept
    return value


def _is_ca_bundle(source: Any) -> bool:
    """A source of a projected volume."""
    return isinstance(source, dict) and source.keys() == {"configMap"} and source["configMap"].get("name") == _CA_BUNDLE


def _is_role_row(row: Any) -> bool:
    """A row of a table of roles or bindings."""
    return isinstance(row, dict) and "cells" in row and str(row["cells"][:1]).startswith(f"['{_ROLE_PREFIX}")
