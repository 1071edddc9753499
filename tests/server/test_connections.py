"""Connections: kept alive, compressed, refused, cut off."""

from __future__ import annotations

import gzip
import logging

import pytest

from minikube_py.api import watchstream
from minikube_py.cluster import Cluster
from minikube_py.machinery.gvr import Object
from tests.server.conftest import CONFIG_MAPS, MAPS, Open, until, watchers
from tests.server.http11 import Connection


def config_map(name: str, size: int = 0) -> Object:
    return {"metadata": {"name": name, "namespace": "default"}, "data": {"text": "x" * size}}


async def test_one_connection_takes_many_requests(http: Connection) -> None:
    for number in range(3):
        created = await http.request("POST", MAPS, config_map(f"m{number}"))
        assert created.status == 201
    answer = await http.request("GET", MAPS)
    assert [item["metadata"]["name"] for item in answer.json["items"]] == ["m0", "m1", "m2"]


async def test_requests_may_be_sent_ahead(http: Connection) -> None:
    http.start("POST", MAPS, config_map("a"))
    http.start("GET", f"{MAPS}/a")
    http.start("DELETE", f"{MAPS}/a")
    assert [(await http.answer()).status for _ in range(3)] == [201, 200, 200]


async def test_a_body_may_come_in_chunks(http: Connection) -> None:
    head = f"POST {MAPS} HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
    http.send(head.encode())
    for part in (b'{"metadata":', b'{"name":', b'"a"}}'):
        http.send(b"%x\r\n%b\r\n" % (len(part), part))
    http.send(b"0\r\n\r\n")
    assert (await http.answer()).status == 201


async def test_a_client_may_ask_before_it_sends_a_body(http: Connection) -> None:
    head = "Host: localhost\r\nContent-Type: application/json\r\nExpect: 100-continue\r\n"
    http.send(f"POST {MAPS} HTTP/1.1\r\n{head}Content-Length: 25\r\n\r\n".encode())
    assert (await http.head()).status == 100
    http.send(b'{"metadata":{"name":"a"}}')
    assert (await http.answer()).status == 201
    http.send(f"POST {MAPS} HTTP/1.1\r\n{head}Content-Length: 99999999\r\n\r\n".encode())
    assert (await http.answer()).status == 413


async def test_a_client_may_ask_to_close(http: Connection) -> None:
    answer = await http.request("GET", "/healthz", headers={"Connection": "close"})
    assert answer.body == b"ok"
    assert await http.ended()


@pytest.mark.parametrize(
    ("size", "accept", "compressed"),
    [
        pytest.param(200_000, "gzip", True, id="large"),
        pytest.param(200_000, "deflate, gzip;q=1.0, *;q=0.5", True, id="among others"),
        pytest.param(200_000, "", False, id="not asked for"),
        pytest.param(200_000, "deflate", False, id="another"),
        pytest.param(1000, "gzip", False, id="small"),
    ],
)
async def test_large_answers_are_compressed(http: Connection, size: int, accept: str, compressed: bool) -> None:
    await http.request("POST", MAPS, config_map("a", size))
    answer = await http.request("GET", f"{MAPS}/a", headers={"Accept-Encoding": accept})
    assert (answer.headers.get("content-encoding") == "gzip") is compressed
    if compressed:
        assert answer.headers["vary"] == "Accept-Encoding"
        answer.body = gzip.decompress(answer.body)
    assert len(answer.json["data"]["text"]) == size


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        pytest.param({"Host": "localhost:1"}, 200, id="localhost"),
        pytest.param({"Host": "LOCALHOST"}, 200, id="no port, capitals"),
        pytest.param({"Host": "127.0.0.1:8080"}, 200, id="IPv4"),
        pytest.param({"Host": "[::1]:8080"}, 200, id="IPv6"),
        pytest.param({"Host": "[::1]"}, 200, id="IPv6 without port"),
        pytest.param({"Host": "evil.example:8080"}, 403, id="a name that was rebound"),
        pytest.param({"Host": "localhost.evil.example"}, 403, id="a name that begins well"),
        pytest.param({"Host": "127.0.0.1.evil.example:80"}, 403, id="an address that goes on"),
        pytest.param({"Host": "192.168.0.1"}, 403, id="another address"),
        pytest.param({"Origin": "http://localhost:3000"}, 403, id="a web page of this machine"),
        pytest.param({"Origin": "null"}, 403, id="a web page from a file"),
    ],
)
async def test_web_pages_are_kept_out(http: Connection, headers: dict[str, str], status: int) -> None:
    assert (await http.request("GET", "/healthz", headers=headers)).status == status
    refused = await http.request("POST", MAPS, config_map("a"), headers)
    assert refused.status == (403 if status == 403 else 201)


async def test_whoever_allows_remote_clients_gets_them() -> None:
    async with Cluster(nodes=0, controllers="", allow_remote=True) as cluster:
        assert cluster.port is not None
        http = await Connection.open(cluster.port)
        headers = {"Host": "cluster.example", "Origin": "http://pages.example"}
        assert (await http.request("GET", "/healthz", headers=headers)).status == 200
        http.close()


async def test_a_body_that_announces_too_much_is_not_read(http: Connection) -> None:
    http.send(b"POST %b HTTP/1.1\r\nHost: localhost\r\nContent-Length: 999999999999\r\n\r\n{" % MAPS.encode())
    answer = await http.answer()
    assert (answer.status, answer.json["reason"]) == (413, "RequestEntityTooLarge")


async def test_a_body_that_grows_too_large_is_cut_off(http: Connection) -> None:
    http.send(b"POST %b HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n" % MAPS.encode())
    for _ in range(4):
        http.send(b"%x\r\n%b\r\n" % (1 << 20, b" " * (1 << 20)))
    answer = await http.answer()
    assert (answer.status, answer.message) == (413, "Request entity too large: limit is 3145728")


async def test_a_client_that_leaves_in_mid_body_leaves_no_trace(
    cluster: Cluster, http: Connection, caplog: pytest.LogCaptureFixture
) -> None:
    http.send(b'POST %b HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{"met' % MAPS.encode())
    await http.writer.drain()
    other = await Connection.open(cluster.port or 0)
    await other.request("GET", "/healthz")
    http.close()
    await http.writer.wait_closed()
    assert (await other.request("GET", MAPS)).json["items"] == []
    other.close()
    assert not [record for record in caplog.records if record.levelno >= logging.WARNING]


async def test_what_is_no_http_is_answered_and_not_logged(http: Connection, caplog: pytest.LogCaptureFixture) -> None:
    assert (await http.request("GET", MAPS)).status == 200
    http.send(b"G\x00T / HTTP/1.1\r\nHost: localhost\r\n\r\n")
    assert (await http.answer()).status == 400
    assert not caplog.records


# Watches


async def test_a_watch_goes_on_while_other_requests_are_answered(http: Connection, open_connection: Open) -> None:
    watch = await open_connection()
    watch.start("GET", f"{MAPS}?watch=1")
    assert (await watch.head()).headers["content-type"] == "application/json"
    await http.request("POST", MAPS, config_map("a"))
    type, obj = await watch.event()
    assert (type, obj["metadata"]["name"]) == ("ADDED", "a")
    await http.request("DELETE", f"{MAPS}/a")
    assert (await watch.event())[0] == "DELETED"


async def test_a_watch_of_old_clients_ends_with_its_connection(cluster: Cluster, http: Connection) -> None:
    http.send(f"GET {MAPS}?watch=1&timeoutSeconds=5 HTTP/1.0\r\nHost: localhost\r\n\r\n".encode())
    assert (await http.head()).headers.get("transfer-encoding") is None
    await cluster.client.create(CONFIG_MAPS, config_map("a"))
    assert b'"type":"ADDED"' in await http.reader.readline()
    await cluster.advance(5)
    assert await http.ended()


async def test_a_client_that_leaves_in_mid_watch_is_forgotten(cluster: Cluster, open_connection: Open) -> None:
    for _ in range(3):
        watch = await open_connection()
        watch.start("GET", f"{MAPS}?watch=1")
        await watch.head()
        await until(lambda: watchers(cluster) == 1)
        watch.close()
        await until(lambda: watchers(cluster) == 0)
    assert cluster.server is not None and not cluster.server._streams
    assert cluster.clock.next_deadline() is None  # type: ignore[union-attr]


async def test_a_watch_ends_in_its_time(cluster: Cluster, http: Connection) -> None:
    http.start("GET", f"{MAPS}?watch=1&timeoutSeconds=5")
    await http.head()
    await cluster.advance(5)
    assert await http.chunk() == b""
    assert watchers(cluster) == 0
    assert (await http.request("GET", "/healthz")).status == 200


async def test_stopping_the_server_ends_watches_at_once(cluster: Cluster, open_connection: Open) -> None:
    watches = [await open_connection() for _ in range(3)]
    for watch in watches:
        watch.start("GET", f"{MAPS}?watch=1")
        await watch.head()
    idle = await open_connection()
    await idle.request("GET", "/healthz")
    await until(lambda: watchers(cluster) == 3)
    await cluster.stop()
    assert watchers(cluster) == 0
    for each in (*watches, idle):
        assert await each.ended()


async def test_a_watcher_that_does_not_read_is_cut_off(
    cluster: Cluster, open_connection: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watchstream, "UNREAD_LIMIT", 4 * 1024 * 1024)
    slow = await open_connection(limit=1024)
    slow.start("GET", f"{MAPS}?watch=1")
    await until(lambda: watchers(cluster) == 1)
    quick = await open_connection()
    quick.start("GET", f"{MAPS}?watch=1")
    await quick.head()
    await until(lambda: watchers(cluster) == 2)
    text = config_map("a", 20_000)
    await cluster.client.create(CONFIG_MAPS, text)
    assert (await quick.event())[0] == "ADDED"
    seen = 0
    for number in range(3000):
        text["data"]["number"] = str(number)
        await cluster.client.update(CONFIG_MAPS, text)
        await quick.event()
        seen += 1
        if watchers(cluster) == 1:
            break
    assert watchers(cluster) == 1
    # What the kernel buffers comes on top of the limit.
    assert seen * 20_000 > watchstream.UNREAD_LIMIT
    text["data"]["number"] = "last"
    await cluster.client.update(CONFIG_MAPS, text)
    assert (await quick.event())[1]["data"]["number"] == "last"


async def test_many_initial_events_are_no_reason_to_cut_off(
    cluster: Cluster, open_connection: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watchstream, "UNREAD_LIMIT", 100_000)
    for number in range(200):
        await cluster.client.create(CONFIG_MAPS, config_map(f"m{number:03}", 20_000))
    watch = await open_connection(limit=1024)
    watch.start("GET", f"{MAPS}?watch=1&resourceVersion=0")
    await watch.head()
    received = b""
    while received.count(b"\n") < 200:
        received += await watch.chunk()
    assert watchers(cluster) == 1


async def test_how_long_watches_last_does_not_shift_uids(cluster: Cluster, open_connection: Open) -> None:
    uids = []
    for watching in (False, True):
        async with Cluster(nodes=0, controllers="", seed=5) as fresh:
            http = await Connection.open(fresh.port or 0)
            if watching:
                http.start("GET", f"{MAPS}?watch=1")
                await http.head()
            created = await fresh.client.create(CONFIG_MAPS, config_map("a"))
            uids.append(created["metadata"]["uid"])
            http.close()
    assert uids[0] == uids[1]
