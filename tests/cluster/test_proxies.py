"""The proxies of the API server before containers that answer anything but HTTP as it should be."""

from __future__ import annotations

from asyncio import StreamReader, StreamWriter
from collections.abc import AsyncIterator

import aiohttp
import pytest
from aiohttp import web
from yarl import URL

from minikube_py.cluster import Cluster
from minikube_py.images import Container
from minikube_py.machinery.wellknown import PODS

ANSWERS = {
    1: b"garbage\r\n\r\n",
    2: b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort",
    3: b"HTTP/1.1 200 OK\r\nSet-Cookie: a\x00b\r\n\r\nhi",
    4: b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n",
    5: b"HTTP/1.1 200 OK\r\nContent-Length: 2000000\r\n\r\nand so on",
    6: b"HTTP/1.1 200 OK\r\nX-Forwarded: %s\r\nContent-Length: 0\r\n\r\n",
}
"""What is said on which port."""


async def says(container: Container) -> None:
    for port, answer in ANSWERS.items():

        async def say(reader: StreamReader, writer: StreamWriter, answer: bytes = answer) -> None:
            head = await reader.readuntil(b"\r\n\r\n")
            lines = dict(line.split(b": ", 1) for line in head.split(b"\r\n") if b": " in line)
            writer.write(answer.replace(b"%s", lines[b"X-Forwarded-Uri"]))
            writer.close()

        container.serve(port, say)
    await container.serve_http(80, pages)
    container.print("listening")
    await container.forever()


async def pages(request: web.BaseRequest) -> web.StreamResponse:
    if request.path == "/socket":
        socket = web.WebSocketResponse(protocols=("loud",))
        await socket.prepare(request)
        async for message in socket:
            await socket.send_str(f"{message.data}!".upper())
            if message.data == "bye":
                break
        return socket
    if request.path == "/elsewhere":
        return web.Response(status=302, headers={"Location": f"http://{request.host}/x"})
    said = {"Access-Control-Allow-Origin": "*", "X-Own": "yes"}
    return web.Response(text='<a href="/x">', content_type="text/html", headers=said)


@pytest.fixture
async def url() -> AsyncIterator[str]:
    """Of the pod, to which ":PORT/proxy/" is to be added."""
    async with Cluster(nodes=1, images={"says": says}) as cluster:
        spec = {"containers": [{"name": "c", "image": "says"}]}
        await cluster.client.create(PODS, {"metadata": {"name": "p", "namespace": "default"}, "spec": spec})
        await cluster.settle()
        yield f"{cluster.url}/api/v1/namespaces/default/pods/p"


async def test_what_is_no_answer(url: str, caplog: pytest.LogCaptureFixture) -> None:
    said = {
        "1": "garbage",
        "2": "Not enough data to satisfy content length header",
        "3": "header",
        "4": "the connection cannot be upgraded",
        "7": "dial tcp",
        "0": "dial tcp",
        "70000": "dial tcp: address 70000: invalid port",
        "99999999999999999999": "invalid port",
        "http": "lookup tcp/http: unknown port",
    }
    async with aiohttp.ClientSession() as http:
        for port, why in said.items():
            async with http.get(f"{url}:{port}/proxy/") as response:
                status = await response.json()
                assert (response.status, status["reason"]) == (503, "ServiceUnavailable"), port
                assert status["message"].startswith("error trying to reach service: ")
                assert why in status["message"], port
    assert not caplog.records


async def test_what_breaks_off_is_not_whole(url: str, caplog: pytest.LogCaptureFixture) -> None:
    async with aiohttp.ClientSession() as http, http.get(f"{url}:5/proxy/") as response:
        with pytest.raises(aiohttp.ClientError):
            await response.read()
    assert not caplog.records


async def test_headers_cannot_be_smuggled_in_by_paths(url: str) -> None:
    async with aiohttp.ClientSession() as http:
        for path in ("%0d%0aX-Evil: 1", "%00"):
            async with http.get(f"{url}:6/proxy/{path}", skip_auto_headers=("User-Agent",)) as response:
                assert response.status == 200
                assert "X-Evil" not in response.headers
                assert "/proxy/%0" in response.headers["X-Forwarded"]


async def test_ports_of_one_connection_have_a_number(url: str) -> None:
    async with aiohttp.ClientSession() as http:
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await http.ws_connect(f"{url}/portforward?ports={','.join(['1'] * 128)}", protocols=("v4.channel.k8s.io",))
    assert refused.value.status == 400


async def test_links_lead_through_the_proxy_again(url: str) -> None:
    async with aiohttp.ClientSession() as http:
        prefix = f"{URL(url).path}/proxy"
        async with http.get(f"{url}:80/proxy/") as response:
            assert await response.text() == f'<a href="{prefix.replace("/proxy", ":80/proxy")}/x">'
            assert response.headers["X-Own"] == "yes"
            assert "Access-Control-Allow-Origin" not in response.headers
        async with http.get(f"{url}:80/proxy/elsewhere", allow_redirects=False) as response:
            assert response.headers["Location"] == f"{url}:80/proxy/x"
        async with http.head(f"{url}:80/proxy/") as response:
            assert response.status == 200


async def test_websockets_go_through(url: str) -> None:
    async with aiohttp.ClientSession() as http:
        async with http.ws_connect(f"{url}:80/proxy/socket", protocols=("quiet", "loud")) as socket:
            assert socket.protocol == "loud"
            await socket.send_str("hello")
            assert await socket.receive_str() == "HELLO!"
            await socket.send_str("bye")
            assert await socket.receive_str() == "BYE!"
            assert (await socket.receive()).type == aiohttp.WSMsgType.CLOSE
        for port in ("80", "81"):
            with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
                await http.ws_connect(f"{url}:{port}/proxy/")
            assert refused.value.status == (200 if port == "80" else 503)


async def test_logs_come_by_websocket(url: str) -> None:
    async with aiohttp.ClientSession() as http:
        async with http.ws_connect(f"{url}/log", protocols=("binary.k8s.io",)) as socket:
            assert socket.protocol == "binary.k8s.io"
            assert [message.data async for message in socket] == [b"", b"listening\n"]
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await http.ws_connect(f"{url}/log", protocols=("v4.channel.k8s.io",))
        assert refused.value.status == 400
