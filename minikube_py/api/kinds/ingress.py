"""Ingress: which requests from outside go to which Service (pkg/registry/networking/ingress)."""

from __future__ import annotations

from typing import Any

from minikube_py.api.context import Context
from minikube_py.api.kinds.core.gates import relaxed_service_names, strict_ips
from minikube_py.api.kinds.networking.backends import ServiceNames
from minikube_py.api.kinds.networking.ingressrules import INGRESS_CLASS, validate_ingress_points, validate_ingress_spec
from minikube_py.api.resource import AGE, NAME, Column, Resource, Subresource, age
from minikube_py.api.strategy import METADATA, StatusStrategy, Strategy
from minikube_py.machinery import meta
from minikube_py.machinery.field import ErrorList, Path, invalid
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.ipnet import ip_warnings
from minikube_py.machinery.objectmeta import validate_kube_object_meta_update

_SPEC = Path("spec")
_INGRESS_POINTS = Path("status", "loadBalancer", "ingress")
_SHOWN_HOSTS = 3
_ANY_HOST = "*"


class IngressStrategy(Strategy):
    has_status = True
    has_generation = True
    reset_fields = (("status",),)

    def validate(self, ctx: Context, obj: Object) -> ErrorList:
        """pkg/apis/networking/validation ValidateIngressCreate."""
        errors = [
            *self.validate_metadata(ctx, obj),
            *validate_ingress_spec(obj["spec"], None, ServiceNames(relaxed_service_names(ctx)), _SPEC),
        ]
        annotation, name = meta.annotations(obj).get(INGRESS_CLASS), obj["spec"].get("ingressClassName")
        if annotation is not None and name is not None and annotation != name:
            at = Path("annotations").child(INGRESS_CLASS)
            errors.append(invalid(at, annotation, "must match `ingressClassName` when both are specified"))
        return errors

    def validate_update(self, ctx: Context, obj: Object, old: Object) -> ErrorList:
        """What was wrong already may stay so."""
        names = ServiceNames.of_stored(relaxed_service_names(ctx), old["spec"])
        return [
            *validate_kube_object_meta_update(obj["metadata"], old["metadata"], METADATA),
            *self.validate_metadata(ctx, obj),
            *validate_ingress_spec(obj["spec"], old["spec"], names, _SPEC),
        ]

    def warnings_on_create(self, ctx: Context, obj: Object) -> list[str]:
        if INGRESS_CLASS not in meta.annotations(obj) or obj["spec"].get("ingressClassName") is not None:
            return []
        return [f"annotation \"{INGRESS_CLASS}\" is deprecated, please use 'spec.ingressClassName' instead"]


class IngressStatusStrategy(StatusStrategy):
    def validate_update(self, ctx: Context, obj: Object, old: Object) -> ErrorList:
        return [
            *super().validate_update(ctx, obj, old),
            *validate_ingress_points(ingress_points(obj), ingress_points(old), strict_ips(ctx), _INGRESS_POINTS),
        ]

    def warnings_on_update(self, ctx: Context, obj: Object, old: Object) -> list[str]:
        return [
            warning
            for index, point in enumerate(ingress_points(obj))
            if point.get("ip")
            for warning in ip_warnings(_INGRESS_POINTS.index(index), point["ip"])
        ]


def ingress_points(obj: Object) -> list[Object]:
    """The load balancer's addresses."""
    return ((obj.get("status") or {}).get("loadBalancer") or {}).get("ingress") or []


def cells(obj: Object) -> list[Any]:
    spec = obj["spec"]
    class_name = spec.get("ingressClassName")
    addresses = {point.get("ip") or point.get("hostname") or "" for point in ingress_points(obj)}
    return [
        obj["metadata"]["name"],
        "<none>" if class_name is None else class_name,
        _hosts(spec.get("rules") or []),
        ",".join(sorted(addresses - {""})),
        "80, 443" if spec.get("tls") else "80",
        age(obj),
    ]


def _hosts(rules: list[Object]) -> str:
    """The first three; what is beyond them counts rules, not hosts."""
    hosts: list[str] = []
    for rule in rules:
        if len(hosts) == _SHOWN_HOSTS:
            return f"{','.join(hosts)} + {len(rules) - _SHOWN_HOSTS} more..."
        if rule.get("host"):
            hosts.append(rule["host"])
    return ",".join(hosts) or _ANY_HOST


_STRATEGY = IngressStrategy()

RESOURCES = (
    Resource(
        group="networking.k8s.io",
        version="v1",
        plural="ingresses",
        kind="Ingress",
        short_names=("ing",),
        strategy=_STRATEGY,
        subresources=(Subresource("status", strategy=IngressStatusStrategy(_STRATEGY)),),
        columns=(
            NAME,
            Column(
                "Class",
                description="The name of the IngressClass resource that should be used for additional configuration",
            ),
            Column("Hosts", description="Hosts that incoming requests are matched against before the ingress rule"),
            Column("Address", description="Address is a list containing ingress points for the load-balancer"),
            Column("Ports", description="Ports of TLS configurations that open"),
            AGE,
        ),
        cells=cells,
    ),
)
