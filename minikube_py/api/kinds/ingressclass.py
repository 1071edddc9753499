"""IngressClass: which controller handles an Ingress (pkg/registry/networking/ingressclass)."""

from __future__ import annotations

from typing import Any

from minikube_py.api.context import Context
from minikube_py.api.kinds.networking.references import validate_local_reference
from minikube_py.api.resource import AGE, NAME, Column, Resource, age
from minikube_py.api.strategy import METADATA, Strategy
from minikube_py.machinery import meta
from minikube_py.machinery.domainnames import domain_prefixed_path
from minikube_py.machinery.field import (
    ErrorList,
    Path,
    forbidden,
    invalid,
    invalid_each,
    not_supported,
    required,
    too_long,
)
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.names import byte_length, dns1123_label
from minikube_py.machinery.objectmeta import FIELD_IMMUTABLE, validate_kube_object_meta_update

DEFAULT_CLASS = "ingressclass.kubernetes.io/is-default-class"
"""The annotation whose "true" makes a class the default one."""
_CONTROLLER = Path("spec", "controller")
_PARAMETERS = Path("spec", "parameters")
_CONTROLLER_MAXIMUM = 250
_CLUSTER, _NAMESPACE = "Cluster", "Namespace"


class IngressClassStrategy(Strategy):
    has_generation = True

    def default(self, obj: Object) -> None:
        parameters = (obj.get("spec") or {}).get("parameters")
        if parameters is not None and parameters.get("scope") is None:
            parameters["scope"] = _CLUSTER

    def validate(self, ctx: Context, obj: Object) -> ErrorList:
        """pkg/apis/networking/validation ValidateIngressClass."""
        errors = self.validate_metadata(ctx, obj)
        spec = obj.get("spec") or {}
        controller, parameters = spec.get("controller") or "", spec.get("parameters")
        if byte_length(controller) > _CONTROLLER_MAXIMUM:
            errors.append(too_long(_CONTROLLER, _CONTROLLER_MAXIMUM))
        errors += domain_prefixed_path(_CONTROLLER, controller)
        if parameters is not None:
            errors += validate_local_reference(parameters, _PARAMETERS)
            errors += _scope_errors(parameters.get("scope"), parameters.get("namespace"))
        return errors

    def validate_update(self, ctx: Context, obj: Object, old: Object) -> ErrorList:
        errors = validate_kube_object_meta_update(obj["metadata"], old["metadata"], METADATA)
        controller = (obj.get("spec") or {}).get("controller") or ""
        if controller != ((old.get("spec") or {}).get("controller") or ""):
            errors.append(invalid(_CONTROLLER, controller, FIELD_IMMUTABLE))
        return errors + self.validate(ctx, obj)


def _scope_errors(scope: str | None, namespace: str | None) -> ErrorList:
    at = _PARAMETERS.child("namespace")
    if scope is None:
        return [required(_PARAMETERS.child("scope"))]
    if scope == _CLUSTER:
        return [] if namespace is None else [forbidden(at, "`parameters.scope` is set to 'Cluster'")]
    if scope != _NAMESPACE:
        return [not_supported(_PARAMETERS.child("scope"), scope, (_CLUSTER, _NAMESPACE))]
    if namespace is None:
        return [required(at, "`parameters.scope` is set to 'Namespace'")]
    return invalid_each(at, namespace, dns1123_label(namespace))


def cells(obj: Object) -> list[Any]:
    name, spec = obj["metadata"]["name"], obj.get("spec") or {}
    default = meta.annotations(obj).get(DEFAULT_CLASS) == "true"
    return [
        f"{name} (default)" if default else name,
        spec.get("controller") or "",
        _parameters_text(spec.get("parameters")),
        age(obj),
    ]


def _parameters_text(parameters: Object | None) -> str:
    if parameters is None:
        return "<none>"
    group = parameters.get("apiGroup")
    kind = parameters.get("kind") or ""
    return f"{kind if group is None else f'{kind}.{group}'}/{parameters.get('name') or ''}"


RESOURCES = (
    Resource(
        group="networking.k8s.io",
        version="v1",
        plural="ingressclasses",
        kind="IngressClass",
        namespaced=False,
        strategy=IngressClassStrategy(),
        columns=(
            NAME,
            Column("Controller", description="Controller that is responsible for handling this class"),
            Column("Parameters", description="A reference to a resource with additional parameters"),
            AGE,
        ),
        cells=cells,
    ),
)
