"""Lists: pages over one consistent state, past states, selectors."""

from __future__ import annotations

import base64
import json

import pytest

from minikube_py.api.kinds.componentstatus import cells
from tests.registry.api import MAPS, PODS, Api

EVERYWHERE = "/api/v1/configmaps"


async def fill(api: Api, names: str = "abcdef") -> None:
    for name in names:
        await api.put(name, name, labels={"even": str(ord(name) % 2 == 0).lower()})


async def test_pages_show_one_state_whatever_is_written_between_them(api: Api) -> None:
    await fill(api)
    first = await api.get(MAPS, limit=2)
    begun = first.json["metadata"]["resourceVersion"]
    assert (first.names, first.json["metadata"]["remainingItemCount"]) == (["a", "b"], 4)
    await api.put("bb", "late")
    await api.remove("d")
    await api.put("c", "changed")
    await api.put("zz", "late")
    second = await api.get(MAPS, limit=2, continue_=first.json["metadata"]["continue"])
    assert second.names == ["c", "d"]
    assert [item["data"]["v"] for item in second.json["items"]] == ["c", "d"]
    await api.remove("a")
    third = await api.get(MAPS, limit=2, continue_=second.json["metadata"]["continue"])
    assert third.names == ["e", "f"]
    assert third.json["metadata"] == {"resourceVersion": begun}
    assert second.json["metadata"]["resourceVersion"] == begun


async def test_pages_across_namespaces_keep_the_stores_order(api: Api) -> None:
    for namespace in ("a", "a-b", "a0"):
        await api.ask("POST", "/api/v1/namespaces", {"metadata": {"name": namespace}})
        for name in ("x", "y"):
            await api.ask("POST", f"/api/v1/namespaces/{namespace}/configmaps", {"metadata": {"name": name}})
    found, token = [], ""
    while True:
        page = await api.get(EVERYWHERE, limit=1, **({"continue_": token} if token else {}))
        found += [(item["metadata"]["namespace"], item["metadata"]["name"]) for item in page.json["items"]]
        if not (token := page.json["metadata"].get("continue", "")):
            break
        await api.put(f"m{len(found)}")
    assert found == [(namespace, name) for namespace in ("a-b", "a", "a0") for name in ("x", "y")]


@pytest.mark.parametrize("limit", [1, 2, 3, 4, 100])
async def test_pages_of_a_selection_miss_nothing(api: Api, limit: int) -> None:
    await fill(api)
    found: list[str] = []
    token = ""
    for _ in range(10):
        page = await api.get(MAPS, limit=limit, labelSelector="even=true", **({"continue_": token} if token else {}))
        found += page.names
        assert "remainingItemCount" not in page.json["metadata"]
        token = page.json["metadata"].get("continue", "")
        if not token:
            break
    assert found == ["b", "d", "f"]


async def test_an_expired_token_shows_how_to_go_on(api: Api) -> None:
    await fill(api)
    first = await api.get(MAPS, limit=2)
    await api.remove("c")
    api.cluster.store.compact()
    await api.put("dd")
    expired = await api.get(MAPS, limit=2, continue_=first.json["metadata"]["continue"])
    assert (expired.status, expired.json["reason"]) == (410, "Expired")
    assert expired.message.startswith("The provided continue parameter is too old to display a consistent list result")
    rest = await api.get(MAPS, continue_=expired.json["metadata"]["continue"])
    assert rest.names == ["d", "dd", "e", "f"]
    assert rest.json["metadata"]["resourceVersion"] == str(api.revision)


async def test_the_state_of_a_past_version(api: Api) -> None:
    await api.put("a", "1")
    past = api.revision
    await api.put("a", "2")
    await api.put("b", "1")
    await api.remove("a")
    then = await api.get(MAPS, resourceVersion=past, resourceVersionMatch="Exact")
    assert (then.names, then.json["items"][0]["data"]["v"]) == (["a"], "1")
    assert then.json["metadata"]["resourceVersion"] == str(past)
    for query in ({"resourceVersion": past, "resourceVersionMatch": "NotOlderThan"}, {"resourceVersion": past}, {}):
        now = await api.get(MAPS, **query)
        assert (now.names, now.json["metadata"]["resourceVersion"]) == (["b"], str(api.revision))
    # With a limit a version without a match is exact.
    assert (await api.get(MAPS, resourceVersion=past, limit=5)).names == ["a"]
    assert (await api.get(MAPS, resourceVersion="0", limit=5)).names == ["b"]


@pytest.mark.parametrize(
    ("query", "status", "message"),
    [
        pytest.param({"resourceVersion": "99999"}, 504, "Timeout: Too large resource version: 99999", id="future"),
        pytest.param(
            {"resourceVersion": "99999", "resourceVersionMatch": "Exact"}, 504, "Too large resource version", id="exact"
        ),
        pytest.param({"resourceVersion": "1", "resourceVersionMatch": "Exact"}, 410, "too old", id="past"),
        pytest.param({"resourceVersion": "x"}, 400, 'strconv.ParseUint: parsing "x": invalid syntax', id="no version"),
        pytest.param({"resourceVersion": str(2**64)}, 400, "value out of range", id="wide version"),
        pytest.param({"resourceVersionMatch": "Exact"}, 422, "forbidden unless resourceVersion", id="match alone"),
        pytest.param({"resourceVersion": "0", "resourceVersionMatch": "Exact"}, 422, "forbidden", id="exactly 0"),
        pytest.param({"resourceVersion": "1", "resourceVersionMatch": "x"}, 422, "Unsupported value", id="no match"),
        pytest.param({"limit": "x"}, 400, 'strconv.ParseInt: parsing "x": invalid syntax', id="limit"),
        pytest.param({"continue_": "?"}, 400, "invalid continue token", id="token"),
        pytest.param({"continue_": "e30"}, 400, "does not recognize this encoded version", id="empty token"),
        pytest.param({"continue_": "bnVsbA"}, 400, "invalid continue token", id="null token"),
        pytest.param({"labelSelector": "a b"}, 400, "unable to parse requirement", id="labels"),
        pytest.param({"fieldSelector": "a"}, 400, "invalid selector", id="fields"),
        pytest.param({"fieldSelector": "data.v=1"}, 400, "data.v", id="unknown field"),
    ],
)
async def test_what_cannot_be_listed(api: Api, query: dict[str, str], status: int, message: str) -> None:
    answer = await api.get(MAPS, **query)
    assert (answer.status, answer.json["code"]) == (status, status)
    assert message in answer.message


@pytest.mark.parametrize(
    "token",
    [
        pytest.param({"v": "meta.k8s.io/v1", "rv": 1, "start": "../x"}, id="upwards"),
        pytest.param({"v": "meta.k8s.io/v1", "rv": 1, "start": ""}, id="nowhere"),
        pytest.param({"v": "meta.k8s.io/v1", "rv": 0, "start": "a"}, id="no version"),
        pytest.param({"v": "meta.k8s.io/v1", "rv": "x", "start": "a"}, id="text"),
        pytest.param({"v": "meta.k8s.io/v1", "rv": True, "start": "a"}, id="true"),
        pytest.param({"v": "meta.k8s.io/v1", "rv": 1.5, "start": "a"}, id="half"),
        pytest.param({"v": 5, "rv": 1, "start": "a"}, id="number"),
        pytest.param([1], id="list"),
    ],
)
async def test_tokens_nobody_gave_out(api: Api, token: object) -> None:
    text = base64.urlsafe_b64encode(json.dumps(token).encode()).decode().rstrip("=")
    answer = await api.get(MAPS, continue_=text)
    assert (answer.status, answer.message.partition(":")[0]) == (400, "invalid continue token")


async def test_a_token_and_a_version_exclude_each_other(api: Api) -> None:
    await fill(api)
    token = (await api.get(MAPS, limit=2)).json["metadata"]["continue"]
    answer = await api.get(MAPS, continue_=token, resourceVersion=api.revision)
    assert (answer.status, answer.message) == (400, "specifying resource version is not allowed when using continue")


@pytest.mark.parametrize(
    ("query", "names"),
    [
        pytest.param({}, "ab", id="none"),
        pytest.param({"labelSelector": "color=red"}, "a", id="equal"),
        pytest.param({"labelSelector": "color!=red"}, "b", id="not equal"),
        pytest.param({"labelSelector": "color in (red, green)"}, "a", id="in"),
        pytest.param({"labelSelector": "color notin (red)"}, "b", id="notin"),
        pytest.param({"labelSelector": "size"}, "b", id="there"),
        pytest.param({"labelSelector": "!size"}, "a", id="not there"),
        pytest.param({"labelSelector": "size>5"}, "b", id="greater"),
        pytest.param({"labelSelector": "size<5"}, "", id="less"),
        pytest.param({"labelSelector": "color=red,size"}, "", id="both"),
        pytest.param({"fieldSelector": "metadata.name=a"}, "a", id="name"),
        pytest.param({"fieldSelector": "metadata.name!=a"}, "b", id="other name"),
        pytest.param({"fieldSelector": "metadata.namespace=default,metadata.name=b"}, "b", id="both fields"),
        pytest.param({"fieldSelector": "metadata.name=a,metadata.name=b"}, "", id="two names"),
        pytest.param({"fieldSelector": "metadata.name=a", "labelSelector": "color=blue"}, "", id="fields and labels"),
    ],
)
async def test_selectors(api: Api, query: dict[str, str], names: str) -> None:
    await api.put("a", labels={"color": "red"})
    await api.put("b", labels={"color": "blue", "size": "7"})
    for path in (MAPS, EVERYWHERE):
        assert "".join((await api.get(path, **query)).names) == names


async def test_pods_are_selected_by_their_fields(api: Api) -> None:
    for name, node in (("a", "n1"), ("b", "")):
        spec = {"containers": [{"name": "c", "image": "i"}], **({"nodeName": node} if node else {})}
        await api.ask("POST", PODS, {"metadata": {"name": name}, "spec": spec})
    assert (await api.get(PODS, fieldSelector="spec.nodeName=n1")).names == ["a"]
    assert (await api.get(PODS, fieldSelector="spec.nodeName=")).names == ["b"]
    assert (await api.get(PODS, fieldSelector="status.phase=Pending")).names == ["a", "b"]
    assert (await api.get(PODS, fieldSelector="status.phase!=Pending")).names == []


async def test_a_list_of_nothing(api: Api) -> None:
    answer = await api.get("/api/v1/namespaces/nowhere/configmaps")
    assert (answer.status, answer.json["items"], answer.json["kind"]) == (200, [], "ConfigMapList")


async def test_components_that_do_not_run_are_not_healthy(api: Api) -> None:
    listed = (await api.get("/api/v1/componentstatuses")).json["items"]
    (etcd,) = (each for each in listed if each["metadata"]["name"] == "etcd-0")
    assert etcd["conditions"] == [{"type": "Healthy", "status": "True", "message": "ok"}]
    scheduler = (await api.get("/api/v1/componentstatuses/scheduler")).json
    refused = 'Get "https://127.0.0.1:10259/healthz": dial tcp 127.0.0.1:10259: connect: connection refused'
    assert scheduler["conditions"] == [{"type": "Healthy", "status": "False", "message": refused}]
    assert [each["metadata"]["name"] for each in listed] == ["controller-manager", "etcd-0", "scheduler"]
    api.cluster.registry.absent = ()
    assert cells((await api.get("/api/v1/componentstatuses/scheduler")).json) == ["scheduler", "Healthy", "ok", ""]
    missing = await api.get("/api/v1/componentstatuses/x")
    assert (missing.status, missing.message) == (404, 'componentstatus "x" not found')


@pytest.mark.parametrize(
    ("path", "timeout", "status"),
    [
        pytest.param("/api/v1/nodes", "invalid", 400, id="no duration"),
        pytest.param("/version", "1", 400, id="no unit, of what is no resource"),
        pytest.param("/api/v1/nodes", "34s", 200, id="a duration"),
        pytest.param("/api/v1/nodes", "", 200, id="empty"),
    ],
)
async def test_timeouts_are_durations(api: Api, path: str, timeout: str, status: int) -> None:
    answer = await api.get(path, timeout=timeout)
    assert answer.status == status
    if status == 400:
        assert answer.message.startswith("invalid timeout specified in the request URL - time: ")


async def test_what_takes_long_has_no_timeout(api: Api) -> None:
    stream = await api.watch("/api/v1/nodes", timeout="invalid")
    assert not stream.ended
