"""Certificate signing requests: approved, signed, cleaned up."""

from __future__ import annotations

import base64
import subprocess
import sys
from collections.abc import AsyncIterator
from typing import Any

import pytest
from cryptography import x509

from minikube_py.controllers import (
    certificatesigningrequestapproving as approving,
)
from minikube_py.controllers import (
    certificatesigningrequestcleaner as cleaner,
)
from minikube_py.controllers import (
    certificatesigningrequestsigning as signing,
)
from minikube_py.controllers import rootcacertpublisher
from minikube_py.controllers.runtime.certificaterequests import (
    CERTIFICATE_SIGNING_REQUESTS,
    KUBELET_CLIENT,
    KUBELET_SERVING,
    kubelet_client_problem,
    kubelet_serving_problem,
)
from minikube_py.machinery.certificates.request import Request
from minikube_py.machinery.clock import parse_rfc3339
from minikube_py.machinery.errors import StatusError, is_not_found
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.wellknown import CONFIG_MAPS
from tests.certificates import CLIENT_USAGES, SERVING_USAGES, certificate, request, signing_request
from tests.controllers.apiworld import LAGS, ApiWorld, api_world

NODE = Request("system:node:a", ("system:nodes",))
SERVING_NODE = NODE._replace(dns_names=("a",))
DAY = 24 * 3600


# What kubelets ask for


@pytest.mark.parametrize(
    ("asked", "usages", "problem"),
    [
        pytest.param(NODE, CLIENT_USAGES, "", id="kubelet"),
        pytest.param(NODE, ["client auth", "digital signature"], "", id="with a key that is not RSA"),
        pytest.param(
            NODE,
            ["client auth"],
            "usages did not match [client auth digital signature key encipherment]",
            id="too few usages",
        ),
        pytest.param(
            NODE,
            [*CLIENT_USAGES, "server auth"],
            "usages did not match [client auth digital signature key encipherment]",
            id="too many usages",
        ),
        pytest.param(NODE._replace(organizations=()), [], "subject organization is not system:nodes", id="no group"),
        pytest.param(
            NODE._replace(organizations=("system:nodes", "x")),
            [],
            "subject organization is not system:nodes",
            id="more groups",
        ),
        pytest.param(SERVING_NODE, [], "DNS subjectAltNames are not allowed", id="DNS name"),
        pytest.param(NODE._replace(email_addresses=("a@b",)), [], "Email subjectAltNames are not allowed", id="email"),
        pytest.param(NODE._replace(ip_addresses=("::1",)), [], "IP subjectAltNames are not allowed", id="address"),
        pytest.param(NODE._replace(uris=("x:y",)), [], "URI subjectAltNames are not allowed", id="URI"),
        pytest.param(
            NODE._replace(common_name="a"), [], "subject common name does not begin with system:node:", id="name"
        ),
    ],
)
def test_kubelet_client(asked: Request, usages: list[str], problem: str) -> None:
    assert kubelet_client_problem(asked, usages) == problem


@pytest.mark.parametrize(
    ("asked", "usages", "problem"),
    [
        pytest.param(SERVING_NODE, SERVING_USAGES, "", id="kubelet"),
        pytest.param(NODE._replace(ip_addresses=("::1",)), ["server auth", "digital signature"], "", id="address"),
        pytest.param(NODE, [], "DNS or IP subjectAltName is required", id="no names"),
        pytest.param(Request("x"), [], "subject organization is not system:nodes", id="no group"),
        pytest.param(
            SERVING_NODE._replace(email_addresses=("a@b",)), [], "Email subjectAltNames are not allowed", id="email"
        ),
        pytest.param(SERVING_NODE._replace(uris=("x:y",)), [], "URI subjectAltNames are not allowed", id="URI"),
        pytest.param(
            SERVING_NODE,
            CLIENT_USAGES,
            "usages did not match [digital signature key encipherment server auth]",
            id="usages",
        ),
        pytest.param(
            SERVING_NODE._replace(common_name="a"),
            SERVING_USAGES,
            "subject common name does not begin with system:node:",
            id="name",
        ),
    ],
)
def test_kubelet_serving(asked: Request, usages: list[str], problem: str) -> None:
    assert kubelet_serving_problem(asked, usages) == problem


# Plans


def csr(*types: str, signer: str = KUBELET_CLIENT, issued: str = "", created: str = "", **spec: Any) -> Object:
    conditions = [{"type": type, "status": "True", "lastUpdateTime": "2026-01-01T01:00:00Z"} for type in types]
    status: Object = {"conditions": conditions, **({"certificate": issued} if issued else {})}
    metadata = {"name": "r", "creationTimestamp": created or "2026-01-01T00:00:00Z"}
    return {"metadata": metadata, "spec": {"signerName": signer, **spec}, "status": status}


@pytest.mark.parametrize(
    ("obj", "is_open", "is_due"),
    [
        pytest.param(csr(), True, False, id="new"),
        pytest.param(csr("Approved"), False, True, id="approved"),
        pytest.param(csr("Denied"), False, False, id="denied"),
        pytest.param(csr("Approved", "Denied"), False, False, id="both"),
        pytest.param(csr("Approved", "Failed"), False, False, id="failed"),
        pytest.param(csr("Approved", issued="x"), False, False, id="issued"),
        pytest.param(csr("Approved", signer=KUBELET_SERVING), False, True, id="a kubelet's other one"),
        pytest.param(csr("Approved", signer="example.com/mine"), False, False, id="another signer's"),
    ],
)
def test_whose_turn_it_is(obj: Object, is_open: bool, is_due: bool) -> None:
    assert (approving.is_open(obj), signing.is_due(obj)) == (is_open, is_due)


@pytest.mark.parametrize(
    ("user", "asked", "usages", "tried"),
    [
        pytest.param("system:node:a", NODE, CLIENT_USAGES, ["selfnodeclient", "nodeclient"], id="itself"),
        pytest.param("system:bootstrap:x", NODE, CLIENT_USAGES, ["nodeclient"], id="a bootstrap token"),
        pytest.param("system:node:a", NODE, ["any"], [], id="no kubelet's"),
    ],
)
def test_recognizers(user: str, asked: Request, usages: list[str], tried: list[str]) -> None:
    found = approving.recognizers(csr(username=user, usages=usages), asked)
    assert [each.subresource for each in found] == tried


def test_review() -> None:
    asked = csr(username="u", uid="1", groups=["g"], extra={"k": ["v"]})
    assert approving.review(asked, approving.NODE_CLIENT)["spec"] == {
        "user": "u",
        "uid": "1",
        "groups": ["g"],
        "extra": {"k": ["v"]},
        "resourceAttributes": {
            "group": "certificates.k8s.io",
            "version": "*",
            "resource": "certificatesigningrequests",
            "subresource": "nodeclient",
            "verb": "create",
        },
    }


@pytest.mark.parametrize(
    ("signer", "usages", "problem"),
    [
        pytest.param(signing.API_SERVER_CLIENT, ["client auth"], "", id="client"),
        pytest.param(signing.API_SERVER_CLIENT, CLIENT_USAGES, "", id="client with all usages"),
        pytest.param(
            signing.API_SERVER_CLIENT,
            ["client auth", "server auth"],
            "invalid usage for client certificate: server auth",
            id="no server",
        ),
        pytest.param(
            signing.API_SERVER_CLIENT,
            ["digital signature"],
            "missing required usage for client certificate: client auth",
            id="no client",
        ),
        pytest.param(signing.LEGACY_UNKNOWN, ["any"], "", id="anything"),
        pytest.param(KUBELET_CLIENT, [], "subject organization is not system:nodes", id="kubelet's client"),
        pytest.param(KUBELET_SERVING, [], "subject organization is not system:nodes", id="kubelet's server"),
    ],
)
def test_problem(signer: str, usages: list[str], problem: str) -> None:
    assert signing.problem(signer, Request("jane"), usages) == problem


@pytest.mark.parametrize(
    ("asked", "seconds"),
    [
        pytest.param(None, 365 * DAY, id="nothing asked"),
        pytest.param(3600, 3600, id="an hour"),
        pytest.param(1, 600, id="too short"),
        pytest.param(366 * DAY, 365 * DAY, id="too long"),
    ],
)
def test_lifetime(asked: int | None, seconds: int) -> None:
    assert signing.lifetime(asked) == seconds


@pytest.mark.parametrize(
    ("bundle", "expected"),
    [
        pytest.param(None, "CA\n", id="none"),
        pytest.param("", "CA\n", id="empty"),
        pytest.param("other\n", "other\nCA\n", id="another"),
        pytest.param("other\nCA\n", None, id="there"),
    ],
)
def test_published(bundle: str | None, expected: str | None) -> None:
    source = None if bundle is None else {"metadata": {"labels": {}}, "data": {"client-ca-file": bundle, "x": "y"}}
    made = signing.published(source, "CA\n")
    assert (made and made["data"]["client-ca-file"]) == expected
    if made is not None and source is not None:
        assert made["data"]["x"] == "y" and made["metadata"] == source["metadata"]


HOUR_ONE = parse_rfc3339("2026-01-01T01:00:00Z")
"""When conditions came about; requests are an hour older."""


@pytest.mark.parametrize(
    ("obj", "ends", "after"),
    [
        pytest.param(csr(), None, DAY - 3600, id="pending"),
        pytest.param(csr("Denied"), None, 3600, id="denied"),
        pytest.param(csr("Approved", "Failed"), None, 3600, id="failed"),
        pytest.param(csr("Approved"), None, DAY, id="approved, not issued"),
        pytest.param(csr("Approved", issued="x"), None, 3600, id="issued"),
        pytest.param(csr("Approved", issued="x"), HOUR_ONE + 600, 600, id="its certificate ends earlier"),
        pytest.param(csr("Approved", issued="x"), HOUR_ONE + DAY, 3600, id="its certificate lives longer"),
        pytest.param(csr("Other"), None, None, id="told something else"),
    ],
)
def test_deadline(obj: Object, ends: float | None, after: float | None) -> None:
    assert cleaner.deadline(obj, ends) == (None if after is None else HOUR_ONE + after)


# What becomes of requests


@pytest.fixture(params=LAGS)
async def world(request: pytest.FixtureRequest) -> AsyncIterator[ApiWorld]:
    async with api_world(request.param) as world:
        await world.begin("kube-system")
        world.run(approving.CONTROLLER, signing.CONTROLLER, cleaner.CONTROLLER, rootcacertpublisher.CONTROLLER)
        await world.settle()
        yield world


async def ask(world: ApiWorld, obj: Object) -> Object:
    await world.client.create(CERTIFICATE_SIGNING_REQUESTS, obj)
    await world.settle()
    return await get(world)


async def get(world: ApiWorld) -> Object:
    return await world.client.get(CERTIFICATE_SIGNING_REQUESTS, "", "r")


async def decide(world: ApiWorld, decision: str = "Approved") -> Object:
    current = await get(world)
    condition = {"type": decision, "status": "True", "reason": "Test", "message": "by hand"}
    changed = {**current, "status": {"conditions": [condition]}}
    await world.client.update(CERTIFICATE_SIGNING_REQUESTS, changed, subresource="approval")
    await world.settle()
    return await get(world)


async def published_authority(world: ApiWorld, namespace: str = "default") -> x509.Certificate:
    found = await world.client.get(CONFIG_MAPS, namespace, rootcacertpublisher.NAME)
    return x509.load_pem_x509_certificate(found["data"]["ca.crt"].encode())


def jane(seconds: int | None = None, usages: list[str] = CLIENT_USAGES) -> Object:
    return signing_request("r", request("jane", "devs"), signing.API_SERVER_CLIENT, usages, seconds)


async def test_people_decide_of_people(world: ApiWorld) -> None:
    assert (await ask(world, jane()))["status"] == {}
    await world.advance(1)
    signed = await decide(world)
    granted = certificate(signed)
    granted.verify_directly_issued_by(await published_authority(world))
    granted.verify_directly_issued_by(await published_authority(world, "kube-system"))
    assert granted.subject.rfc4514_string() == "CN=jane,O=devs"
    assert (granted.not_valid_after_utc - granted.not_valid_before_utc).total_seconds() == 365 * DAY
    assert [each["type"] for each in signed["status"]["conditions"]] == ["Approved"]


async def test_one_authority_signs_all(world: ApiWorld) -> None:
    await ask(world, jane(3600))
    first = certificate(await decide(world))
    await world.client.delete(CERTIFICATE_SIGNING_REQUESTS, "", "r")
    await ask(world, jane(600))
    second = certificate(await decide(world))
    authority = await published_authority(world)
    for each in (first, second):
        each.verify_directly_issued_by(authority)
    assert first.serial_number != second.serial_number
    assert second.not_valid_after_utc.timestamp() == world.clock.now() + 600


async def test_a_kubelet_is_approved_by_review(world: ApiWorld) -> None:
    asked = signing_request("r", request("system:node:a", "system:nodes"), KUBELET_CLIENT, CLIENT_USAGES)
    found = await ask(world, asked)
    (condition,) = found["status"]["conditions"]
    assert (condition["type"], condition["reason"]) == ("Approved", "AutoApproved")
    assert condition["message"] == "Auto approving kubelet client certificate after SubjectAccessReview."
    certificate(found).verify_directly_issued_by(await published_authority(world))


async def test_the_denied_get_nothing(world: ApiWorld) -> None:
    await ask(world, jane())
    denied = await decide(world, "Denied")
    assert "certificate" not in denied["status"]
    assert (await world.client.get(CONFIG_MAPS, "default", rootcacertpublisher.NAME))["data"] == {"ca.crt": ""}


async def test_what_a_signer_never_signs_fails(world: ApiWorld) -> None:
    await ask(world, jane(usages=["server auth"]))
    found = await decide(world)
    condition = found["status"]["conditions"][1]
    assert (condition["type"], condition["reason"]) == ("Failed", "SignerValidationFailure")
    assert condition["message"] == "invalid usage for client certificate: server auth"
    assert "certificate" not in found["status"]


async def test_requests_go(world: ApiWorld) -> None:
    await ask(world, jane())
    await world.advance(1800)
    await decide(world)
    await world.advance(3599)
    assert await get(world)
    await world.advance(1)
    with pytest.raises(StatusError) as caught:
        await get(world)
    assert is_not_found(caught.value)


async def test_pending_requests_go_after_a_day(world: ApiWorld) -> None:
    await ask(world, jane())
    await world.advance(DAY - 1)
    assert await get(world)
    await world.advance(1)
    with pytest.raises(StatusError):
        await get(world)


async def test_without_the_package_it_is_said_what_is_missing(
    world: ApiWorld, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    await ask(world, jane())
    monkeypatch.setitem(sys.modules, "cryptography.x509", None)
    assert "certificate" not in (await decide(world))["status"]
    assert "CertificateSigningRequest r: certificates need the package cryptography" in caplog.text
    monkeypatch.undo()
    await world.advance(30)
    assert base64.b64decode((await get(world))["status"]["certificate"])


def test_a_cluster_starts_without_the_package() -> None:
    """Nothing of it is loaded before there is a certificate."""
    program = (
        "import asyncio, sys; from minikube_py.cluster import Cluster; sys.modules['cryptography'] = None\n"
        "async def start():\n"
        "    async with Cluster(port=None, nodes=1): pass\n"
        "asyncio.run(start())"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=50)
    assert (done.returncode, done.stderr) == (0, "")
