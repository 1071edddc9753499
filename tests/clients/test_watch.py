"""The official Python client's watch: from a list, resumed, past the history, by selector."""

from __future__ import annotations

from itertools import islice

import pytest
from kubernetes import client, watch

from minikube_py.threaded import ThreadedCluster


def create(core: client.CoreV1Api, *names: str, labels: dict[str, str] | None = None) -> None:
    for name in names:
        core.create_namespaced_config_map("default", {"metadata": {"name": name, "labels": labels or {}}})


def first(watcher: watch.Watch, count: int, core: client.CoreV1Api, **options: object) -> list[tuple[str, str]]:
    """Type and name of the first events; the connection is closed then."""
    stream = watcher.stream(core.list_namespaced_config_map, "default", **options)
    found = [(event["type"], event["object"].metadata.name) for event in islice(stream, count)]
    watcher.stop()
    stream.close()
    return found


def test_from_a_list_on(cluster: ThreadedCluster, core: client.CoreV1Api) -> None:
    cluster.settle()
    listed = core.list_namespaced_config_map("default")
    create(core, "one", "two")
    core.delete_namespaced_config_map("one", "default")
    events = first(watch.Watch(), 3, core, resource_version=listed.metadata.resource_version)
    assert events == [("ADDED", "one"), ("ADDED", "two"), ("DELETED", "one")]


def test_resumes_where_it_stopped(cluster: ThreadedCluster, core: client.CoreV1Api) -> None:
    cluster.settle()
    watcher = watch.Watch()
    start = core.list_namespaced_config_map("default").metadata.resource_version
    create(core, "one", "two", "three")
    assert first(watcher, 1, core, resource_version=start) == [("ADDED", "one")]
    create(core, "four")
    rest = first(watcher, 3, core, resource_version=watcher.resource_version)
    assert rest == [("ADDED", "two"), ("ADDED", "three"), ("ADDED", "four")]


def test_starts_with_what_is_there(cluster: ThreadedCluster, core: client.CoreV1Api) -> None:
    cluster.settle()
    create(core, "one", "two")
    assert sorted(first(watch.Watch(), 3, core)) == [("ADDED", "kube-root-ca.crt"), ("ADDED", "one"), ("ADDED", "two")]


def test_selects(core: client.CoreV1Api) -> None:
    start = core.list_namespaced_config_map("default").metadata.resource_version
    create(core, "red", labels={"colour": "red"})
    create(core, "blue", labels={"colour": "blue"})
    core.patch_namespaced_config_map("red", "default", {"metadata": {"labels": {"colour": "blue"}}})
    events = first(watch.Watch(), 2, core, resource_version=start, label_selector="colour=red")
    assert events == [("ADDED", "red"), ("DELETED", "red")]


@pytest.mark.cluster(clock="virtual")
def test_ends_when_asked_to(cluster: ThreadedCluster, core: client.CoreV1Api) -> None:
    answer = core.list_namespaced_secret("default", watch=True, timeout_seconds=3600, _preload_content=False)
    cluster.advance(3601)
    assert answer.read() == b""


@pytest.mark.cluster(history=5)
def test_past_the_history(core: client.CoreV1Api) -> None:
    start = core.list_namespaced_config_map("default").metadata.resource_version
    create(core, *(f"number-{number}" for number in range(10)))
    with pytest.raises(client.ApiException) as raised:
        first(watch.Watch(), 1, core, resource_version=start)
    assert raised.value.status == 410
