"""wget, curl, nc and nslookup."""

from __future__ import annotations

import asyncio
import shlex
from asyncio import StreamReader, StreamWriter
from collections.abc import AsyncIterator

import pytest
from aiohttp import web

from minikube_py.cluster import Cluster
from minikube_py.controllers.kubelet.cri.netcommands import commands_of
from minikube_py.controllers.kubelet.cri.programs import NETWORK_COMMANDS
from minikube_py.images import Container
from minikube_py.machinery.wellknown import PODS
from tests.kubelet.cri.programs import pod, run_in
from tests.kubelet.shellsession import turns


@pytest.mark.parametrize(
    ("command", "code", "said"),
    [
        pytest.param(["wget"], 1, "wget: missing URL\n", id="wget nothing"),
        pytest.param(["wget", "--nonsense", "a"], 1, "wget: unrecognized option: nonsense\n", id="wget, an option"),
        pytest.param(["curl", "-s"], 2, "curl: no URL specified!\n", id="curl nothing"),
        pytest.param(["curl", "-o"], 1, "curl: option requires an argument: o\n", id="curl, an option"),
        pytest.param(["curl", "-sSf", "10.244.0.2"], 22, "curl: (22) The requested URL returned error: 418\n", id="-f"),
        pytest.param(["curl", "-s", "--header=A: b", "10.244.0.2/x"], 0, "GET /x b ", id="a header"),
        pytest.param(["curl", "-d", "one", "-HA:b", "10.244.0.2"], 0, "POST / b one", id="data"),
        pytest.param(["wget", "-qO-", "--header", "A: b", "10.244.0.2/x"], 0, "GET /x b ", id="wget"),
        pytest.param(["wget", "-qO", "-", "--post-data=one", "10.244.0.2"], 0, "POST / - one", id="wget, data"),
        pytest.param(["nc"], 1, "nc: missing operand\n", id="nc nowhere"),
        pytest.param(["nc", "a", "b"], 1, "nc: invalid number 'b'\n", id="nc, no port"),
        pytest.param(["nc", "-z", "10.244.0.2", "80"], 0, "", id="nc"),
        pytest.param(["nslookup"], 1, "nslookup: missing operand\n", id="nslookup nothing"),
    ],
)
async def test_commands_into_the_network(command: list[str], code: int, said: str) -> None:
    async def server(container: Container) -> None:
        async def answer(request: web.BaseRequest) -> web.StreamResponse:
            text = f"{request.method} {request.path} {request.headers.get('A', '-')} {await request.text()}"
            return web.Response(status=418 if text == "GET / - " else 200, text=text)

        await container.serve_http(80, answer)
        await container.forever()

    async with Cluster(port=None, clock="virtual", nodes=1, images={"server": server}) as cluster:
        await cluster.client.create(PODS, pod("a", "server"))
        await cluster.settle()
        assert await run_in(cluster, "a", *command) == (code, said)


async def test_commands_keep_their_time() -> None:
    async def server(container: Container) -> None:
        async def answer(request: web.BaseRequest) -> web.StreamResponse:
            response = web.StreamResponse(headers={"Content-Length": "9"} if "sized" in request.path else {})
            if "late" in request.path:
                await container.sleep(60)
            await response.prepare(request)
            await response.write(b"begin")
            await container.sleep(4)
            await response.write(b" end")
            return response

        async def wait(reader: StreamReader, writer: StreamWriter) -> None:
            await container.sleep(60)

        await container.serve_http(80, answer)
        container.serve(81, wait)
        await container.forever()

    out = "Operation timed out after"
    cases = [
        ("curl -s -m 5 a/open", 0, "begin end"),
        ("curl -m 2 a/late", 28, f"curl: (28) {out} 2000 milliseconds with 0 bytes received\n"),
        ("curl --max-time 2.5 a/open", 28, f"curl: (28) {out} 2500 milliseconds with 5 bytes received\n"),
        ("curl -m1 a/sized", 28, f"curl: (28) {out} 1000 milliseconds with 5 out of 9 bytes received\n"),
        ("curl -sm1 -o x -w %{http_code}-%{size_download} a/sized", 28, "200-5"),
        ("curl --connect-timeout 1 -s a/sized", 0, "begin end"),
        ("curl -m 1s a", 2, "curl: option --max-time: expected a proper numerical parameter\n"),
        ("wget -qO- -T 3 a/sized", 1, "wget: download timed out\n"),
        ("wget -qO- --timeout 5 a/sized", 0, "begin end"),
        ("wget -qO- -T5 a/late", 1, "wget: download timed out\n"),
        ("nc -w 3 a 81", 1, "nc: timed out\n"),
    ]
    async with Cluster(port=None, clock="virtual", nodes=1, images={"server": server}) as cluster:
        await cluster.client.create(PODS, pod("a", "server"))
        await cluster.settle()
        ip = (await cluster.client.get(PODS, "default", "a"))["status"]["podIP"]
        for line, code, said in cases:
            argv = [word.replace("a/", f"{ip}/") if word != "a" else ip for word in line.split()]
            done = asyncio.ensure_future(run_in(cluster, "a", *argv))
            await turns(60)
            await cluster.advance(5)
            await turns(60)
            assert done.done(), line
            assert await done == (code, said), line


async def talks(container: Container) -> None:
    async def answer(reader: StreamReader, writer: StreamWriter) -> None:
        method, path = (await reader.readuntil(b"\r\n\r\n")).split()[:2]
        status, body = (b"200 OK", b"hi\n") if path == b"/" else (b"404 Not Found", b"no\n")
        writer.write(b"HTTP/1.1 " + status + b"\r\nContent-Length: 3\r\n\r\n" + body * (method != b"HEAD"))
        writer.close()

    async def hang_up(reader: StreamReader, writer: StreamWriter) -> None:
        writer.close()

    container.serve(80, answer)
    container.serve(82, hang_up)
    await container.forever()


@pytest.fixture
async def talkative() -> AsyncIterator[Cluster]:
    async with Cluster(port=None, clock="virtual", nodes=1, images={"talks": talks}) as cluster:
        await cluster.client.create(PODS, pod("a", "talks"))
        await cluster.settle()
        yield cluster


@pytest.mark.parametrize(
    ("command", "code", "said"),
    [
        pytest.param("curl nosuch", 6, "curl: (6) Could not resolve host: nosuch\n", id="curl nobody"),
        pytest.param("curl -s nosuch", 6, "", id="curl, silent"),
        pytest.param(
            "curl -sS IP:81",
            7,
            "curl: (7) Failed to connect to IP port 81 after 0 ms: Couldn't connect to server\n",
            id="curl refused",
        ),
        pytest.param("curl IP:82", 52, "curl: (52) Empty reply from server\n", id="curl nothing"),
        pytest.param("curl -o /dev/null -w '%{http_code}\\n%{remote_port}' IP/x", 0, "404\n80", id="curl -w"),
        pytest.param(
            "curl -v IP/x",
            0,
            "*   Trying IP:80...\n* Connected to IP (IP) port 80\n> GET /x HTTP/1.1\n> Host: IP\n"
            "> User-Agent: curl/8.14.1\n> Accept: */*\n> \n< HTTP/1.1 404 Not Found\n< Content-Length: 3\n< \n"
            "* Connection #0 to host IP left intact\nno\n",
            id="curl -v",
        ),
        pytest.param("wget nosuch", 1, "wget: bad address 'nosuch'\n", id="wget nobody"),
        pytest.param("wget -q IP:81", 1, "wget: can't connect to remote host (IP): Connection refused\n", id="refused"),
        pytest.param("wget -q IP/x", 1, "wget: server returned error: HTTP/1.1 404 Not Found\n", id="wget, error"),
        pytest.param("wget -q IP:82", 1, "wget: error getting response\n", id="wget nothing"),
        pytest.param("wget --spider IP", 0, "Connecting to IP (IP:80)\nremote file exists\n", id="wget looks"),
        pytest.param(
            "sh -c 'wget IP; cat index.html; wget -q IP'",
            1,
            "Connecting to IP (IP:80)\nsaving to 'index.html'\n"
            "index.html           100% |********************************|     3  0:00:00 ETA\n'index.html' saved\nhi\n"
            "wget: can't open 'index.html': File exists\n",
            id="wget saves",
        ),
        pytest.param("nc -zv IP 80", 0, "IP (IP:80) open\n", id="nc -v"),
        pytest.param("nc -v IP 81", 1, "nc: IP (IP:81): Connection refused\n", id="nc refused"),
        pytest.param("nc -z IP 81", 1, "", id="nc, silent"),
        pytest.param("nc nosuch 80", 1, "nc: bad address 'nosuch'\n", id="nc nobody"),
    ],
)
async def test_what_commands_say(talkative: Cluster, command: str, code: int, said: str) -> None:
    ip = (await talkative.client.get(PODS, "default", "a"))["status"]["podIP"]
    told = await run_in(talkative, "a", *shlex.split(command.replace("IP", ip)))
    assert told == (code, said.replace("IP", ip))


def test_commands_of_the_network_are_known_beforehand() -> None:
    class Nowhere:
        """Implements Place, and is not asked."""

    assert set(commands_of(Nowhere())) == NETWORK_COMMANDS  # type: ignore[arg-type]
