"""kubectl certificate: whoever asks gets a certificate that the cluster's CA vouches for."""

from __future__ import annotations

import base64
import json

import pytest
from cryptography import x509

from tests.certificates import CLIENT_USAGES, certificate, request, signing_request
from tests.served import Kubectl, Served

SIGNER = "kubernetes.io/kube-apiserver-client"


def ask(kubectl: Kubectl, *groups: str) -> str:
    """The request's name: requests have no namespace."""
    name = f"jane-{kubectl.namespace}"
    made = signing_request(name, request("jane", *groups), SIGNER, CLIENT_USAGES, 3600)
    body = {"apiVersion": "certificates.k8s.io/v1", "kind": "CertificateSigningRequest", **made}
    kubectl("apply", "-f", "-", input=json.dumps(body))
    return name


def test_an_approved_request_is_signed(served: Served, kubectl: Kubectl) -> None:
    name = ask(kubectl, "devs")
    assert kubectl("get", "csr", name, "--no-headers").split()[2:] == [SIGNER, "system:admin", "60m", "Pending"]
    approved = kubectl("certificate", "approve", name)
    assert approved == f"certificatesigningrequest.certificates.k8s.io/{name} approved\n"
    served.settle()
    assert kubectl("get", "csr", name, "--no-headers").split()[-1] == "Approved,Issued"
    granted = certificate(
        {"status": {"certificate": kubectl("get", "csr", name, "-o", "jsonpath={.status.certificate}")}}
    )
    ca = kubectl("get", "configmap", "kube-root-ca.crt", "-o", r"jsonpath={.data.ca\.crt}")
    granted.verify_directly_issued_by(x509.load_pem_x509_certificate(ca.encode()))
    assert granted.subject.rfc4514_string() == "CN=jane,O=devs"
    described = kubectl("describe", "csr", name)
    assert "Status:              Approved,Issued" in described and "Organization:   devs" in described
    kubectl("delete", "csr", name)


def test_a_denied_request_is_not(served: Served, kubectl: Kubectl) -> None:
    name = ask(kubectl)
    kubectl("certificate", "deny", name)
    served.settle()
    assert kubectl("get", "csr", name, "--no-headers").split()[-1] == "Denied"
    assert kubectl("get", "csr", name, "-o", "jsonpath={.status.certificate}") == ""
    kubectl("delete", "csr", name)


def test_nobody_becomes_a_master(kubectl: Kubectl) -> None:
    with pytest.raises(AssertionError, match="signer with system:masters group is not allowed"):
        ask(kubectl, "system:masters")


def test_a_config_map_of_the_cluster_has_its_ca(served: Served, kubectl: Kubectl) -> None:
    name = ask(kubectl)
    kubectl("certificate", "approve", name)
    served.settle()
    where = ("-n", "kube-system", "configmap", "extension-apiserver-authentication")
    bundle = kubectl("get", *where, "-o", "jsonpath={.data.client-ca-file}")
    encoded = kubectl("get", "csr", name, "-o", "jsonpath={.status.certificate}")
    granted = x509.load_pem_x509_certificate(base64.b64decode(encoded))
    granted.verify_directly_issued_by(x509.load_pem_x509_certificate(bundle.encode()))
    kubectl("delete", "csr", name)
