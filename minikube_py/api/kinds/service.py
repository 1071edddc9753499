"""Service: a name and an address for a set of pods (pkg/registry/core/service)."""

from __future__ import annotations

from typing import Any

from minikube_py.api.allocators.allocators import addresses
from minikube_py.api.context import Context
from minikube_py.api.kinds.core.gates import relaxed_service_names, strict_ips
from minikube_py.api.kinds.core.proxy import PROXY_VERBS
from minikube_py.api.kinds.services import addressobjects
from minikube_py.api.kinds.services.allocation import allocate_create, allocate_update
from minikube_py.api.kinds.services.change import drop_by_type, drop_internal_traffic
from minikube_py.api.kinds.services.defaults import default_service
from minikube_py.api.kinds.services.spec import EXTERNAL_NAME, LOAD_BALANCER, Spec, ports
from minikube_py.api.kinds.services.status import ingress, status_warnings, validate_load_balancer
from minikube_py.api.kinds.services.validation import Options, validate_change, validate_service
from minikube_py.api.kinds.services.warnings import service_warnings
from minikube_py.api.resource import AGE, NAME, Column, Resource, Subresource, age
from minikube_py.api.strategy import METADATA, Finish, StatusStrategy, Strategy
from minikube_py.machinery import meta
from minikube_py.machinery.field import ErrorList
from minikube_py.machinery.gvr import GroupVersionKind, Object
from minikube_py.machinery.names import name_is_dns1035_label, name_is_dns_label
from minikube_py.machinery.objectmeta import validate_kube_object_meta, validate_kube_object_meta_update
from minikube_py.store import Key


class ServiceStrategy(Strategy):
    allow_create_on_update = True
    reset_fields = (("status",),)
    returns_deleted_object = True

    def validate_name(self, name: str, prefix: bool) -> list[str]:
        return name_is_dns_label(name, prefix)

    def default(self, obj: Object) -> None:
        default_service(obj)

    def begin_create(self, ctx: Context, obj: Object) -> Finish | None:
        return allocate_create(ctx, obj)

    def prepare_for_create(self, ctx: Context, obj: Object) -> None:
        obj["status"] = {"loadBalancer": {}}
        drop_internal_traffic(obj["spec"])

    def validate_metadata(self, ctx: Context, obj: Object) -> ErrorList:
        name_fn = name_is_dns_label if relaxed_service_names(ctx) else name_is_dns1035_label
        return validate_kube_object_meta(obj["metadata"], True, name_fn, METADATA)

    def validate(self, ctx: Context, obj: Object) -> ErrorList:
        return [*self.validate_metadata(ctx, obj), *validate_service(obj, None, Options.of(ctx))]

    def warnings_on_create(self, ctx: Context, obj: Object) -> list[str]:
        return service_warnings(ctx, obj)

    def begin_update(self, ctx: Context, obj: Object, old: Object) -> Finish | None:
        return allocate_update(ctx, obj, old)

    def prepare_for_update(self, ctx: Context, obj: Object, old: Object) -> None:
        obj["status"] = old["status"]
        drop_by_type(obj, old)
        drop_internal_traffic(obj["spec"])

    def validate_update(self, ctx: Context, obj: Object, old: Object) -> ErrorList:
        return [
            *validate_kube_object_meta_update(obj["metadata"], old["metadata"], METADATA),
            *validate_change(obj["spec"], old["spec"]),
            *validate_service(obj, old, Options.of(ctx)),
        ]

    def warnings_on_update(self, ctx: Context, obj: Object, old: Object) -> list[str]:
        return service_warnings(ctx, obj)

    def after_delete(self, ctx: Context, obj: Object) -> None:
        """The ranges get back what the Service had, and the Endpoints of its name go with it."""
        ctx.registry.allocators.release(obj)
        addressobjects.remove(ctx, addresses(obj))
        key = Key("endpoints", meta.namespace(obj), meta.name(obj))
        stored = ctx.registry.store.get(key)
        if stored is not None and not meta.finalizers(stored.object):
            ctx.registry.store.delete(key, stored.revision)


class ServiceStatusStrategy(StatusStrategy):
    def validate_update(self, ctx: Context, obj: Object, old: Object) -> ErrorList:
        return [*super().validate_update(ctx, obj, old), *validate_load_balancer(obj, old, strict_ips(ctx))]

    def warnings_on_update(self, ctx: Context, obj: Object, old: Object) -> list[str]:
        return status_warnings(obj)


def cells(obj: Object) -> list[Any]:
    spec: Spec = obj["spec"]
    selector = spec.get("selector") or {}
    return [
        obj["metadata"]["name"],
        spec.get("type") or "",
        (spec.get("clusterIPs") or ["<none>"])[0],
        _external_ip(obj),
        ",".join(_port_text(port) for port in ports(spec)) or "<none>",
        age(obj),
        ",".join(f"{key}={value}" for key, value in sorted(selector.items())) or "<none>",
    ]


def _external_ip(obj: Object) -> str:
    spec: Spec = obj["spec"]
    external: list[str] = spec.get("externalIPs") or []
    if spec.get("type") == EXTERNAL_NAME:
        return spec.get("externalName") or ""
    if spec.get("type") == LOAD_BALANCER:
        points = {point.get("ip") or point.get("hostname") or "" for point in ingress(obj)}
        return ",".join([*sorted(points - {""}), *external]) or "<pending>"
    return ",".join(external) or "<none>"


def _port_text(port: dict[str, Any]) -> str:
    node_port = f":{port['nodePort']}" if port.get("nodePort") else ""
    return f"{port.get('port') or 0}{node_port}/{port.get('protocol') or ''}"


STRATEGY = ServiceStrategy()
_SPEC = "io.k8s.api.core.v1.ServiceSpec"

RESOURCES = (
    Resource(
        group="",
        version="v1",
        plural="services",
        kind="Service",
        short_names=("svc",),
        categories=("all",),
        strategy=STRATEGY,
        subresources=(
            Subresource("proxy", verbs=PROXY_VERBS, kind=GroupVersionKind("", "v1", "ServiceProxyOptions")),
            Subresource("status", strategy=ServiceStatusStrategy(STRATEGY)),
        ),
        columns=(
            NAME,
            Column("Type", doc=f"{_SPEC}#type"),
            Column("Cluster-IP", doc=f"{_SPEC}#clusterIP"),
            Column("External-IP", doc=f"{_SPEC}#externalIPs"),
            Column("Port(s)", doc=f"{_SPEC}#ports"),
            AGE,
            Column("Selector", priority=1, doc=f"{_SPEC}#selector"),
        ),
        cells=cells,
        fields={
            "spec.clusterIP": lambda obj: obj["spec"].get("clusterIP") or "",
            "spec.type": lambda obj: obj["spec"].get("type") or "",
        },
    ),
)
