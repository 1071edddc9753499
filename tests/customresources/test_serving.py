"""Custom resources as they are served: from a CRD's first moment to its last."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from minikube_py.client.protocol import APPLY_PATCH, JSON_PATCH
from minikube_py.cluster import Cluster
from minikube_py.machinery.errors import StatusError
from minikube_py.machinery.gvr import GroupVersionResource, Object
from tests.customresources.definitions import CRDS, NAME, WIDGETS, condition, crd, object_of, version, widget

STRING, INTEGER = {"type": "string"}, {"type": "integer"}
V2 = WIDGETS._replace(version="v2")


@pytest.fixture
async def cluster() -> AsyncIterator[Cluster]:
    async with Cluster(
        port=None, controllers="namespace-controller", seed=1, clock="virtual", check_mutations=True
    ) as started:
        yield started


async def define(cluster: Cluster, definition: Object) -> Object:
    await cluster.client.create(CRDS, definition)
    await cluster.settle()
    return await cluster.client.get(CRDS, "", definition["metadata"]["name"])


async def change(cluster: Cluster, *operations: tuple[str, str, Any]) -> None:
    patch = [{"op": op, "path": path, **({} if op == "remove" else {"value": value})} for op, path, value in operations]
    await cluster.client.patch(CRDS, "", NAME, patch, patch_type=JSON_PATCH)
    await cluster.settle()


async def refused(action: Any) -> StatusError:
    with pytest.raises(StatusError) as caught:
        await action
    return caught.value


# Coming


async def test_it_is_served_once_it_is_established(cluster: Cluster) -> None:
    await cluster.client.create(CRDS, crd())
    assert (await refused(cluster.client.list(WIDGETS, "default"))).code == 404
    assert f"registrar: CustomResourceDefinition {NAME}" in cluster.busy()
    await cluster.settle()
    made = await cluster.client.get(CRDS, "", NAME)
    assert condition(made, "NamesAccepted") == ("True", "NoConflicts", "no conflicts found")
    assert condition(made, "Established")[:2] == ("True", "InitialNamesAccepted")
    assert made["status"]["acceptedNames"]["listKind"] == "WidgetList"
    managers = {(each["manager"], each.get("subresource", "")) for each in made["metadata"]["managedFields"]}
    assert managers == {("kube-apiserver", "status"), ("minikube-py", "")}
    assert (await cluster.client.list(WIDGETS, "default")).items == []


async def test_names_are_given_to_who_comes_first(cluster: Cluster) -> None:
    await define(cluster, crd())
    second = await define(cluster, crd(plural="gizmos", kind="Widget", listKind="GizmoList", singular="gizmo"))
    assert condition(second, "NamesAccepted") == ("False", "KindConflict", '"Widget" is already in use')
    assert condition(second, "Established")[0] == "False"
    gizmos = WIDGETS._replace(resource="gizmos")
    assert (await refused(cluster.client.list(gizmos, "default"))).code == 404
    await cluster.client.delete(CRDS, "", NAME)
    await cluster.settle()
    assert condition(await cluster.client.get(CRDS, "", "gizmos.example.com"), "Established")[0] == "True"
    assert (await cluster.client.list(gizmos, "default")).items == []


# Writing


async def test_pruned_defaulted_and_validated(cluster: Cluster) -> None:
    spec = object_of(size={**INTEGER, "default": 3, "maximum": 9}, colour=STRING)
    await define(cluster, crd(version(schema=object_of(spec=spec))))
    made = await cluster.client.create(WIDGETS, widget("a", {"colour": "red", "odd": 1}))
    assert made["spec"] == {"colour": "red", "size": 3}
    assert list(made) == ["apiVersion", "kind", "metadata", "spec"]
    assert list(made["metadata"]) == sorted(made["metadata"])
    error = await refused(cluster.client.create(WIDGETS, widget("b", {"size": 10, "colour": 1})))
    assert error.code == 422
    assert [cause["field"] for cause in error.details["causes"]] == ["spec.colour", "spec.size"]


async def test_generation_counts_all_but_metadata(cluster: Cluster) -> None:
    await define(cluster, crd())
    await cluster.client.create(WIDGETS, widget("a", {"size": 1}))
    labelled = await cluster.client.patch(WIDGETS, "default", "a", {"metadata": {"labels": {"x": "y"}}})
    assert labelled["metadata"]["generation"] == 1
    changed = await cluster.client.patch(WIDGETS, "default", "a", {"spec": {"size": 2}})
    assert changed["metadata"]["generation"] == 2


async def test_updates_need_the_version(cluster: Cluster) -> None:
    await define(cluster, crd())
    await cluster.client.create(WIDGETS, widget())
    error = await refused(cluster.client.update(WIDGETS, widget("a", {"size": 1})))
    assert error.details["causes"][0]["field"] == "metadata.resourceVersion"


async def test_lists_as_sets_and_maps(cluster: Cluster) -> None:
    items = {**object_of(name=STRING, port=INTEGER), "required": ["name"]}
    ports = {"type": "array", "items": items, "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["name"]}
    tags = {"type": "array", "items": STRING, "x-kubernetes-list-type": "set"}
    await define(cluster, crd(version(schema=object_of(spec=object_of(ports=ports, tags=tags)))))
    twice = {"ports": [{"name": "a"}, {"name": "a", "port": 1}], "tags": ["x", "x"]}
    error = await refused(cluster.client.create(WIDGETS, widget("bad", twice)))
    assert [cause["message"] for cause in error.details["causes"]] == [
        'Duplicate value: {"name":"a"}',
        'Duplicate value: "x"',
    ]

    async def apply(manager: str, spec: Object) -> Object:
        return await cluster.client.patch(
            WIDGETS, "default", "a", widget("a", spec), patch_type=APPLY_PATCH, field_manager=manager
        )

    await apply("one", {"ports": [{"name": "a", "port": 1}], "tags": ["x"]})
    merged = await apply("two", {"ports": [{"name": "b", "port": 2}], "tags": ["y"]})
    assert [port["name"] for port in merged["spec"]["ports"]] == ["a", "b"]
    assert merged["spec"]["tags"] == ["x", "y"]


# Subresources


async def test_status_is_written_apart(cluster: Cluster) -> None:
    schema = object_of(spec=object_of(size=INTEGER), status=object_of(ready={"type": "boolean"}))
    await define(cluster, crd(version(schema=schema, subresources={"status": {}})))
    made = await cluster.client.create(WIDGETS, {**widget("a", {"size": 1}), "status": {"ready": True}})
    assert "status" not in made
    sent = {**made, "spec": {"size": 2}, "status": {"ready": True}}
    written = await cluster.client.update(WIDGETS, sent, subresource="status")
    assert (written["spec"], written["status"]) == ({"size": 1}, {"ready": True})
    assert written["metadata"]["generation"] == 1
    error = await refused(cluster.client.update(WIDGETS, {**written, "status": {"ready": 1}}, subresource="status"))
    assert error.details["causes"][0]["field"] == "status.ready"


async def test_scale(cluster: Cluster) -> None:
    paths = {"specReplicasPath": ".spec.size", "statusReplicasPath": ".status.size"}
    await define(cluster, crd(version(subresources={"scale": paths})))
    await cluster.client.create(WIDGETS, widget("a", {"size": 2}))
    seen = await cluster.client.get(WIDGETS, "default", "a", subresource="scale")
    assert (seen["kind"], seen["spec"]) == ("Scale", {"replicas": 2})
    await cluster.client.update(WIDGETS, {**seen, "spec": {"replicas": 5}}, subresource="scale")
    assert (await cluster.client.get(WIDGETS, "default", "a"))["spec"] == {"size": 5}


async def test_scale_of_what_has_no_replicas(cluster: Cluster) -> None:
    paths = {"specReplicasPath": ".spec.size", "statusReplicasPath": ".status.size"}
    await define(cluster, crd(version(subresources={"scale": paths})))
    await cluster.client.create(WIDGETS, widget("a"))
    error = await refused(cluster.client.get(WIDGETS, "default", "a", subresource="scale"))
    assert error.message == 'Internal error occurred: the spec replicas field ".spec.size" does not exist'

    def scaled(change: Object) -> Any:
        return cluster.client.patch(WIDGETS, "default", "a", change, subresource="scale")

    assert (await refused(scaled({}))).message == 'the spec replicas field ".spec.size" cannot be empty'
    error = await refused(scaled({"spec": {"replicas": -1}}))
    assert error.details["causes"][0]["field"] == ".spec.size"
    await scaled({"spec": {"replicas": 2}})
    assert (await cluster.client.get(WIDGETS, "default", "a"))["spec"] == {"size": 2}


async def test_selectable_fields(cluster: Cluster) -> None:
    await define(cluster, crd(version(selectableFields=[{"jsonPath": ".spec.size"}])))
    for size in (1, 2):
        await cluster.client.create(WIDGETS, widget(f"w{size}", {"size": size}))
    found = await cluster.client.list(WIDGETS, "default", field_selector="spec.size=2")
    assert [each["metadata"]["name"] for each in found.items] == ["w2"]


# Versions


def two_versions(**second: Any) -> Object:
    later = object_of(spec=object_of(size=INTEGER, colour={**STRING, "default": "red"}))
    return crd(version("v1"), version("v2", schema=later, storage=False, **second))


async def test_versions_are_renamed_and_pruned(cluster: Cluster) -> None:
    await define(cluster, two_versions())
    made = await cluster.client.create(V2, widget("a", {"size": 1, "colour": "blue"}, "example.com/v2"))
    assert made["apiVersion"] == "example.com/v2"
    assert "colour" not in made["spec"]  # v1 is stored, and does not know it
    stored = cluster.store.list("widgets.example.com")[0].object
    assert stored["apiVersion"] == "example.com/v1"
    assert (await cluster.client.get(WIDGETS, "default", "a"))["apiVersion"] == "example.com/v1"


async def test_a_new_storage_version(cluster: Cluster) -> None:
    await define(cluster, two_versions())
    await cluster.client.create(WIDGETS, widget("old", {"size": 1}))
    await change(cluster, ("replace", "/spec/versions/0/storage", False), ("replace", "/spec/versions/1/storage", True))
    assert (await cluster.client.get(CRDS, "", NAME))["status"]["storedVersions"] == ["v1", "v2"]
    # Touching an object stores it anew.
    await cluster.client.patch(WIDGETS, "default", "old", {"metadata": {"labels": {"x": "y"}}})
    assert cluster.store.list("widgets.example.com")[0].object["apiVersion"] == "example.com/v2"


async def test_a_version_that_is_served_no_more(cluster: Cluster) -> None:
    await define(cluster, two_versions())
    await change(cluster, ("replace", "/spec/versions/1/served", False))
    assert (await refused(cluster.client.list(V2, "default"))).code == 404
    assert (await cluster.client.list(WIDGETS, "default")).items == []


async def test_what_a_conversion_webhook_would_do_is_refused(cluster: Cluster) -> None:
    definition = two_versions()
    definition["spec"]["conversion"] = {
        "strategy": "Webhook",
        "webhook": {"clientConfig": {"url": "https://localhost/c"}, "conversionReviewVersions": ["v1"]},
    }
    await define(cluster, definition)
    await cluster.client.create(WIDGETS, widget("a", {"size": 1}))
    error = await refused(cluster.client.get(V2, "default", "a"))
    assert error.code == 500
    assert error.message.startswith("conversion webhook for example.com/v1, Kind=Widget failed")


async def test_new_defaults_show_on_what_is_stored(cluster: Cluster) -> None:
    await define(cluster, crd())
    await cluster.client.create(WIDGETS, widget("a", {"size": 1}))
    revision = cluster.store.revision
    later = {**STRING, "default": "soon"}
    await change(cluster, ("add", "/spec/versions/0/schema/openAPIV3Schema/properties/spec/properties/later", later))
    assert (await cluster.client.get(WIDGETS, "default", "a"))["spec"] == {"size": 1, "later": "soon"}
    touched = await cluster.client.patch(WIDGETS, "default", "a", {"metadata": {"labels": {"x": "y"}}})
    assert touched["metadata"]["generation"] == 1
    assert cluster.store.revision > revision


# Watching


async def test_a_watch_ends_when_the_schema_changes(cluster: Cluster) -> None:
    await define(cluster, crd())
    watch = await cluster.client.watch(WIDGETS, "default")
    await cluster.client.create(WIDGETS, widget("a", {"size": 1}))
    await change(cluster, ("replace", "/spec/versions/0/additionalPrinterColumns", []))
    assert [event.type for event in await watch.next()] == ["ADDED"]
    await change(cluster, ("add", "/spec/versions/0/schema/openAPIV3Schema/properties/spec/properties/x", STRING))
    assert await watch.next() == ()
    watch.stop()


async def test_a_watch_sees_the_last_instances_go(cluster: Cluster) -> None:
    await define(cluster, crd())
    await cluster.client.create(WIDGETS, widget("a", {"size": 1}))
    watch = await cluster.client.watch(WIDGETS, "default")
    assert [event.type for event in await watch.next()] == ["ADDED"]
    await cluster.client.delete(CRDS, "", NAME)
    await cluster.settle()
    assert [event.type for event in await watch.next()] == ["DELETED"]
    assert await watch.next() == ()
    watch.stop()


# Going


async def test_instances_go_first(cluster: Cluster) -> None:
    await define(cluster, crd())
    await cluster.client.create(WIDGETS, widget("free"))
    await cluster.client.create(WIDGETS, widget("held", finalizers=["example.com/hold"]))
    deleted = await cluster.client.delete(CRDS, "", NAME)
    assert deleted["metadata"]["finalizers"] == ["customresourcecleanup.apiextensions.k8s.io"]
    assert condition(deleted, "Terminating")[:2] == ("True", "InstanceDeletionPending")
    await cluster.settle()
    going = await cluster.client.get(CRDS, "", NAME)
    assert condition(going, "Terminating")[:2] == ("True", "InstanceDeletionInProgress")
    left = await cluster.client.list(WIDGETS, "default")
    assert [each["metadata"]["name"] for each in left.items] == ["held"]
    await cluster.client.patch(WIDGETS, "default", "held", {"metadata": {"finalizers": None}})
    await cluster.settle()
    assert (await refused(cluster.client.get(CRDS, "", NAME))).code == 404
    assert (await refused(cluster.client.list(WIDGETS, "default"))).code == 404


async def test_preconditions_of_a_deletion(cluster: Cluster) -> None:
    made = await define(cluster, crd())
    error = await refused(cluster.client.delete(CRDS, "", NAME, uid="other"))
    assert error.message == (
        f'Operation cannot be fulfilled on customresourcedefinitions.apiextensions.k8s.io "{NAME}": Precondition '
        f"failed: UID in precondition: other, UID in object meta: {made['metadata']['uid']}"
    )


async def test_one_that_was_never_established_goes_at_once(cluster: Cluster) -> None:
    await define(cluster, crd())
    await define(cluster, crd(plural="gizmos", listKind="GizmoList", singular="gizmo"))
    await cluster.client.delete(CRDS, "", "gizmos.example.com")
    await cluster.settle()
    assert (await refused(cluster.client.get(CRDS, "", "gizmos.example.com"))).code == 404
    assert (await cluster.client.list(WIDGETS, "default")).items == []


async def test_a_cluster_scoped_kind(cluster: Cluster) -> None:
    await define(cluster, crd(scope="Cluster"))
    made = await cluster.client.create(WIDGETS, {"metadata": {"name": "a"}})
    assert "namespace" not in made["metadata"]
    await cluster.client.delete(CRDS, "", NAME)
    await cluster.settle()
    assert cluster.store.count("widgets.example.com") == 0


# Snapshots


async def test_what_is_served_follows_a_restore(cluster: Cluster) -> None:
    before = cluster.snapshot()
    await define(cluster, crd())
    await cluster.client.create(WIDGETS, widget("a", {"size": 1}))
    defined = cluster.snapshot()
    await cluster.restore(before)
    assert (await refused(cluster.client.list(WIDGETS, "default"))).code == 404
    await cluster.restore(defined)
    assert (await cluster.client.get(WIDGETS, "default", "a"))["spec"] == {"size": 1}


async def test_discovery_tells_of_it(cluster: Cluster) -> None:
    await define(cluster, crd(shortNames=["w"], categories=["all"]))
    served = {each.resource: each for each in await cluster.client.discover()}
    assert served[WIDGETS].kind == "Widget"
    assert "watch" in served[WIDGETS].verbs
    assert GroupVersionResource("example.com", "v1", "gizmos") not in served
