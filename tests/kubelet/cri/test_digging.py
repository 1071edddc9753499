"""dig, getent and what they read: records of the cluster's DNS, /etc/hosts."""

from __future__ import annotations

import pytest

from minikube_py.controllers.kubelet.cri.hosts import hosts
from minikube_py.machinery.wellknown import PODS, SERVICES
from tests.kubelet.cri.programs import cluster_with, pod, run_in

IP, WEB, POD = "10.244.0.2", "10.96.0.77", "10-244-0-2"
ANSWER = ["+noall", "+answer"]


async def test_dig_and_getent() -> None:
    port = {"name": "http", "port": 80}
    services = {
        "web": {"clusterIP": WEB, "ports": [port], "selector": {"app": "a"}},
        "all": {"clusterIP": "None", "ports": [port], "selector": {"app": "a"}},
        "out": {"type": "ExternalName", "externalName": "shop.example.com"},
    }
    async with cluster_with() as cluster:
        made = pod("a", "busybox", labels={"app": "a"}, command=["sleep", "infinity"])
        made["spec"] |= {"hostname": "one", "subdomain": "all"}
        await cluster.client.create(PODS, made)
        for name, spec in services.items():
            await cluster.client.create(SERVICES, {"metadata": {"name": name, "namespace": "default"}, "spec": spec})
        await cluster.settle()
        zone = "default.svc.cluster.local"
        for argv, code, said in (
            (["dig", "+short", f"web.{zone}"], 0, f"{WEB}\n"),
            (["dig", "+short", "web"], 0, ""),
            (["dig", "+short", "+search", "web", "A"], 0, f"{WEB}\n"),
            (["dig", "+tcp", *ANSWER, "+search", "all.default.svc"], 0, f"all.{zone}.\t30\tIN\tA\t{IP}\n"),
            (["dig", "+short", f"one.all.{zone}"], 0, f"{IP}\n"),
            (["dig", "+short", f"all.{zone}", "AAAA"], 0, ""),
            (["dig", "+short", f"_http._tcp.web.{zone}", "SRV"], 0, f"0 100 80 web.{zone}.\n"),
            (["dig", "+short", f"_http._tcp.all.{zone}", "SRV"], 0, f"0 100 80 one.all.{zone}.\n"),
            (["dig", "+short", f"_http._udp.all.{zone}", "SRV"], 0, ""),
            (["dig", "+short", f"out.{zone}", "CNAME"], 0, "shop.example.com.\n"),
            (["dig", "+short", "-x", WEB], 0, f"web.{zone}.\n"),
            (["dig", "+short", "-x", IP], 0, f"one.all.{zone}.\n"),
            (["dig", "+short", f"{POD}.default.pod.cluster.local"], 0, f"{IP}\n"),
            (["dig", "@1.1.1.1", "web"], 9, ";; no servers could be reached\n"),
            (["getent", "hosts", f"one.all.{zone}"], 0, f"{IP:<15} one.all.{zone} one\n"),
            (["getent", "hosts", "web"], 0, f"{WEB:<15} web\n"),
            (["getent", "hosts", "nowhere"], 2, ""),
        ):
            assert await run_in(cluster, "a", *argv) == (code, said), argv
        _, told = await run_in(cluster, "a", "dig", f"web.{zone}")
        assert "status: NOERROR" in told and f"web.{zone}.\t\tIN\tA" in told and "SERVER: 10.96.0.10#53" in told


@pytest.mark.parametrize(
    ("spec", "lines"),
    [
        pytest.param({}, ["# Kubernetes-managed hosts file.", "10.244.0.9\tweb"], id="plain"),
        pytest.param({"subdomain": "all"}, ["10.244.0.9\tweb.all.shop.svc.cluster.local\tweb"], id="with a domain"),
        pytest.param({"hostNetwork": True}, ["# Kubernetes-managed hosts file (host network)."], id="the node's"),
        pytest.param(
            {"hostAliases": [{"ip": "1.2.3.4", "hostnames": ["a", "b"]}]},
            ["", "# Entries added by HostAliases.", "1.2.3.4\ta\tb"],
            id="aliases",
        ),
    ],
)
def test_hosts(spec: dict[str, object], lines: list[str]) -> None:
    made = {"metadata": {"namespace": "shop"}, "spec": spec, "status": {"podIP": "10.244.0.9"}}
    text = hosts(made, "web").splitlines()
    assert [line for line in lines if line not in text] == []
    assert ("10.244.0.9\tweb" in text) is (not spec.get("hostNetwork") and "subdomain" not in spec)
