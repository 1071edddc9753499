"""/etc/hosts of a pod (pkg/kubelet/kubelet_pods.go ensureHostsFile)."""

from __future__ import annotations

from minikube_py.controllers.kubelet.cri.resolvconf import CLUSTER_DOMAIN
from minikube_py.machinery.gvr import Object

OF_NODES = "127.0.0.1\tlocalhost\n"
"""On every node."""
_OWN = (
    "127.0.0.1\tlocalhost",
    "::1\tlocalhost ip6-localhost ip6-loopback",
    "fe00::0\tip6-localnet",
    "fe00::0\tip6-mcastprefix",
    "fe00::1\tip6-allnodes",
    "fe00::2\tip6-allrouters",
)


def hosts(pod: Object, hostname: str) -> str:
    """Its text."""
    spec, status = pod["spec"], pod.get("status") or {}
    aliases = [f"{each['ip']}\t{chr(9).join(each.get('hostnames') or ())}" for each in spec.get("hostAliases") or ()]
    added = ["", "# Entries added by HostAliases.", *aliases] if aliases else []
    if spec.get("hostNetwork"):
        lines = ["# Kubernetes-managed hosts file (host network).", *OF_NODES.splitlines()]
    else:
        addresses = [each["ip"] for each in status.get("podIPs") or ()] or [status.get("podIP", "")]
        domain = f"{spec.get('subdomain', '')}.{pod['metadata']['namespace']}.svc.{CLUSTER_DOMAIN}"
        names = f"{hostname}.{domain}\t{hostname}" if spec.get("subdomain") else hostname
        lines = ["# Kubernetes-managed hosts file.", *_OWN, *(f"{address}\t{names}" for address in addresses)]
    return "".join(f"{line}\n" for line in [*lines, *added])
