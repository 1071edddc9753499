"""Which endpoints of a Service get a connection."""

from __future__ import annotations

import pytest

from minikube_py.controllers.kubelet.cri.trafficpolicy import local_endpoints, usable
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.wellknown import PODS, SERVICES
from tests.kubelet.cri.programs import cluster_with, pod, run_in


def endpoint(number: int, node: str, **conditions: bool) -> Object:
    return {"addresses": [f"10.244.0.{number}"], "nodeName": node, "conditions": conditions}


READY, ELSEWHERE, ENDING = (
    endpoint(1, "one", ready=True),
    endpoint(2, "two"),
    endpoint(3, "two", ready=False, serving=True, terminating=True),
)


@pytest.mark.parametrize(
    ("endpoints", "node", "numbers"),
    [
        pytest.param([READY, ELSEWHERE, ENDING], None, [1, 2], id="anywhere"),
        pytest.param([READY, ELSEWHERE, ENDING], "one", [1], id="on a node"),
        pytest.param([READY, ENDING], "two", [3], id="the last there"),
        pytest.param([READY], "two", [], id="none"),
        pytest.param([endpoint(4, "one", ready=False, serving=True)], None, [], id="not ready"),
    ],
)
def test_usable(endpoints: list[Object], node: str | None, numbers: list[int]) -> None:
    slice = {"ports": [{"name": "", "port": 80}, {"name": "other", "port": 81}], "endpoints": endpoints}
    assert usable([slice], "", node) == [(f"10.244.0.{number}", 80) for number in numbers]
    assert local_endpoints([slice], "one") == sum(each is READY for each in endpoints)


async def test_local_policies() -> None:
    async with cluster_with() as cluster:
        for name, node, network in (
            ("a", "node-1", False),
            ("b", "node-1", False),
            ("h1", "node-1", True),
            ("h2", "node-2", True),
            ("c", "node-2", False),
        ):
            args = ["netexec", "--http-port=80", "--udp-port=-1"] if name == "a" else ["pause"]
            made = pod(name, "agnhost", labels={"app": name}, args=args)
            made["spec"] |= {"nodeName": node, "hostNetwork": network}
            await cluster.client.create(PODS, made)
        spec = {"type": "LoadBalancer", "selector": {"app": "a"}, "ports": [{"port": 80}]}
        spec |= {"externalTrafficPolicy": "Local", "internalTrafficPolicy": "Local"}
        service = await cluster.client.create(
            SERVICES, {"metadata": {"name": "s", "namespace": "default"}, "spec": spec}
        )
        await cluster.settle()
        where = {name: (await cluster.client.get(PODS, "default", name))["status"]["hostIP"] for name in ("a", "c")}
        port, health = service["spec"]["ports"][0]["nodePort"], service["spec"]["healthCheckNodePort"]
        for client, target, code in (
            ("b", "s", 0),
            ("c", "s", 7),
            ("h2", f"{where['a']}:{port}", 0),
            ("h1", f"{where['c']}:{port}", 7),
            ("h2", f"{where['c']}:{port}", 0),
            ("b", f"{where['c']}:{port}", 7),
            ("c", f"{where['c']}:{port}", 0),
        ):
            assert (await run_in(cluster, client, "curl", "-s", f"{target}/hostname")) == (code, "" if code else "a")
        for name, status, count in (("a", 200, 1), ("c", 503, 0)):
            code, said = await run_in(cluster, "b", "curl", "-is", f"{where[name]}:{health}")
            assert f"HTTP/1.1 {status} " in said and f'"localEndpoints": {count},' in said


async def test_other_proxies_services_are_theirs() -> None:
    async with cluster_with() as cluster:
        await cluster.client.create(PODS, pod("a", "agnhost", labels={"app": "a"}, args=["netexec", "--http-port=80"]))
        for name, own in (("mine", {}), ("theirs", {"service.kubernetes.io/service-proxy-name": "x"})):
            metadata = {"name": name, "namespace": "default", "labels": own}
            spec = {"selector": {"app": "a"}, "ports": [{"port": 80}]}
            await cluster.client.create(SERVICES, {"metadata": metadata, "spec": spec})
        await cluster.settle()
        codes = [(await run_in(cluster, "a", "curl", "-s", name))[0] for name in ("mine", "theirs")]
        assert codes == [0, 7]
