"""dig and getent: records of the cluster's DNS, /etc/hosts."""

from __future__ import annotations

from minikube_py.machinery.wellknown import PODS, SERVICES
from tests.kubelet.cri.programs import cluster_with, pod, run_in

IP, WEB, POD = "10.244.0.2", "10.96.0.77", "10-244-0-2"
ANSWER = ["+noall", "+answer"]


async def test_dig_and_getent() -> None:
    port = {"name": "http", "port": 80}
    services = {
        "web": {"externalName": "left.example.com", "clusterIP": WEB, "ports": [port], "selector": {"app": "a"}},
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
