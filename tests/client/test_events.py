"""Event recording: names, counts, combination, silence, and what the server refuses."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from minikube_py.client.correlation import COMBINED
from minikube_py.client.events import EventBroadcaster, EventRecorder
from minikube_py.machinery import errors
from minikube_py.machinery.cause import Cause, because
from minikube_py.machinery.clock import VirtualClock
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.random import Random
from minikube_py.machinery.wellknown import EVENTS
from minikube_py.store import Store
from tests.fake_client import FakeClient
from tests.watched_client import WatchedClient

POD: Object = {
    "apiVersion": "v1",
    "kind": "Pod",
    "metadata": {"name": "web", "namespace": "default", "uid": "u1", "resourceVersion": "7"},
}


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock()


@pytest.fixture
def client(clock: VirtualClock) -> WatchedClient:
    return WatchedClient(FakeClient(Store(), clock, Random(1)))


@pytest.fixture
async def broadcaster(client: WatchedClient, clock: VirtualClock) -> AsyncIterator[EventBroadcaster]:
    broadcaster = EventBroadcaster(client, clock, Random(2))
    broadcaster.start()
    yield broadcaster
    await broadcaster.stop()


@pytest.fixture
def recorder(broadcaster: EventBroadcaster) -> EventRecorder:
    return broadcaster.recorder("test-controller")


async def written(broadcaster: EventBroadcaster, client: WatchedClient) -> list[Object]:
    for _ in range(100):
        await asyncio.sleep(0)
        if not broadcaster.busy:
            items = (await client.list(EVENTS)).items
            return sorted(items, key=lambda event: event["metadata"]["name"])
    raise AssertionError("events are never written")


async def test_an_event_names_what_happened_to_what(
    recorder: EventRecorder, broadcaster: EventBroadcaster, client: WatchedClient
) -> None:
    recorder.event(POD, "Normal", "Started", "it began", field_path="spec.containers{web}")
    assert broadcaster.busy
    (event,) = await written(broadcaster, client)
    metadata = event.pop("metadata")
    name, _, suffix = metadata["name"].rpartition(".")
    assert name == "web" and int(suffix, 16) // 10**9 == 1_767_225_600 and metadata["namespace"] == "default"
    assert event == {
        "kind": "Event",
        "apiVersion": "v1",
        "involvedObject": {
            "kind": "Pod",
            "namespace": "default",
            "name": "web",
            "uid": "u1",
            "apiVersion": "v1",
            "resourceVersion": "7",
            "fieldPath": "spec.containers{web}",
        },
        "reason": "Started",
        "message": "it began",
        "source": {"component": "test-controller"},
        "firstTimestamp": "2026-01-01T00:00:00Z",
        "lastTimestamp": "2026-01-01T00:00:00Z",
        "count": 1,
        "type": "Normal",
        "reportingComponent": "test-controller",
        "reportingInstance": "",
    }


async def test_cluster_scoped_objects_report_to_default(
    recorder: EventRecorder, broadcaster: EventBroadcaster, client: WatchedClient
) -> None:
    node = {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "n", "uid": "u"}}
    recorder.event(node, "Normal", "Ready", "up")
    (event,) = await written(broadcaster, client)
    assert event["metadata"]["namespace"] == "default" and "namespace" not in event["involvedObject"]


async def test_the_same_event_is_counted(
    recorder: EventRecorder, broadcaster: EventBroadcaster, client: WatchedClient, clock: VirtualClock
) -> None:
    for _ in range(3):
        recorder.event(POD, "Warning", "BackOff", "again")
        clock.advance_to(clock.now() + 10)
    (event,) = await written(broadcaster, client)
    assert event["count"] == 3
    assert (event["firstTimestamp"], event["lastTimestamp"]) == ("2026-01-01T00:00:00Z", "2026-01-01T00:00:20Z")


async def test_a_counted_event_that_is_gone_is_made_anew(
    recorder: EventRecorder, broadcaster: EventBroadcaster, client: WatchedClient
) -> None:
    recorder.event(POD, "Warning", "BackOff", "again")
    await written(broadcaster, client)
    await client.delete_collection(EVENTS, "default")
    recorder.event(POD, "Warning", "BackOff", "again")
    (event,) = await written(broadcaster, client)
    assert event["count"] == 2


async def test_similar_events_are_combined(
    recorder: EventRecorder, broadcaster: EventBroadcaster, client: WatchedClient
) -> None:
    for number in range(12):
        recorder.event(POD, "Normal", "Pulled", f"image {number}")
    found = await written(broadcaster, client)
    combined = [event for event in found if event["message"].startswith(COMBINED)]
    assert len(found) == 10 and len(combined) == 1
    assert combined[0]["count"] == 3 and combined[0]["message"] == COMBINED + "image 11"


async def test_a_flood_about_one_object_is_silenced_and_recovers(
    recorder: EventRecorder, broadcaster: EventBroadcaster, client: WatchedClient, clock: VirtualClock
) -> None:
    for number in range(30):
        recorder.event(POD, "Normal", f"Reason{number}", "x")
    assert len(await written(broadcaster, client)) == 25
    recorder.event({**POD, "metadata": {**POD["metadata"], "uid": "u2"}}, "Normal", "Other", "x")
    assert len(await written(broadcaster, client)) == 26
    clock.advance_to(clock.now() + 300)
    recorder.event(POD, "Normal", "Later", "x")
    assert len(await written(broadcaster, client)) == 27


async def test_what_the_server_rejects_is_dropped(
    recorder: EventRecorder, broadcaster: EventBroadcaster, client: WatchedClient, caplog: pytest.LogCaptureFixture
) -> None:
    client.reaction = lambda verb, resource, obj: errors.forbidden(EVENTS.group_resource, "", "no")
    recorder.event(POD, "Normal", "Lost", "x")
    assert await written(broadcaster, client) == []
    client.reaction = None
    recorder.event(POD, "Normal", "Kept", "x")
    assert [event["reason"] for event in await written(broadcaster, client)] == ["Kept"]


async def test_an_unreachable_server_is_tried_again(
    recorder: EventRecorder,
    broadcaster: EventBroadcaster,
    client: WatchedClient,
    clock: VirtualClock,
    caplog: pytest.LogCaptureFixture,
) -> None:
    client.reaction = lambda verb, resource, obj: ConnectionRefusedError("nobody there")
    recorder.event(POD, "Normal", "Late", "x")
    for _ in range(3):
        await asyncio.sleep(0)
    client.reaction = None
    clock.advance_to(clock.now() + 10)
    assert [event["reason"] for event in await written(broadcaster, client)] == ["Late"]


async def test_an_event_is_put_down_to_what_recorded_it(
    recorder: EventRecorder, broadcaster: EventBroadcaster, client: WatchedClient
) -> None:
    work = Cause("reconcile", "test-controller", "Pod default/web")
    with because(work):
        recorder.event(POD, "Normal", "Started", "x")
    (event,) = await written(broadcaster, client)
    assert work.writes == [int(event["metadata"]["resourceVersion"])]


async def test_names_are_unique_while_time_stands_still(recorder: EventRecorder, broadcaster: EventBroadcaster) -> None:
    names = {broadcaster.unique_name("web", 1.0) for _ in range(1000)}
    assert len(names) == 1000
    assert broadcaster.unique_name("system:node", 1.0).count("-") == 4  # no DNS name, so a uid
