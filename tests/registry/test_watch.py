"""Watches: where they begin, what they tell, when they end."""

from __future__ import annotations

import pytest

from tests.registry.api import MAPS, Api


@pytest.mark.parametrize(
    ("query", "begin"),
    [
        pytest.param({}, ["ADDED a=1", "ADDED b=2"], id="none"),
        pytest.param({"resourceVersion": "0"}, ["ADDED a=1", "ADDED b=2"], id="0"),
        pytest.param({"resourceVersion": "{begin}"}, ["ADDED b=0", "ADDED a=1", "MODIFIED b=2"], id="before all"),
        pytest.param({"resourceVersion": "{middle}"}, ["ADDED a=1", "MODIFIED b=2"], id="N"),
        pytest.param({"resourceVersion": "{now}"}, [], id="now"),
        pytest.param(
            {"allowWatchBookmarks": "1"}, ["ADDED a=1", "ADDED b=2", "BOOKMARK {now} end"], id="none, bookmarks"
        ),
        pytest.param({"resourceVersion": "{now}", "allowWatchBookmarks": "1"}, [], id="now, bookmarks"),
        pytest.param(
            {"sendInitialEvents": "true", "resourceVersionMatch": "NotOlderThan", "allowWatchBookmarks": "true"},
            ["ADDED a=1", "ADDED b=2", "BOOKMARK {now} end"],
            id="initial events",
        ),
        pytest.param(
            {
                "sendInitialEvents": "true",
                "resourceVersionMatch": "NotOlderThan",
                "resourceVersion": "{middle}",
                "allowWatchBookmarks": "true",
            },
            ["ADDED a=1", "ADDED b=2", "BOOKMARK {now} end"],
            id="initial events not older",
        ),
        pytest.param(
            {"sendInitialEvents": "false", "resourceVersionMatch": "NotOlderThan"}, [], id="no initial events"
        ),
        pytest.param(
            {"sendInitialEvents": "false", "resourceVersionMatch": "NotOlderThan", "resourceVersion": "{middle}"},
            ["ADDED a=1", "MODIFIED b=2"],
            id="no initial events since N",
        ),
    ],
)
async def test_where_a_watch_begins(api: Api, query: dict[str, str], begin: list[str]) -> None:
    start = api.revision
    await api.put("b", "0")
    middle = api.revision
    await api.put("a", "1")
    await api.put("b", "2")
    known = {"begin": start, "middle": middle, "now": api.revision}
    watch = await api.watch(MAPS, **{name: value.format(**known) for name, value in query.items()})
    assert await watch.take() == [each.format(**known) for each in begin]
    await api.put("c", "3")
    await api.remove("a")
    assert await watch.take() == ["ADDED c=3", "DELETED a=1"]


async def test_a_watch_from_the_future_waits_for_it(api: Api) -> None:
    watch = await api.watch(MAPS, resourceVersion=api.revision + 2)
    for value in ("1", "2", "3"):
        await api.put("a", value)
    assert await watch.take() == ["MODIFIED a=3"]


async def test_a_watch_from_before_the_history_ends_at_once(api: Api) -> None:
    begin = api.revision
    for value in range(60):
        await api.put("a", str(value))
    watch = await api.watch(MAPS, resourceVersion=begin)
    assert await watch.take() == ["ERROR 410"]
    assert watch.ended
    for resource_version in (api.revision - 50, api.revision - 1):
        watch = await api.watch(MAPS, resourceVersion=resource_version)
        assert len(await watch.take()) == api.revision - resource_version


async def test_compaction_expires_what_was(api: Api) -> None:
    await api.put("a", "1")
    before = api.revision
    await api.put("a", "2")
    api.cluster.store.compact()
    assert await (await api.watch(MAPS, resourceVersion=before)).take() == ["ERROR 410"]
    assert await (await api.watch(MAPS, resourceVersion=api.revision)).take() == []


async def test_the_end_of_initial_events_of_the_future_is_refused(api: Api) -> None:
    query = {"sendInitialEvents": "true", "resourceVersionMatch": "NotOlderThan", "allowWatchBookmarks": "true"}
    watch = await api.watch(MAPS, resourceVersion=api.revision + 100, **query)
    assert await watch.take() == ["ERROR 504"]


@pytest.mark.parametrize(
    ("query", "status"),
    [
        pytest.param({"resourceVersion": "abc"}, 500, id="version"),
        pytest.param({"resourceVersion": "-1"}, 500, id="negative version"),
        pytest.param({"labelSelector": "a in ("}, 400, id="labels"),
        pytest.param({"fieldSelector": "spec.x=1"}, 400, id="fields"),
        pytest.param({"sendInitialEvents": "true"}, 422, id="initial events without a match"),
        pytest.param({"resourceVersionMatch": "Exact"}, 422, id="exact"),
        pytest.param({"timeoutSeconds": "x"}, 400, id="timeout"),
    ],
)
async def test_what_cannot_be_watched(api: Api, query: dict[str, str], status: int) -> None:
    answer = await api.get(MAPS, watch="1", **query)
    assert (answer.status, answer.json["status"]) == (status, "Failure")


@pytest.mark.parametrize(
    ("query", "tell"),
    [
        pytest.param(
            {"labelSelector": "color=red"},
            [["ADDED a=1"], ["MODIFIED a=2"], ["DELETED a=2"], [], ["ADDED a=5"], ["DELETED a=5"]],
            id="labels",
        ),
        pytest.param(
            {"labelSelector": "color!=red"},
            [[], [], ["ADDED a=3"], ["MODIFIED a=4"], ["DELETED a=4"], []],
            id="other labels",
        ),
        pytest.param(
            {"fieldSelector": "metadata.name=a"},
            [["ADDED a=1"], ["MODIFIED a=2"], ["MODIFIED a=3"], ["MODIFIED a=4"], ["MODIFIED a=5"], ["DELETED a=5"]],
            id="name",
        ),
        pytest.param({"fieldSelector": "metadata.name!=a"}, [[], [], [], [], [], []], id="other names"),
        pytest.param({"fieldSelector": "metadata.namespace=other"}, [[], [], [], [], [], []], id="namespace"),
    ],
)
async def test_what_begins_to_match_is_added_and_what_ceases_is_deleted(
    api: Api, query: dict[str, str], tell: list[list[str]]
) -> None:
    watch = await api.watch(MAPS, **query)
    for step, color in enumerate(["red", "red", "blue", "blue", "red"]):
        await api.put("a", str(step + 1), labels={"color": color})
        assert await watch.take() == tell[step]
    await api.remove("a")
    assert await watch.take() == tell[5]


async def test_what_ceased_to_match_is_as_it_matched_at_the_events_version(api: Api) -> None:
    watch = await api.watch(MAPS, labelSelector="color=red")
    await api.put("a", "1", labels={"color": "red"})
    await api.put("a", "2", labels={"color": "blue"})
    assert await watch.take() == ["ADDED a=1", "DELETED a=1"]
    again = await api.watch(MAPS, labelSelector="color=red", resourceVersion=api.revision - 2)
    _, (type, obj) = again.sent
    assert (type, obj["metadata"]["labels"], obj["metadata"]["resourceVersion"]) == (
        "DELETED",
        {"color": "red"},
        str(api.revision),
    )


async def test_one_object_and_all_namespaces(api: Api) -> None:
    await api.ask("POST", "/api/v1/namespaces", {"metadata": {"name": "other"}})
    one = await api.watch("/api/v1/watch/namespaces/default/configmaps/a")
    here, everywhere = await api.watch(MAPS), await api.watch("/api/v1/configmaps")
    await api.put("a", "1")
    await api.put("b", "2")
    await api.ask("POST", "/api/v1/namespaces/other/configmaps", {"metadata": {"name": "c"}})
    assert await one.take() == ["ADDED a=1"]
    assert await here.take() == ["ADDED a=1", "ADDED b=2"]
    assert await everywhere.take() == ["ADDED a=1", "ADDED b=2", "ADDED c"]


async def test_bookmarks_come_every_minute(api: Api) -> None:
    watch = await api.watch(MAPS, resourceVersion=api.revision, allowWatchBookmarks="true")
    silent = await api.watch(MAPS, resourceVersion=api.revision)
    await api.cluster.advance(59)
    assert await watch.take() == []
    await api.cluster.advance(1)
    first = api.revision
    assert await watch.take() == [f"BOOKMARK {first}"]
    await api.put("a", "1")
    await api.ask("POST", "/api/v1/namespaces", {"metadata": {"name": "elsewhere"}})
    await api.cluster.advance(60)
    assert await watch.take() == ["ADDED a=1", f"BOOKMARK {api.revision}"]
    assert await silent.take() == ["ADDED a=1"]


async def test_a_bookmark_is_an_object_of_the_kind_with_its_version_alone(api: Api) -> None:
    watch = await api.watch(MAPS, allowWatchBookmarks="true")
    ((type, obj),) = watch.sent
    assert (type, obj["kind"], obj["apiVersion"]) == ("BOOKMARK", "ConfigMap", "v1")
    assert obj["metadata"]["annotations"] == {"k8s.io/initial-events-end": "true"}
    assert "name" not in obj["metadata"]


@pytest.mark.parametrize(("timeout", "lasts"), [("1", 1), ("90", 90), ("-1", 0)])
async def test_watches_end_when_asked_to(api: Api, timeout: str, lasts: int) -> None:
    watch = await api.watch(MAPS, timeoutSeconds=timeout)
    if lasts:
        await api.cluster.advance(lasts - 0.5)
        assert not watch.ended
    await api.cluster.advance(0.5)
    await watch.take()
    assert watch.ended


async def test_watches_end_within_an_hour(api: Api) -> None:
    watches = [await api.watch(MAPS) for _ in range(5)]
    await api.cluster.advance(1799)
    assert not any(watch.ended for watch in watches)
    await api.cluster.advance(1801)
    await watches[0].take()
    assert all(watch.ended for watch in watches)
    assert not api.cluster.store._resource("configmaps").watchers


async def test_watchers_of_one_form_share_the_bytes(api: Api) -> None:
    for _ in range(2):
        await api.watch(MAPS)
    await api.put("a", "1")
    (event,) = api.cluster.store._resource("configmaps").history
    await api.watch(MAPS, resourceVersion=event.revision - 1)
    assert len(event.views) == 1
