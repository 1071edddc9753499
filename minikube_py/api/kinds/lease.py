"""Lease: who leads, and until when (pkg/registry/coordination/lease)."""

from __future__ import annotations

from typing import Any

from minikube_py.api.context import Context
from minikube_py.api.resource import AGE, NAME, Column, Resource, age
from minikube_py.api.strategy import METADATA, Strategy
from minikube_py.machinery.field import ErrorList, Path, as_json, forbidden, invalid, invalid_each, not_supported
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.names import qualified_name
from minikube_py.machinery.objectmeta import validate_kube_object_meta_update

_SPEC = Path("spec")
_COORDINATED = ("strategy", "preferredHolder")
"""Fields of coordinated leader election, a gate that is closed by default."""
_STRATEGIES = ("OldestEmulationVersion",)


def validate_spec(spec: Object) -> ErrorList:
    """pkg/apis/coordination/validation ValidateLeaseSpec."""
    errors: ErrorList = []
    duration, transitions = spec.get("leaseDurationSeconds"), spec.get("leaseTransitions")
    if duration is not None and duration <= 0:
        errors.append(invalid(_SPEC.child("leaseDurationSeconds"), duration, "must be greater than 0"))
    if transitions is not None and transitions < 0:
        errors.append(invalid(_SPEC.child("leaseTransitions"), transitions, "must be greater than or equal to 0"))
    strategy = spec.get("strategy")
    if strategy is not None:
        errors += _validate_strategy(strategy, _SPEC.child("strategy", "strategy"))
    if spec.get("preferredHolder") and not strategy:
        errors.append(forbidden(_SPEC.child("preferredHolder"), "may only be specified if `strategy` is defined"))
    return errors


def _validate_strategy(strategy: str, path: Path) -> ErrorList:
    """Names without a domain are Kubernetes' own; others must be qualified."""
    if "/" not in strategy:
        return [] if strategy in _STRATEGIES else [not_supported(path, strategy, _STRATEGIES)]
    return invalid_each(path, as_json(strategy), qualified_name(strategy))


class LeaseStrategy(Strategy):
    allow_create_on_update = True
    allow_unconditional_update = False

    def prepare_for_create(self, ctx: Context, obj: Object) -> None:
        _drop_coordinated(obj, {})

    def prepare_for_update(self, ctx: Context, obj: Object, old: Object) -> None:
        _drop_coordinated(obj, old.get("spec") or {})

    def validate(self, ctx: Context, obj: Object) -> ErrorList:
        return [*self.validate_metadata(ctx, obj), *validate_spec(obj.get("spec") or {})]

    def validate_update(self, ctx: Context, obj: Object, old: Object) -> ErrorList:
        return [
            *validate_kube_object_meta_update(obj["metadata"], old["metadata"], METADATA),
            *validate_spec(obj.get("spec") or {}),
        ]


def _drop_coordinated(obj: Object, old_spec: Object) -> None:
    spec = obj.get("spec") or {}
    for name in _COORDINATED:
        if name in spec and old_spec.get(name) is None:
            del spec[name]


def cells(obj: Object) -> list[Any]:
    return [obj["metadata"]["name"], (obj.get("spec") or {}).get("holderIdentity") or "", age(obj)]


RESOURCES = (
    Resource(
        group="coordination.k8s.io",
        version="v1",
        plural="leases",
        kind="Lease",
        strategy=LeaseStrategy(),
        columns=(NAME, Column("Holder", doc="io.k8s.api.coordination.v1.LeaseSpec#holderIdentity"), AGE),
        cells=cells,
    ),
)
