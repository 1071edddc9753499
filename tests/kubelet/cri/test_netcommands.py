"""wget, curl, nc and nslookup."""

from __future__ import annotations

import pytest
from aiohttp import web

from minikube_py.cluster import Cluster
from minikube_py.controllers.kubelet.cri.netcommands import commands_of
from minikube_py.controllers.kubelet.cri.programs import NETWORK_COMMANDS
from minikube_py.images import Container
from minikube_py.machinery.wellknown import PODS
from tests.kubelet.cri.programs import pod, run_in


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


def test_commands_of_the_network_are_known_beforehand() -> None:
    class Nowhere:
        """Implements Place, and is not asked."""

    assert set(commands_of(Nowhere())) == NETWORK_COMMANDS  # type: ignore[arg-type]
