"""/etc/resolv.conf of pods."""

from __future__ import annotations

from typing import Any

import pytest

from minikube_py.controllers.kubelet.cri.resolvconf import resolv_conf

CLUSTER = "search shop.svc.cluster.local svc.cluster.local cluster.local"
NODE = "nameserver 192.168.49.1\noptions edns0 trust-ad ndots:0\n"


@pytest.mark.parametrize(
    ("spec", "text"),
    [
        pytest.param({}, f"{CLUSTER}\nnameserver 10.96.0.10\noptions ndots:5\n", id="cluster first"),
        pytest.param({"hostNetwork": True}, NODE, id="on the node's network"),
        pytest.param({"dnsPolicy": "Default"}, NODE, id="the node's"),
        pytest.param(
            {"hostNetwork": True, "dnsPolicy": "ClusterFirstWithHostNet"},
            f"{CLUSTER}\nnameserver 10.96.0.10\noptions ndots:5\n",
            id="cluster first, nevertheless",
        ),
        pytest.param({"dnsPolicy": "None"}, "", id="none"),
        pytest.param(
            {"dnsPolicy": "None", "dnsConfig": {"nameservers": ["1.1.1.1", "1.1.1.1"], "searches": ["a.b"]}},
            "search a.b\nnameserver 1.1.1.1\n",
            id="its own",
        ),
        pytest.param(
            {
                "dnsConfig": {
                    "nameservers": ["1.1.1.1"],
                    "searches": ["cluster.local", "a.b"],
                    "options": [{"name": "ndots", "value": "2"}, {"name": "debug"}],
                }
            },
            f"{CLUSTER} a.b\nnameserver 10.96.0.10\nnameserver 1.1.1.1\noptions ndots:2 debug\n",
            id="besides",
        ),
    ],
)
def test_resolv_conf(spec: dict[str, Any], text: str) -> None:
    assert resolv_conf({"metadata": {"namespace": "shop"}, "spec": spec}) == text
