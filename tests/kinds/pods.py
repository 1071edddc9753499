"""What the tests of pods share: bodies, and an API server in this process with one namespace."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

from minikube_py.api.admission.chain import Admission
from minikube_py.api.allocators import Allocators
from minikube_py.api.catalog import Catalog
from minikube_py.api.context import Context
from minikube_py.api.kinds.pod import POD
from minikube_py.api.local import LocalClient
from minikube_py.api.registry.registry import Registry
from minikube_py.api.schema.decode import decode
from minikube_py.api.schema.schema import Schema
from minikube_py.machinery.clock import VirtualClock
from minikube_py.machinery.field import FieldError
from minikube_py.machinery.gvr import GroupVersionKind, Object
from minikube_py.machinery.random import Random
from minikube_py.machinery.wellknown import NAMESPACES, SERVICE_ACCOUNTS
from minikube_py.store import Store

NAMESPACE = "shop"
_SCHEMA = Schema("1.36")
_TYPE = _SCHEMA.type_for(GroupVersionKind("", "v1", "Pod"))
assert _TYPE is not None
RESOURCE = POD.with_type(lambda: _TYPE)


def container(name: str = "c", **fields: Any) -> Object:
    return {"name": name, "image": "nginx:1.25", **fields}


def pod(name: str = "p", *, metadata: Object | None = None, **spec: Any) -> Object:
    """A pod with one container, as a client sends it."""
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, **(metadata or {})},
        "spec": {"containers": [container()], **spec},
    }


def new_registry() -> Registry:
    random = Random(1)
    return Registry(
        store=Store(check_mutations=True),
        catalog=Catalog(_SCHEMA),
        clock=VirtualClock(),
        random=random,
        admission=Admission(),
        allocators=Allocators("10.96.0.0/16", "30000-32767", random),
    )


async def new_client() -> LocalClient:
    """A client of a server that has the namespace and its default account."""
    client = LocalClient(new_registry())
    await client.create(NAMESPACES, {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}})
    account = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "default", "namespace": NAMESPACE}}
    await client.create(SERVICE_ACCOUNTS, account)
    return client


def defaulted(body: Object) -> Object:
    """The canonical draft with its defaults."""
    draft: Object = decode(RESOURCE.type, body).object
    RESOURCE.strategy.default(draft)
    return draft


def prepared(body: Object) -> tuple[Context, Object]:
    """A draft as validation gets it, as if admission had been there."""
    draft = defaulted(body)
    draft["metadata"]["namespace"] = NAMESPACE
    draft["spec"].setdefault("serviceAccountName", "default")
    ctx = Context(cast(Registry, SimpleNamespace(clock=VirtualClock())), RESOURCE, "create", NAMESPACE)
    RESOURCE.strategy.prepare_for_create(ctx, draft)
    return ctx, draft


def create_errors(body: Object) -> list[FieldError]:
    ctx, draft = prepared(body)
    return RESOURCE.strategy.validate(ctx, draft)


def create_warnings(body: Object) -> list[str]:
    ctx, draft = prepared(body)
    return [*ctx.warnings, *RESOURCE.strategy.warnings_on_create(ctx, draft)]
