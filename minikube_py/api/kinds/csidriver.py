"""CSIDriver: a driver of storage, and what it can (pkg/registry/storage/csidriver)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from minikube_py.api.context import Context
from minikube_py.api.kinds.core.gates import minor
from minikube_py.api.resource import AGE, NAME, Column, Resource, age
from minikube_py.api.strategy import METADATA, Strategy
from minikube_py.machinery import meta
from minikube_py.machinery.field import ErrorList, Path, as_json, duplicate, invalid, not_supported
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.objectmeta import FIELD_IMMUTABLE, validate_kube_object_meta_update

_SPEC = Path("spec")
_FS_GROUP_POLICIES = ("File", "None", "ReadWriteOnceWithFSType")
_LIFECYCLE_MODES = ("Persistent", "Ephemeral")
_SHORTEST_TOKEN, _LONGEST_TOKEN = 600, 1 << 32
"""Seconds."""
_SHORTEST_PERIOD = 10
_SELINUX = "seLinuxMount"
_TOKENS_IN_SECRETS = "serviceAccountTokenInSecrets"
_NEVER = 1000
_SINCE = {
    _SELINUX: 28,
    "nodeAllocatableUpdatePeriodSeconds": 35,
    _TOKENS_IN_SECRETS: 35,
    "preventPodSchedulingIfMissing": _NEVER,
}
"""Fields behind gates, and the minor version that opens each by default."""
_DEFAULTS = {
    "attachRequired": True,
    "podInfoOnMount": False,
    "storageCapacity": False,
    "fsGroupPolicy": "ReadWriteOnceWithFSType",
    "requiresRepublish": False,
    _SELINUX: False,
}
_UNSET = (
    "spec.serviceAccountTokenInSecrets is unset; if supported by this CSI driver, set to true to prevent possible "
    "logging of tokens in volume attributes"
)


class CSIDriverStrategy(Strategy):
    returns_deleted_object = True
    allow_unconditional_update = False

    def default(self, obj: Object) -> None:
        spec = obj.setdefault("spec", {})
        for name, value in _DEFAULTS.items():
            if spec.get(name) is None:
                spec[name] = value
        if not spec.get("volumeLifecycleModes"):
            spec["volumeLifecycleModes"] = [_LIFECYCLE_MODES[0]]

    def prepare_for_create(self, ctx: Context, obj: Object) -> None:
        _drop_fields(ctx, obj["spec"], {})

    def prepare_for_update(self, ctx: Context, obj: Object, old: Object) -> None:
        """Upstream's generation begins with the first change."""
        _drop_fields(ctx, obj["spec"], old["spec"])
        if obj["spec"] != old["spec"]:
            obj["metadata"]["generation"] = meta.generation(old) + 1

    def validate(self, ctx: Context, obj: Object) -> ErrorList:
        return [*self.validate_metadata(ctx, obj), *_spec_errors(obj["spec"])]

    def validate_update(self, ctx: Context, obj: Object, old: Object) -> ErrorList:
        spec, before = obj["spec"], old["spec"]
        errors = [
            *validate_kube_object_meta_update(obj["metadata"], old["metadata"], METADATA),
            *_spec_errors(spec),
        ]
        if spec["attachRequired"] != before.get("attachRequired"):
            errors.append(invalid(_SPEC.child("attachedRequired"), spec["attachRequired"], FIELD_IMMUTABLE))
        modes = spec["volumeLifecycleModes"]
        if modes != before.get("volumeLifecycleModes"):
            errors.append(invalid(_SPEC.child("volumeLifecycleModes"), modes, FIELD_IMMUTABLE))
        return errors

    def warnings_on_create(self, ctx: Context, obj: Object) -> list[str]:
        asks = obj["spec"].get("tokenRequests") and obj["spec"].get(_TOKENS_IN_SECRETS) is None
        return [_UNSET] if asks and minor(ctx) >= _SINCE[_TOKENS_IN_SECRETS] else []

    def warnings_on_update(self, ctx: Context, obj: Object, old: Object) -> list[str]:
        if (obj["spec"].get("tokenRequests") or []) == (old["spec"].get("tokenRequests") or []):
            return []
        return self.warnings_on_create(ctx, obj)


def _drop_fields(ctx: Context, spec: Object, old_spec: Object) -> None:
    for name, since in _SINCE.items():
        if minor(ctx) < since and old_spec.get(name) is None:
            spec.pop(name, None)


def _spec_errors(spec: Object) -> ErrorList:
    """pkg/apis/storage/validation validateCSIDriverSpec."""
    policy, period = spec["fsGroupPolicy"], spec.get("nodeAllocatableUpdatePeriodSeconds")
    tokens, in_secrets = spec.get("tokenRequests") or [], spec.get(_TOKENS_IN_SECRETS)
    errors: ErrorList = []
    if policy not in _FS_GROUP_POLICIES:
        errors.append(not_supported(_SPEC.child("fsGroupPolicy"), as_json(policy), _FS_GROUP_POLICIES))
    errors += _token_errors(tokens, _SPEC.child("tokenRequests"))
    errors += [
        not_supported(_SPEC.child("volumeLifecycleModes"), as_json(mode), _LIFECYCLE_MODES)
        for mode in spec["volumeLifecycleModes"]
        if mode not in _LIFECYCLE_MODES
    ]
    if period is not None and period < _SHORTEST_PERIOD:
        detail = "must be greater than or equal to 10 seconds"
        errors.append(invalid(_SPEC.child("nodeAllocatableUpdatePeriodSeconds"), period, detail))
    if in_secrets is not None and not tokens:
        detail = "serviceAccountTokenInSecrets is set but no tokenRequests are specified"
        errors.append(invalid(_SPEC.child(_TOKENS_IN_SECRETS), in_secrets, detail))
    return errors


def _token_errors(tokens: Sequence[Object], path: Path) -> ErrorList:
    errors: ErrorList = []
    audiences: set[str] = set()
    for index, token in enumerate(tokens):
        audience, seconds = token.get("audience") or "", token.get("expirationSeconds")
        if audience in audiences:
            errors.append(duplicate(path.index(index).child("audience"), audience))
            continue
        audiences.add(audience)
        at = path.index(index).child("expirationSeconds")
        if seconds is not None and seconds < _SHORTEST_TOKEN:
            errors.append(invalid(at, seconds, "may not specify a duration less than 10 minutes"))
        if seconds is not None and seconds > _LONGEST_TOKEN:
            errors.append(invalid(at, seconds, "may not specify a duration larger than 2^32 seconds"))
    return errors


def cells(obj: Object) -> list[Any]:
    spec = obj["spec"]
    tokens = spec.get("tokenRequests")
    return [
        obj["metadata"]["name"],
        spec.get("attachRequired", True),
        spec.get("podInfoOnMount", False),
        spec.get("storageCapacity", False),
        "<unset>" if tokens is None else ",".join(token.get("audience") or "" for token in tokens),
        spec.get("requiresRepublish", False),
        ",".join(spec.get("volumeLifecycleModes") or ()) or "<none>",
        age(obj),
    ]


_DOC = "io.k8s.api.storage.v1.CSIDriverSpec"

RESOURCES = (
    Resource(
        group="storage.k8s.io",
        version="v1",
        plural="csidrivers",
        kind="CSIDriver",
        namespaced=False,
        strategy=CSIDriverStrategy(),
        columns=(
            NAME,
            Column("AttachRequired", type="boolean", doc=f"{_DOC}#attachRequired"),
            Column("PodInfoOnMount", type="boolean", doc=f"{_DOC}#podInfoOnMount"),
            Column("StorageCapacity", type="boolean", doc=f"{_DOC}#storageCapacity"),
            Column("TokenRequests", doc=f"{_DOC}#tokenRequests"),
            Column("RequiresRepublish", type="boolean", doc=f"{_DOC}#requiresRepublish"),
            Column("Modes", doc=f"{_DOC}#volumeLifecycleModes"),
            AGE,
        ),
        cells=cells,
    ),
)
