"""Flow control, API services, certificate requests and reviews."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from minikube_py.api.context import User
from minikube_py.api.kinds.certificatesigningrequest import condition_text
from minikube_py.api.kinds.flowcontrol.limits import entropy_bits
from minikube_py.api.kinds.flowcontrol.mandatory import FLOW_SCHEMAS, PRIORITY_LEVELS
from minikube_py.machinery.errors import StatusError
from tests.kinds.core_api import Api, named
from tests.kinds.minimal import FLOW_CONTROL, OBJECTS, changed

AUTHORIZATION = "authorization.k8s.io/v1"
GET_PODS = {"namespace": "default", "verb": "get", "resource": "pods"}


@pytest.mark.parametrize(
    ("obj", "expected"),
    [
        pytest.param(
            changed("FlowSchema", spec={"matchingPrecedence": 1}),
            ["spec.matchingPrecedence: Invalid value: 1: only the schema named 'exempt' may have matchingPrecedence 1"],
            id="precedence",
        ),
        pytest.param(
            changed("FlowSchema", spec={"rules": [{"subjects": [{"kind": "User", "group": {"name": "g"}}]}]}),
            [
                "spec.rules[0].subjects[0].user: Required value: user is required when subject kind is 'User'",
                "spec.rules[0].subjects[0].group: Forbidden: group is forbidden when subject kind is not 'Group'",
                "spec.rules[0]: Required value: at least one of resourceRules and nonResourceRules has to be non-empty",
            ],
            id="rules",
        ),
        pytest.param(
            changed(
                "PriorityLevelConfiguration",
                spec={
                    "limited": {"limitResponse": {"type": "Queue", "queuing": {"queues": 1024, "handSize": 8}}},
                },
            ),
            [
                "spec.limited.limitResponse.queuing.handSize: Invalid value: 8: "
                "required entropy bits of deckSize 1024 and handSize 8 should not be greater than 60"
            ],
            id="entropy",
        ),
        *(
            pytest.param(named(FLOW_CONTROL, kind, metadata={"name": name}, spec=spec), [], id=f"{kind} {name}")
            for kind, specs in (("FlowSchema", FLOW_SCHEMAS), ("PriorityLevelConfiguration", PRIORITY_LEVELS))
            for name, spec in specs.items()
        ),
        pytest.param(
            changed("APIService", spec={"insecureSkipTLSVerify": True, "versionPriority": 1001}),
            [
                "spec.versionPriority: Invalid value: 1001: must be positive and less than 1000",
                "spec.insecureSkipTLSVerify: Invalid value: true: local APIServices may not have insecureSkipTLSVerify",
            ],
            id="api service",
        ),
        pytest.param(
            changed("CertificateSigningRequest", spec={"request": "eA==", "signerName": "x", "expirationSeconds": 1}),
            [
                'spec.request: Invalid value: "eA==": PEM block type must be CERTIFICATE REQUEST',
                'spec.signerName: Invalid value: "x": '
                "must be a fully qualified domain and path of the form 'example.com/signer-name'",
                "spec.expirationSeconds: Invalid value: 1: "
                "may not specify a duration less than 600 seconds (10 minutes)",
            ],
            id="certificate request",
        ),
    ],
)
def test_errors(obj: dict[str, Any], expected: list[str]) -> None:
    assert Api().errors(obj) == expected


@pytest.mark.parametrize(
    ("deck", "hand", "bits"), [pytest.param(64, 8, 48, id="default"), pytest.param(1, 1, 0, id="one queue")]
)
def test_entropy(deck: int, hand: int, bits: int) -> None:
    assert entropy_bits(deck, hand) == bits


def test_mandatory_levels_stay_as_they_are() -> None:
    catch_all = PRIORITY_LEVELS["catch-all"]
    spec = {**catch_all, "limited": {**catch_all["limited"], "lendablePercent": 5}}
    obj = named(FLOW_CONTROL, "PriorityLevelConfiguration", metadata={"name": "catch-all"}, spec=spec)
    (error,) = Api().errors(obj)
    assert error.endswith("spec of 'catch-all' must equal the fixed value")


async def test_local_services_are_available() -> None:
    api = Api()
    created = await api.create(OBJECTS["APIService"])
    assert api.resource(created).cells(created)[1:3] == ["Local", "True"]


class TestCertificates:
    certificate = base64.b64encode(b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n").decode()

    async def asked(self) -> tuple[Api, dict[str, Any]]:
        api = Api()
        obj = OBJECTS["CertificateSigningRequest"]
        ctx = api.context(obj, "create")
        ctx.user = User("jane", ("devs",), "u1")
        return api, await api.registry.create(ctx, api.draft(changed(obj["kind"], spec={"username": "eve"})))

    async def test_it_is_for_whoever_asks(self) -> None:
        _, created = await self.asked()
        assert (created["spec"]["username"], created["spec"]["groups"]) == ("jane", ["devs"])

    async def test_approval_stamps_times_and_leaves_the_rest(self) -> None:
        api, created = await self.asked()
        approved = [{"type": "Approved", "status": "True"}]
        status = {"conditions": approved, "certificate": self.certificate}
        updated = await api.update({**created, "status": status}, subresource="approval")
        assert updated["status"]["conditions"][0]["lastTransitionTime"] == "2026-01-01T00:00:00Z"
        assert "certificate" not in updated["status"]
        assert condition_text(updated) == "Approved"

    async def test_a_decision_is_final(self) -> None:
        api, created = await self.asked()
        approved = {"conditions": [{"type": "Approved", "status": "True"}]}
        updated = await api.update({**created, "status": approved}, subresource="approval")
        with pytest.raises(StatusError, match='updates may not remove a condition of type "Approved"'):
            await api.update({**updated, "status": {}}, subresource="approval")

    async def test_conditions_need_the_right_way(self) -> None:
        api, created = await self.asked()
        denied = {"conditions": [{"type": "Denied", "status": "True"}]}
        with pytest.raises(StatusError, match='updates may not add a condition of type "Denied"'):
            await api.update({**created, "status": denied}, subresource="status")


class TestReviews:
    async def ask(self, kind: str, user: User | None = None, **fields: Any) -> dict[str, Any]:
        api = Api()
        group = AUTHORIZATION if kind.endswith(("AccessReview", "RulesReview")) else "authentication.k8s.io/v1"
        obj = {"apiVersion": group, "kind": kind, "metadata": {}, **fields}
        ctx = api.context(obj, "create")
        if user is not None:
            ctx.user = user
        action = ctx.resource.create
        assert action is not None
        return await action(ctx, api.draft(obj))

    @pytest.mark.parametrize(
        ("user", "allowed"),
        [
            pytest.param(User("a", ("system:masters",)), True, id="administrator"),
            pytest.param(User("b", ("devs",)), False, id="somebody else"),
        ],
    )
    async def test_access(self, user: User, allowed: bool) -> None:
        answer = await self.ask("SelfSubjectAccessReview", user, spec={"resourceAttributes": GET_PODS})
        assert answer["status"] == {"allowed": allowed}

    async def test_access_of_another(self) -> None:
        spec = {"groups": ["system:masters"], "resourceAttributes": GET_PODS}
        assert (await self.ask("SubjectAccessReview", spec=spec))["status"] == {"allowed": True}

    async def test_somebody_must_be_named(self) -> None:
        with pytest.raises(StatusError, match="at least one of user or group must be specified"):
            await self.ask("SubjectAccessReview", spec={"resourceAttributes": GET_PODS})

    async def test_who_am_i(self) -> None:
        answer = await self.ask("SelfSubjectReview", User("jane", ("devs",), extra=(("why", ("so",)),)))
        assert answer["status"]["userInfo"] == {"username": "jane", "groups": ["devs"], "extra": {"why": ["so"]}}

    async def test_unknown_tokens(self) -> None:
        answer = await self.ask("TokenReview", spec={"token": "nope"})
        assert answer["status"] == {"user": {}, "error": "invalid bearer token"}
