"""APIService: who serves a version of a group (kube-aggregator/pkg/registry/apiservice)."""

from __future__ import annotations

from typing import Any

from minikube_py.api.context import Context
from minikube_py.api.resource import AGE, NAME, Column, Resource, Subresource, age
from minikube_py.api.strategy import METADATA, StatusStrategy, Strategy
from minikube_py.machinery.field import (
    ErrorList,
    Path,
    as_json,
    invalid,
    invalid_each,
    not_supported,
    required,
)
from minikube_py.machinery.gotext import quote
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.names import dns1035_label, dns1123_subdomain, path_segment_name, port_number
from minikube_py.machinery.objectmeta import validate_object_meta, validate_object_meta_update

_SPEC = Path("spec")
_CONDITIONS = Path("status", "conditions")
_DEFAULT_PORT = 443
_STATUSES = ("True", "False", "Unknown")
_KEPT_METADATA = ("labels", "annotations", "finalizers", "ownerReferences")


class APIServiceStrategy(Strategy):
    has_status = True
    reset_fields = (("status",),)
    allow_unconditional_update = False

    def default(self, obj: Object) -> None:
        service = (obj.get("spec") or {}).get("service")
        if service is not None and service.get("port") is None:
            service["port"] = _DEFAULT_PORT

    def prepare_for_create(self, ctx: Context, obj: Object) -> None:
        """What the server serves itself is available at once."""
        super().prepare_for_create(ctx, obj)
        if spec_of(obj).get("service") is None:
            condition = {
                "type": "Available",
                "status": "True",
                "lastTransitionTime": ctx.now,
                "reason": "Local",
                "message": "Local APIServices are always available",
            }
            obj["status"] = {"conditions": [condition]}

    def validate(self, ctx: Context, obj: Object) -> ErrorList:
        spec = spec_of(obj)
        wanted = f"{spec.get('version') or ''}.{spec.get('group') or ''}"

        def name_problems(name: str, prefix: bool) -> list[str]:
            if problems := path_segment_name(name):
                return problems
            return [] if name == wanted else [f'must be `spec.version+"."+spec.group`: {quote(wanted)}']

        return [*validate_object_meta(obj["metadata"], False, name_problems, METADATA), *_spec_errors(spec)]

    def validate_update(self, ctx: Context, obj: Object, old: Object) -> ErrorList:
        return [
            *validate_object_meta_update(obj["metadata"], old["metadata"], METADATA),
            *self.validate(ctx, obj),
        ]


class APIServiceStatusStrategy(StatusStrategy):
    reset_fields = (("metadata",), ("spec",))
    allow_unconditional_update = False

    def prepare_for_update(self, ctx: Context, obj: Object, old: Object) -> None:
        super().prepare_for_update(ctx, obj, old)
        for name in _KEPT_METADATA:
            obj["metadata"].pop(name, None)
            if name in old["metadata"]:
                obj["metadata"][name] = old["metadata"][name]

    def validate_update(self, ctx: Context, obj: Object, old: Object) -> ErrorList:
        errors = validate_object_meta_update(obj["metadata"], old["metadata"], METADATA)
        for index, condition in enumerate(conditions(obj)):
            status = condition.get("status") or ""
            if status not in _STATUSES:
                errors.append(not_supported(_CONDITIONS.index(index).child("status"), as_json(status), _STATUSES))
        return errors


def spec_of(obj: Object) -> Object:
    return obj.get("spec") or {}


def conditions(obj: Object) -> list[Object]:
    return (obj.get("status") or {}).get("conditions") or []


def _spec_errors(spec: Object) -> ErrorList:
    group, version = spec.get("group") or "", spec.get("version") or ""
    errors: ErrorList = []
    if not group and version != "v1":
        detail = "only v1 may have an empty group and it better be legacy kube"
        errors.append(required(_SPEC.child("group"), detail))
    if group:
        errors += invalid_each(_SPEC.child("group"), group, dns1123_subdomain(group))
    errors += invalid_each(_SPEC.child("version"), version, dns1035_label(version))
    for name, most in (("groupPriorityMinimum", 20000), ("versionPriority", 1000)):
        priority = spec.get(name) or 0
        if not 0 < priority <= most:
            errors.append(invalid(_SPEC.child(name), priority, f"must be positive and less than {most}"))
    return errors + _service_errors(spec)


def _service_errors(spec: Object) -> ErrorList:
    service, bundle, insecure = spec.get("service"), spec.get("caBundle"), spec.get("insecureSkipTLSVerify", False)
    errors: ErrorList = []
    if service is None:
        if bundle:
            size = f"{len(bundle) // 4 * 3 - bundle[-2:].count('=')} bytes"
            errors.append(invalid(_SPEC.child("caBundle"), size, "local APIServices may not have a caBundle"))
        if insecure:
            detail = "local APIServices may not have insecureSkipTLSVerify"
            errors.append(invalid(_SPEC.child("insecureSkipTLSVerify"), True, detail))
        return errors
    at = _SPEC.child("service")
    errors += [required(at.child(name)) for name in ("namespace", "name") if not service.get(name)]
    port = service.get("port") or 0
    if problems := port_number(port):
        errors.append(invalid(at.child("port"), port, f"port is not valid: {', '.join(problems)}"))
    if insecure and bundle:
        detail = "may not be true if caBundle is present"
        errors.append(invalid(_SPEC.child("insecureSkipTLSVerify"), True, detail))
    return errors


def cells(obj: Object) -> list[Any]:
    service = spec_of(obj).get("service")
    where = "Local" if service is None else f"{service.get('namespace') or ''}/{service.get('name') or ''}"
    return [obj["metadata"]["name"], where, _availability(obj), age(obj)]


def _availability(obj: Object) -> str:
    for condition in conditions(obj):
        if condition.get("type") == "Available":
            status, reason = condition.get("status") or "", condition.get("reason")
            return f"{status} ({reason})" if status != "True" and reason else status
    return "Unknown"


_STRATEGY = APIServiceStrategy()

RESOURCES = (
    Resource(
        group="apiregistration.k8s.io",
        version="v1",
        plural="apiservices",
        kind="APIService",
        namespaced=False,
        categories=("api-extensions",),
        strategy=_STRATEGY,
        subresources=(Subresource("status", strategy=APIServiceStatusStrategy(_STRATEGY)),),
        columns=(
            NAME,
            Column("Service", description="The reference to the service that hosts this API endpoint."),
            Column("Available", description="Whether this service is available."),
            AGE,
        ),
        cells=cells,
    ),
)
