"""/etc/resolv.conf of a pod, by its dnsPolicy and its dnsConfig (pkg/kubelet/network/dns/dns.go)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from minikube_py.machinery.gvr import Object

CLUSTER_SERVER, CLUSTER_DOMAIN = "10.96.0.10", "cluster.local"
MOST_SERVERS, MOST_SEARCHES = 3, 32
"""What does not fit is left out."""


class _Dns(NamedTuple):
    servers: Sequence[str] = ()
    searches: Sequence[str] = ()
    options: Sequence[str] = ()


_OF_NODES = _Dns(("192.168.49.1",), (), ("edns0", "trust-ad", "ndots:0"))


def resolv_conf(pod: Object) -> str:
    """Its text."""
    dns = _by_policy(pod)
    said = pod["spec"].get("dnsConfig")
    if said is not None:
        dns = _Dns(
            _once((*dns.servers, *(said.get("nameservers") or ()))),
            _once((*dns.searches, *(said.get("searches") or ()))),
            _merged(dns.options, said.get("options") or ()),
        )
    lines = [f"search {' '.join(dns.searches[:MOST_SEARCHES])}"] if dns.searches else []
    lines += [f"nameserver {server}" for server in dns.servers[:MOST_SERVERS]]
    lines += [f"options {' '.join(dns.options)}"] if dns.options else []
    return "".join(f"{line}\n" for line in lines)


def _by_policy(pod: Object) -> _Dns:
    spec, namespace = pod["spec"], pod["metadata"]["namespace"]
    policy = spec.get("dnsPolicy", "ClusterFirst")
    if policy == "None":
        return _Dns()
    if policy == "Default" or (policy == "ClusterFirst" and spec.get("hostNetwork")):
        return _OF_NODES
    searches = (f"{namespace}.svc.{CLUSTER_DOMAIN}", f"svc.{CLUSTER_DOMAIN}", CLUSTER_DOMAIN)
    return _Dns((CLUSTER_SERVER,), _once((*searches, *_OF_NODES.searches)), ("ndots:5",))


def _once(values: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(values))


def _merged(known: Sequence[str], said: Sequence[Mapping[str, str]]) -> tuple[str, ...]:
    """An option that is said again has its new value."""
    options = {name: value for name, _, value in (each.partition(":") for each in known)}
    options |= {each["name"]: each.get("value") or "" for each in said}
    return tuple(f"{name}:{value}" if value else name for name, value in options.items())
