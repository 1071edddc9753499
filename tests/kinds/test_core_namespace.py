"""Namespace, and NamespaceLifecycle, which guards what lives in it."""

from __future__ import annotations

from typing import Any

import pytest

from minikube_py.api.options import DeleteOptions
from minikube_py.machinery.errors import StatusError
from minikube_py.machinery.gvr import Object
from tests.kinds.core_api import Api, named

PLAIN = "name is neither a standard finalizer name nor is it fully qualified"


def namespace(**fields: Any) -> Object:
    return named("v1", "Namespace", **fields)


def inside(name: str = "a", **fields: Any) -> Object:
    return named("v1", "ConfigMap", metadata={"namespace": name}, **fields)


@pytest.mark.parametrize(
    ("finalizers", "expected"),
    [
        pytest.param(None, ["kubernetes"], id="none"),
        pytest.param(["kubernetes"], ["kubernetes"], id="its own"),
        pytest.param(["example.com/x"], ["example.com/x", "kubernetes"], id="another"),
    ],
)
async def test_create(finalizers: list[str] | None, expected: list[str]) -> None:
    created = await Api().create(namespace(spec={"finalizers": finalizers}, status={"phase": "Terminating"}))
    assert created["spec"] == {"finalizers": expected}
    assert created["status"] == {"phase": "Active"}
    assert created["metadata"]["labels"] == {"kubernetes.io/metadata.name": "a"}


async def test_a_generated_name_is_in_the_label() -> None:
    api = Api()
    ctx = api.context(named("v1", "Namespace"), "create")
    ctx.name = ""
    created = await api.registry.create(ctx, api.draft({**namespace(), "metadata": {"generateName": "gen-"}}))
    name = created["metadata"]["name"]
    assert name.startswith("gen-")
    assert created["metadata"]["labels"] == {"kubernetes.io/metadata.name": name}


async def test_what_an_update_leaves_alone() -> None:
    api = Api()
    await api.create(namespace())
    labels = {"kubernetes.io/metadata.name": "lie", "b": "c"}
    changed = await api.update(namespace(metadata={"labels": labels}, spec={"finalizers": []}))
    assert changed["spec"] == {"finalizers": ["kubernetes"]}
    assert changed["metadata"]["labels"] == {"kubernetes.io/metadata.name": "a", "b": "c"}


def test_errors() -> None:
    found = namespace(metadata={"name": "a.b"}, spec={"finalizers": ["plain"]})
    assert Api().errors(found) == [
        'metadata.name: Invalid value: "a.b": must not contain dots',
        f'spec.finalizers: Invalid value: "plain": {PLAIN}',
    ]


async def test_finalize() -> None:
    api = Api()
    await api.create(namespace())
    wanted = ["kubernetes", "example.com/y"]
    changed = await api.update(namespace(spec={"finalizers": wanted}), subresource="finalize")
    assert changed["spec"] == {"finalizers": wanted}
    with pytest.raises(StatusError) as raised:
        await api.update(namespace(spec={"finalizers": ["plain"]}), subresource="finalize")
    assert raised.value.causes == [
        {"reason": "FieldValueInvalid", "message": f'Invalid value: "plain": {PLAIN}', "field": "spec.finalizers[0]"}
    ]


async def test_the_phase_follows_deletion() -> None:
    api = Api()
    await api.create(namespace())
    with pytest.raises(StatusError) as raised:
        await api.update(namespace(status={"phase": "Terminating"}), subresource="status")
    assert raised.value.causes == [
        {
            "reason": "FieldValueInvalid",
            "message": "Invalid value: \"Terminating\": may only be 'Active' if `deletionTimestamp` is empty",
            "field": "status.Phase",
        }
    ]
    changed = await api.update(namespace(status={"conditions": [{"type": "A"}]}), subresource="status")
    assert changed["status"]["phase"] == "Active"


async def deleted(api: Api, obj: Object) -> Object:
    return (await api.registry.delete(api.context(obj, "delete"), DeleteOptions()))[0]


async def test_deletion_waits_for_spec_finalizers() -> None:
    api = Api()
    await api.create(namespace())
    for _ in range(2):
        last = await deleted(api, namespace())
        assert last["status"] == {"phase": "Terminating"}
        assert last["metadata"]["deletionTimestamp"]
        assert "deletionGracePeriodSeconds" not in last["metadata"]
    last = await api.update(namespace(spec={}, status={"phase": "Terminating"}), subresource="finalize")
    assert last["spec"] == {}
    assert api.registry.store.count("namespaces") == 0


@pytest.mark.parametrize("name", ["default", "kube-system", "kube-public"])
async def test_immortal_namespaces(name: str) -> None:
    api = Api(admission=True)
    await api.create(namespace(metadata={"name": name}))
    with pytest.raises(StatusError) as raised:
        await deleted(api, namespace(metadata={"name": name}))
    assert (raised.value.code, str(raised.value)) == (
        403,
        f'namespaces "{name}" is forbidden: this namespace may not be deleted',
    )


async def test_nothing_is_created_in_a_missing_namespace() -> None:
    with pytest.raises(StatusError) as raised:
        await Api(admission=True).create(inside())
    assert (raised.value.code, str(raised.value)) == (404, 'namespaces "a" not found')
    assert raised.value.details == {"name": "a", "kind": "namespaces"}


async def test_nothing_is_created_in_a_namespace_that_ends() -> None:
    api = Api(admission=True)
    await api.create(namespace())
    await api.create(inside())
    await deleted(api, namespace())
    with pytest.raises(StatusError) as raised:
        await api.create(inside(data={"b": "c"}))
    assert raised.value.code == 403
    assert str(raised.value) == (
        'configmaps "a" is forbidden: unable to create new content in namespace a because it is being terminated'
    )
    assert raised.value.causes == [
        {
            "reason": "NamespaceTerminating",
            "message": "namespace a is being terminated",
            "field": "metadata.namespace",
        }
    ]
    changed = await api.update(inside(data={"b": "c"}))
    assert changed["data"] == {"b": "c"}
    await deleted(api, inside())
    assert api.registry.store.count("configmaps") == 0
