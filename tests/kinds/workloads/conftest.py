"""Workload kinds without a server: bodies go through decoding, defaults, preparation and validation."""

from __future__ import annotations

import copy
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, cast

import pytest

from minikube_py.api.context import Context
from minikube_py.api.kinds import (
    controllerrevision,
    cronjob,
    daemonset,
    deployment,
    horizontalpodautoscaler,
    job,
    poddisruptionbudget,
    podtemplate,
    replicaset,
    replicationcontroller,
    statefulset,
)
from minikube_py.api.resource import Resource, Since
from minikube_py.api.schema.decode import decode
from minikube_py.api.schema.schema import Schema
from minikube_py.machinery.clock import VirtualClock
from minikube_py.machinery.gvr import Object

_MODULES = (
    controllerrevision,
    cronjob,
    daemonset,
    deployment,
    horizontalpodautoscaler,
    job,
    poddisruptionbudget,
    podtemplate,
    replicaset,
    replicationcontroller,
    statefulset,
)
_SCHEMA = Schema("1.36")


class Invalid(Exception):
    """What was wrong, as messages."""

    def __init__(self, messages: list[str]) -> None:
        super().__init__("\n".join(messages))
        self.messages = messages


class Kind:
    """One kind's way from a body to what would be stored."""

    def __init__(self, resource: Resource) -> None:
        self.resource = resource.with_type(lambda: cast(Any, _SCHEMA.type_for(resource.gvk)))

    def context(self) -> Context:
        registry: Any = SimpleNamespace(clock=VirtualClock(), catalog=SimpleNamespace(schema=_SCHEMA))
        return Context(registry, self.resource, "create", namespace="ns")

    def decoded(self, body: Object) -> Object:
        obj: Object = decode(self.resource.type, copy.deepcopy(body)).object
        obj["metadata"] |= {"namespace": "ns", "uid": "u-1", "resourceVersion": "1"}
        return obj

    def create(self, body: Object) -> Object:
        strategy, ctx = self.resource.strategy, self.context()
        obj = self.decoded(body)
        strategy.default(obj)
        again = copy.deepcopy(obj)
        strategy.default(again)
        assert again == obj, "defaults must be idempotent"
        obj = self.resource.hub.to_hub(obj) if self.resource.hub else obj
        strategy.prepare_for_create(ctx, obj)
        self.check(strategy.validate(ctx, obj))
        self.warnings = strategy.warnings_on_create(ctx, obj)
        return obj

    def update(self, old: Object, body: Object, subresource: str = "") -> Object:
        """`body` is merged over the old object, its maps field by field."""
        strategy = self.resource.subresource_by_name[subresource].strategy if subresource else self.resource.strategy
        assert strategy is not None
        ctx, before = self.context(), copy.deepcopy(old)
        obj = self.decoded(merged(self.served(old), body))
        strategy.default(obj)
        obj = self.resource.hub.to_hub(obj) if self.resource.hub else obj
        strategy.prepare_for_update(ctx, obj, old)
        self.check(strategy.validate_update(ctx, obj, old))
        self.warnings = strategy.warnings_on_update(ctx, obj, old)
        assert old == before, "the old object is read-only"
        return obj

    def served(self, obj: Object) -> Object:
        return self.resource.hub.from_hub(obj) if self.resource.hub else obj

    def cells(self, obj: Object) -> list[Any]:
        """The row of a table, times as "<age>"; one cell a column."""
        cells = self.resource.cells(obj)
        assert len(cells) == len(self.resource.columns)
        return ["<age>" if isinstance(cell, Since) else cell for cell in cells]

    @staticmethod
    def check(errors: list[Any]) -> None:
        if errors:
            raise Invalid([error.message() for error in errors])

    def errors(self, body: Object) -> list[str]:
        """The messages against a new object."""
        try:
            self.create(body)
        except Invalid as invalid:
            return invalid.messages
        return []

    def update_errors(self, old: Object, body: Object, subresource: str = "") -> list[str]:
        try:
            self.update(old, body, subresource)
        except Invalid as invalid:
            return invalid.messages
        return []


def merged(target: Any, patch: Any) -> Any:
    """A JSON merge patch."""
    if not isinstance(patch, dict):
        return patch
    out = dict(target) if isinstance(target, dict) else {}
    for key, value in patch.items():
        if value is None:
            out.pop(key, None)
        else:
            out[key] = merged(out.get(key), value)
    return out


@pytest.fixture
def kind() -> Callable[[str], Kind]:
    """Kinds by name; "HorizontalPodAutoscaler/v1" names a version."""

    def find(name: str) -> Kind:
        wanted, _, version = name.partition("/")
        for module in _MODULES:
            for resource in module.RESOURCES:
                if resource.kind == wanted and version in ("", resource.version):
                    return Kind(resource)
        raise LookupError(name)

    return find


@pytest.fixture
def merge() -> Callable[[Any, Any], Any]:
    return merged


def pods(**spec: Any) -> Object:
    """A pod template whose pods have the label app=x."""
    return {"metadata": {"labels": {"app": "x"}}, "spec": {"containers": [{"name": "c", "image": "nginx:1"}], **spec}}


@pytest.fixture
def workload() -> Callable[..., Object]:
    """A body with name, a selector app=x and a template that has the label."""

    def make(name: str = "w", template: Object | None = None, **spec: Any) -> Object:
        full = {"selector": {"matchLabels": {"app": "x"}}, "template": template or pods(), **spec}
        return {"metadata": {"name": name}, "spec": full}

    return make


@pytest.fixture
def jobs() -> Callable[..., Object]:
    """A body of a Job."""

    def make(name: str = "j", **spec: Any) -> Object:
        template = {"spec": {"restartPolicy": "Never", "containers": [{"name": "c", "image": "busybox"}]}}
        return {"metadata": {"name": name}, "spec": {"template": template, **spec}}

    return make
