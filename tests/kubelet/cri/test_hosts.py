"""What a pod is called, and its /etc/hosts."""

from __future__ import annotations

import pytest

from minikube_py.controllers.kubelet.cri.hosts import hostname, hosts
from minikube_py.machinery.gvr import Object

LOCAL = (
    "127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\nfe00::0\tip6-localnet\nfe00::0\tip6-mcastprefix\n"
    "fe00::1\tip6-allnodes\nfe00::2\tip6-allrouters\n"
)
ON_NODE = f"# Kubernetes-managed hosts file (host network).\n{LOCAL}172.18.0.2\tnode-1\n"


def pod(**spec: object) -> Object:
    status = {"podIP": "10.244.0.2", "podIPs": [{"ip": "10.244.0.2"}], "hostIP": "172.18.0.2"}
    metadata = {"name": "web", "namespace": "shop"}
    return {"metadata": metadata, "spec": {"nodeName": "node-1", **spec}, "status": status}


@pytest.mark.parametrize(
    ("made", "name", "written"),
    [
        pytest.param(pod(), "web", "10.244.0.2\tweb\n", id="name"),
        pytest.param(pod(hostname="a" * 63 + "-b"), "a" * 63, f"10.244.0.2\t{'a' * 63}\n", id="long"),
        pytest.param(
            pod(hostname="h", subdomain="db"), "h", "10.244.0.2\th.db.shop.svc.cluster.local\th\n", id="subdomain"
        ),
        pytest.param(
            pod(subdomain="db", setHostnameAsFQDN=True),
            "web.db.shop.svc.cluster.local",
            "10.244.0.2\tweb.db.shop.svc.cluster.local\tweb\n",
            id="whole",
        ),
        pytest.param(pod(hostnameOverride="o", subdomain="db"), "o", "10.244.0.2\to\n", id="override"),
        pytest.param(
            pod(hostAliases=[{"ip": "1.2.3.4", "hostnames": ["a", "b"]}]),
            "web",
            "10.244.0.2\tweb\n\n# Entries added by HostAliases.\n1.2.3.4\ta\tb\n",
            id="aliases",
        ),
    ],
)
def test_hosts(made: Object, name: str, written: str) -> None:
    assert hostname(made) == name
    assert hosts(made).decode() == f"# Kubernetes-managed hosts file.\n{LOCAL}{written}"


def test_on_the_node_s_network() -> None:
    made = pod(hostNetwork=True)
    assert (hostname(made), hosts(made).decode()) == ("node-1", ON_NODE)
