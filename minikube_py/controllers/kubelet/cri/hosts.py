"""What a pod is called, and its /etc/hosts (pkg/kubelet/kubelet_pods.go GeneratePodHostNameAndDomain,
managedHostsFileContent)."""

from __future__ import annotations

from minikube_py.controllers.kubelet.cri.resolvconf import CLUSTER_DOMAIN
from minikube_py.machinery.gvr import Object

_LONGEST = 63
"""Characters that the kernel has for a hostname."""
_LOCAL = (
    "127.0.0.1\tlocalhost\n"
    "::1\tlocalhost ip6-localhost ip6-loopback\n"
    "fe00::0\tip6-localnet\n"
    "fe00::0\tip6-mcastprefix\n"
    "fe00::1\tip6-allnodes\n"
    "fe00::2\tip6-allrouters\n"
)


def hostname(pod: Object) -> str:
    """The node's, where that is the pod's network."""
    spec = pod["spec"]
    if spec.get("hostNetwork"):
        return str(spec["nodeName"])
    name = spec.get("hostnameOverride") or spec.get("hostname") or pod["metadata"]["name"]
    short = name[:_LONGEST].rstrip("-.") if len(name) > _LONGEST else name
    domain = _domain(pod)
    return f"{short}.{domain}" if domain and spec.get("setHostnameAsFQDN") else short


def _domain(pod: Object) -> str:
    """Of the pods of its subdomain, "" without one."""
    subdomain = pod["spec"].get("subdomain")
    if not subdomain or pod["spec"].get("hostnameOverride"):
        return ""
    return f"{subdomain}.{pod['metadata']['namespace']}.svc.{CLUSTER_DOMAIN}"


def hosts_of_node(node: str, address: str) -> bytes:
    """A node's own /etc/hosts."""
    return f"{_LOCAL}{address}\t{node}\n".encode()


def hosts(pod: Object) -> bytes:
    """/etc/hosts."""
    spec, status = pod["spec"], pod.get("status") or {}
    if spec.get("hostNetwork"):
        own = hosts_of_node(spec["nodeName"], status.get("hostIP", "")).decode()
        return f"# Kubernetes-managed hosts file (host network).\n{own}{_aliases(spec)}".encode()
    name, domain = hostname(pod), _domain(pod)
    short = name.removesuffix(f".{domain}")
    names = f"{short}.{domain}\t{short}" if domain else short
    addresses = [each["ip"] for each in status.get("podIPs") or ()] or [status.get("podIP", "")]
    entries = "".join(f"{address}\t{names}\n" for address in addresses)
    return f"# Kubernetes-managed hosts file.\n{_LOCAL}{entries}{_aliases(spec)}".encode()


def _aliases(spec: Object) -> str:
    lines = [f"{each['ip']}\t{chr(9).join(each.get('hostnames') or ())}\n" for each in spec.get("hostAliases") or ()]
    return "".join(["\n# Entries added by HostAliases.\n", *lines]) if lines else ""
