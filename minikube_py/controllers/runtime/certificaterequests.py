"""Reading certificate signing requests as controllers do
(pkg/controller/certificates/certificate_controller_utils.go, pkg/apis/certificates/helpers.go)."""

from __future__ import annotations

from collections.abc import Iterable

from minikube_py.machinery.certificates.request import Request
from minikube_py.machinery.gvr import GroupVersionResource, Object

CERTIFICATE_SIGNING_REQUESTS = GroupVersionResource("certificates.k8s.io", "v1", "certificatesigningrequests")

APPROVED, DENIED, FAILED = "Approved", "Denied", "Failed"

KUBELET_CLIENT = "kubernetes.io/kube-apiserver-client-kubelet"
KUBELET_SERVING = "kubernetes.io/kubelet-serving"

_NODES = ("system:nodes",)
_NODE_PREFIX = "system:node:"
_CLIENT_USAGES = ("client auth", "digital signature", "key encipherment")
_SERVING_USAGES = ("digital signature", "key encipherment", "server auth")
_FOR_RSA = "key encipherment"
"""The usage that keys other than RSA's do without."""


def conditions(csr: Object) -> list[Object]:
    return (csr.get("status") or {}).get("conditions") or []


def has_condition(csr: Object, type: str) -> bool:
    """Of any status: a decision is true or not there."""
    return any(each.get("type") == type for each in conditions(csr))


def is_issued(csr: Object) -> bool:
    return bool((csr.get("status") or {}).get("certificate"))


def with_condition(csr: Object, condition: Object) -> Object:
    """A new tree."""
    return {**csr, "status": {**(csr.get("status") or {}), "conditions": [*conditions(csr), condition]}}


def kubelet_client_problem(request: Request, usages: Iterable[str]) -> str:
    """Why a request is not for what a kubelet asks the API server with; "" if it is."""
    if request.organizations != _NODES:
        return "subject organization is not system:nodes"
    for names, called in (
        (request.dns_names, "DNS"),
        (request.email_addresses, "Email"),
        (request.ip_addresses, "IP"),
        (request.uris, "URI"),
    ):
        if names:
            return f"{called} subjectAltNames are not allowed"
    if not request.common_name.startswith(_NODE_PREFIX):
        return "subject common name does not begin with system:node:"
    return _usage_problem(usages, _CLIENT_USAGES)


def kubelet_serving_problem(request: Request, usages: Iterable[str]) -> str:
    """Why a request is not for what a kubelet is asked by; "" if it is."""
    if request.organizations != _NODES:
        return "subject organization is not system:nodes"
    if not request.dns_names and not request.ip_addresses:
        return "DNS or IP subjectAltName is required"
    if request.email_addresses:
        return "Email subjectAltNames are not allowed"
    if request.uris:
        return "URI subjectAltNames are not allowed"
    if problem := _usage_problem(usages, _SERVING_USAGES):
        return problem
    if not request.common_name.startswith(_NODE_PREFIX):
        return "subject common name does not begin with system:node:"
    return ""


def _usage_problem(usages: Iterable[str], needed: tuple[str, ...]) -> str:
    if set(usages) | {_FOR_RSA} == set(needed):
        return ""
    return f"usages did not match [{' '.join(needed)}]"
