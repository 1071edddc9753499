"""Admission of certificate requests, approvals, certificates and trust bundles."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator

import pytest

from minikube_py.api.admission.certificateapproval import CertificateApproval
from minikube_py.api.admission.certificatesigning import CertificateSigning
from minikube_py.api.admission.clustertrustbundleattest import ClusterTrustBundleAttest
from minikube_py.api.context import ADMIN, Context, User
from minikube_py.controllers.runtime.certificaterequests import CERTIFICATE_SIGNING_REQUESTS
from minikube_py.machinery.errors import StatusError
from minikube_py.machinery.gvr import Object
from tests.certificates import CLIENT_USAGES, request, signing_request
from tests.controllers.apiworld import ApiWorld, api_world

CLIENT = "kubernetes.io/kube-apiserver-client"
JANE = User("jane")


@pytest.fixture
async def world() -> AsyncIterator[ApiWorld]:
    async with api_world() as world:
        yield world


async def create(world: ApiWorld, text: str, signer: str = CLIENT) -> Object:
    asked = signing_request("r", text, signer, CLIENT_USAGES)
    return await world.client.create(CERTIFICATE_SIGNING_REQUESTS, asked)


async def test_nobody_becomes_a_master(world: ApiWorld) -> None:
    with pytest.raises(StatusError) as caught:
        await create(world, request("eve", "devs", "system:masters"))
    assert (caught.value.code, str(caught.value)) == (
        403,
        'certificatesigningrequests.certificates.k8s.io "r" is forbidden: '
        "use of kubernetes.io/kube-apiserver-client signer with system:masters group is not allowed",
    )


async def test_other_groups_and_other_signers_are_free(world: ApiWorld) -> None:
    await create(world, request("jane", "devs"))
    await world.client.delete(CERTIFICATE_SIGNING_REQUESTS, "", "r")
    await create(world, request("eve", "system:masters"), "example.com/mine")


async def test_without_the_package_nobody_can_tell(world: ApiWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "cryptography.x509", None)
    await create(world, request("eve", "system:masters"))


def ctx(world: ApiWorld, user: User) -> Context:
    resource = world.registry.catalog.find(CERTIFICATE_SIGNING_REQUESTS)
    assert resource is not None
    return Context(world.registry, resource, "update", name="r", user=user)


def csr(**status: str) -> Object:
    return {"metadata": {"name": "r"}, "spec": {"signerName": CLIENT}, "status": status}


async def test_who_may_approve(world: ApiWorld) -> None:
    plugin = CertificateApproval()
    await plugin.validate(ctx(world, ADMIN), csr(), csr())
    with pytest.raises(StatusError) as caught:
        await plugin.validate(ctx(world, JANE), csr(), csr())
    assert str(caught.value).endswith(f'user not permitted to approve requests with signerName "{CLIENT}"')


async def test_who_may_sign(world: ApiWorld) -> None:
    plugin = CertificateSigning()
    await plugin.validate(ctx(world, ADMIN), csr(certificate="x"), csr())
    await plugin.validate(ctx(world, JANE), csr(certificate="x"), csr(certificate="x"))
    with pytest.raises(StatusError) as caught:
        await plugin.validate(ctx(world, JANE), csr(certificate="x"), csr())
    assert str(caught.value).endswith(f'user not permitted to sign requests with signerName "{CLIENT}"')


async def test_who_may_attest(world: ApiWorld) -> None:
    plugin = ClusterTrustBundleAttest()
    bundle = {"metadata": {"name": "b"}, "spec": {"signerName": "example.com/mine", "trustBundle": "PEM"}}
    cleared = {**bundle, "metadata": {"name": "b", "finalizers": ["example.com/kept"]}}
    await plugin.validate(ctx(world, ADMIN), bundle, None)
    await plugin.validate(ctx(world, JANE), cleared, bundle)
    await plugin.validate(ctx(world, JANE), {**bundle, "spec": {"trustBundle": "PEM"}}, None)
    for old in (None, {**bundle, "spec": {"signerName": "example.com/mine"}}):
        with pytest.raises(StatusError) as caught:
            await plugin.validate(ctx(world, JANE), bundle, old)
        assert str(caught.value).endswith('user not permitted to attest for signerName "example.com/mine"')
