"""IPAddress objects: the cluster IPs in use, as everybody can see them from 1.33 on
(pkg/registry/core/service/ipallocator/ipallocator.go)."""

from __future__ import annotations

from collections.abc import Iterable

from minikube_py.api.context import Context
from minikube_py.api.kinds.core.ip import family_of, plain_ip
from minikube_py.api.resource import Resource
from minikube_py.machinery import meta
from minikube_py.machinery.gvr import GroupVersionResource, Object
from minikube_py.store import Key

IP_ADDRESSES = GroupVersionResource("networking.k8s.io", "v1", "ipaddresses")
MANAGER = "ipallocator.k8s.io"
FAMILY_LABEL = "ipaddress.kubernetes.io/ip-family"
MANAGED_BY_LABEL = "ipaddress.kubernetes.io/managed-by"


def exists(ctx: Context, address: str) -> bool:
    """Whether somebody holds the address, Service or not."""
    resource = ctx.registry.catalog.find(IP_ADDRESSES)
    return resource is not None and ctx.registry.store.get(Key(resource.key, "", str(plain_ip(address)))) is not None


def add(ctx: Context, service: Object, addresses: Iterable[str]) -> None:
    """Tell that the Service holds these addresses."""
    resource = ctx.registry.catalog.find(IP_ADDRESSES)
    if resource is None:
        return
    for address in addresses:
        name = str(plain_ip(address))
        key = Key(resource.key, "", name)
        if ctx.registry.store.get(key) is None:
            ctx.registry.store.create(key, _address_object(ctx, resource, service, name))


def _address_object(ctx: Context, resource: Resource, service: Object, name: str) -> Object:
    parent = {"resource": "services", "namespace": meta.namespace(service), "name": meta.name(service)}
    draft: Object = {
        "kind": resource.kind,
        "apiVersion": resource.api_version,
        "metadata": {
            "name": name,
            "uid": ctx.registry.random.uid(),
            "creationTimestamp": ctx.now,
            "labels": {FAMILY_LABEL: family_of(name), MANAGED_BY_LABEL: MANAGER},
        },
        "spec": {"parentRef": parent},
    }
    return ctx.registry.field_manager(resource, None).update(None, draft, "kube-apiserver", ctx.now)


def remove(ctx: Context, addresses: Iterable[str]) -> None:
    """Take away the objects of addresses that are free again."""
    resource = ctx.registry.catalog.find(IP_ADDRESSES)
    if resource is None:
        return
    for address in addresses:
        key = Key(resource.key, "", str(plain_ip(address)))
        stored = ctx.registry.store.get(key)
        if stored is not None:
            ctx.registry.store.delete(key, stored.revision)
