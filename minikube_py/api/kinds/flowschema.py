"""FlowSchema: which requests go to which priority level (pkg/registry/flowcontrol/flowschema)."""

from __future__ import annotations

from typing import Any

from minikube_py.api.context import Context
from minikube_py.api.kinds.flowcontrol.mandatory import EXEMPT, FLOW_SCHEMAS
from minikube_py.api.kinds.flowcontrol.rules import validate_rules
from minikube_py.api.kinds.flowcontrol.status import FlowStatusStrategy, validate_conditions
from minikube_py.api.kinds.flowcontrol.versions import GROUP, SERVED, conversion, deprecation
from minikube_py.api.kinds.workload.internal import internal_value
from minikube_py.api.resource import AGE, NAME, Column, Resource, Subresource, age
from minikube_py.api.strategy import Strategy
from minikube_py.machinery.field import ErrorList, Path, invalid, invalid_each, not_supported, required
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.names import name_is_dns_subdomain

_SPEC = Path("spec")
_DEFAULT_PRECEDENCE, _MOST_PRECEDENCE = 1000, 10000
_METHODS = ("ByNamespace", "ByUser")


class FlowSchemaStrategy(Strategy):
    has_status = True
    has_generation = True
    reset_fields = (("status",),)

    def default(self, obj: Object) -> None:
        spec = obj.setdefault("spec", {})
        if not spec.get("matchingPrecedence"):
            spec["matchingPrecedence"] = _DEFAULT_PRECEDENCE

    def validate(self, ctx: Context, obj: Object) -> ErrorList:
        """pkg/apis/flowcontrol/validation ValidateFlowSchema."""
        name, spec = obj["metadata"].get("name") or "", obj["spec"]
        errors = [*self.validate_metadata(ctx, obj), *_spec_errors(name, spec)]
        if spec != FLOW_SCHEMAS.get(name, spec):
            shown = internal_value(ctx.resource.type.fields["spec"].type, spec)
            errors.append(invalid(_SPEC, shown, f"spec of '{name}' must equal the fixed value"))
        return errors + validate_conditions(obj)

    def validate_update(self, ctx: Context, obj: Object, old: Object) -> ErrorList:
        return self.validate(ctx, obj)


def _spec_errors(name: str, spec: Object) -> ErrorList:
    precedence, at = spec["matchingPrecedence"], _SPEC.child("matchingPrecedence")
    errors: ErrorList = []
    if precedence <= 0:
        errors.append(invalid(at, precedence, "must be a positive value"))
    if precedence > _MOST_PRECEDENCE:
        errors.append(invalid(at, precedence, f"must not be greater than {_MOST_PRECEDENCE}"))
    if precedence == 1 and name != EXEMPT:
        errors.append(invalid(at, precedence, "only the schema named 'exempt' may have matchingPrecedence 1"))
    method = spec.get("distinguisherMethod")
    if method is not None and method.get("type") not in _METHODS:
        shown = {"Type": method.get("type") or ""}
        errors.append(not_supported(_SPEC.child("distinguisherMethod", "type"), shown, _METHODS))
    level, at = _level(spec), _SPEC.child("priorityLevelConfiguration", "name")
    if level:
        errors += invalid_each(at, level, name_is_dns_subdomain(level))
    else:
        errors.append(required(at, "must reference a priority level"))
    return errors + validate_rules(spec.get("rules") or [], _SPEC.child("rules"))


def _level(spec: Object) -> str:
    """The name of the priority level."""
    return (spec.get("priorityLevelConfiguration") or {}).get("name") or ""


def cells(obj: Object) -> list[Any]:
    spec = obj["spec"]
    method = spec.get("distinguisherMethod")
    conditions = (obj.get("status") or {}).get("conditions") or ()
    dangling = [condition.get("status") or "" for condition in conditions if condition.get("type") == "Dangling"]
    return [
        obj["metadata"]["name"],
        _level(spec),
        spec.get("matchingPrecedence", 0),
        "<none>" if method is None else method.get("type") or "",
        age(obj),
        dangling[0] if dangling else "?",
    ]


_DOC = "io.k8s.api.flowcontrol.v1"


def _resource(version: str, served: tuple[int, int] | None) -> Resource:
    strategy = FlowSchemaStrategy()
    return Resource(
        group=GROUP,
        version=version,
        plural="flowschemas",
        kind="FlowSchema",
        namespaced=False,
        strategy=strategy,
        subresources=(Subresource("status", strategy=FlowStatusStrategy(strategy)),),
        columns=(
            NAME,
            Column("PriorityLevel", doc=f"{_DOC}.PriorityLevelConfigurationReference#name"),
            Column("MatchingPrecedence", doc=f"{_DOC}.FlowSchemaSpec#matchingPrecedence"),
            Column("DistinguisherMethod", doc=f"{_DOC}.FlowSchemaSpec#distinguisherMethod"),
            AGE,
            Column("MissingPL", description="references a broken or non-existent PriorityLevelConfiguration"),
        ),
        cells=cells,
        hub=conversion(version),
        served=served,
        deprecation=deprecation(version, "FlowSchema"),
    )


RESOURCES = tuple(_resource(version, served) for version, served in SERVED.items())
