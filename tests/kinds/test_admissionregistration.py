"""Webhook configurations and admission policies."""

from __future__ import annotations

from typing import Any

import pytest

from tests.kinds.core_api import Api
from tests.kinds.minimal import CONSTRAINTS, OBJECTS, WEBHOOK, changed

FORM = "; desired format: https://host[/path]"


def webhook(**fields: Any) -> dict[str, Any]:
    return changed("ValidatingWebhookConfiguration", webhooks=[{**WEBHOOK, **fields}])


def rule(**fields: Any) -> dict[str, Any]:
    return {"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["pods"], **fields}


def policy(**spec: Any) -> dict[str, Any]:
    return changed("ValidatingAdmissionPolicy", spec=spec)


@pytest.mark.parametrize(
    ("obj", "expected"),
    [
        pytest.param(
            webhook(clientConfig={"url": "http://u@/x?q#f"}),
            [
                f"webhooks[0].clientConfig.url: Invalid value: \"http\": 'https' is the only allowed URL scheme{FORM}",
                f'webhooks[0].clientConfig.url: Invalid value: "": host must be specified{FORM}',
                'webhooks[0].clientConfig.url: Invalid value: "u": user information is not permitted in the URL',
                'webhooks[0].clientConfig.url: Invalid value: "f": fragments are not permitted in the URL',
                'webhooks[0].clientConfig.url: Invalid value: "q": query parameters are not permitted in the URL',
            ],
            id="url",
        ),
        pytest.param(
            webhook(clientConfig={"service": {"namespace": "", "name": "s", "path": "a//b", "port": 0}}),
            [
                "webhooks[0].clientConfig.service.name: Required value",
                "webhooks[0].clientConfig.service.port: Invalid value: 0: "
                "port is not valid: must be between 1 and 65535, inclusive",
                "webhooks[0].clientConfig.service.path: Invalid value: \"a//b\": must start with a '/'",
                'webhooks[0].clientConfig.service.path: Invalid value: "a//b": segment[0] may not be empty',
                'webhooks[0].clientConfig.service.path: Invalid value: "a//b": segment[1] may not be empty',
            ],
            id="service, whose namespace upstream calls its name",
        ),
        pytest.param(
            webhook(rules=[rule(resources=["pods/*", "pods/log", "*/*"])]),
            [
                'webhooks[0].rules[0].resources[1]: Invalid value: "pods/log": '
                "if 'pods/*' is present, must not specify pods/log",
                'webhooks[0].rules[0].resources: Invalid value: ["pods/*","pods/log","*/*"]: '
                "if '*/*' is present, must not specify other resources",
            ],
            id="wildcards",
        ),
        pytest.param(
            webhook(admissionReviewVersions=["v2", "v2"]),
            [
                'webhooks[0].admissionReviewVersions[1]: Invalid value: "v2": duplicate version',
                'webhooks[0].admissionReviewVersions: Invalid value: ["v2","v2"]: '
                "must include at least one of v1, v1beta1",
            ],
            id="review versions",
        ),
        pytest.param(
            policy(variables=[{"name": "in", "expression": "1"}], paramKind={"apiVersion": "a/b/c", "kind": "K"}),
            [
                'spec.paramKind.apiVersion: Invalid value: "a/b/c": unexpected GroupVersion string: a/b/c',
                'spec.variables[0].name: Invalid value: "in": must be a valid CEL identifier',
            ],
            id="variables",
        ),
        pytest.param(
            policy(validations=[{"expression": " ", "message": "a\nb", "reason": "Odd"}]),
            [
                "spec.validations[0].expression: Required value: expression is not specified",
                'spec.validations[0].message: Invalid value: "a\\nb": must not contain line breaks',
                'spec.validations[0].reason: Unsupported value: "Odd": '
                'supported values: "Forbidden", "Invalid", "RequestEntityTooLarge"',
            ],
            id="validation",
        ),
        pytest.param(
            changed(
                "MutatingAdmissionPolicy",
                spec={"matchConstraints": {"resourceRules": [rule(operations=["DELETE"])]}},
            ),
            [
                'spec.matchConstraints.resourceRules.operations: Unsupported value: "DELETE": '
                'supported values: "*", "CONNECT", "CREATE", "UPDATE"'
            ],
            id="what is deleted is not mutated",
        ),
        pytest.param(
            changed("ValidatingAdmissionPolicyBinding", spec={"validationActions": ["Deny", "Warn"]}),
            [
                'spec.validationActions: Invalid value: ["Deny","Warn"]: must not contain both Deny and Warn '
                "(repeating the same validation failure information in the API response and headers serves no purpose)"
            ],
            id="actions",
        ),
        pytest.param(
            changed("MutatingAdmissionPolicyBinding", spec={"paramRef": {}}),
            [
                "spec.paramRef: Required value: one of name or selector must be specified",
                "spec.paramRef.parameterNotFoundAction: Required value",
            ],
            id="parameters",
        ),
    ],
)
def test_errors(obj: dict[str, Any], expected: list[str]) -> None:
    assert Api().errors(obj) == expected


def test_defaults() -> None:
    api = Api()
    (hook,) = api.draft(changed("MutatingWebhookConfiguration", webhooks=[{**WEBHOOK, "rules": [rule()]}]))["webhooks"]
    wanted = ("failurePolicy", "matchPolicy", "reinvocationPolicy", "timeoutSeconds", "namespaceSelector")
    assert [hook[name] for name in wanted] == ["Fail", "Equivalent", "Never", 10, {}]
    assert hook["clientConfig"]["service"]["port"] == 443
    assert hook["rules"][0]["scope"] == "*"
    constraints = api.draft(OBJECTS["ValidatingAdmissionPolicy"])["spec"]["matchConstraints"]
    assert constraints == {
        "matchPolicy": "Equivalent",
        "namespaceSelector": {},
        "objectSelector": {},
        "resourceRules": [{**CONSTRAINTS["resourceRules"][0], "scope": "*"}],
    }


def test_old_mistakes_may_stay() -> None:
    api = Api()
    old, new = webhook(sideEffects="Some"), webhook(sideEffects="Unknown")
    assert api.update_errors(old, new) == []
    assert len(api.update_errors(OBJECTS["ValidatingWebhookConfiguration"], new)) == 1


@pytest.mark.parametrize(
    ("reference", "expected"),
    [
        pytest.param(None, "<unset>", id="none"),
        pytest.param({"name": "p"}, "*/p", id="in any namespace"),
        pytest.param({"name": "p", "namespace": "n"}, "n/p", id="in one"),
    ],
)
def test_parameters_of_bindings(reference: dict[str, Any] | None, expected: str) -> None:
    spec = {} if reference is None else {"paramRef": {**reference, "parameterNotFoundAction": "Deny"}}
    assert Api().cells(changed("ValidatingAdmissionPolicyBinding", spec=spec))[2] == expected


@pytest.mark.parametrize(
    ("version", "expected"), [pytest.param("1.35", 0, id="before"), pytest.param("1.36", 1, id="since")]
)
def test_static_names_are_reserved(version: str, expected: int) -> None:
    obj = changed("ValidatingWebhookConfiguration", metadata={"name": "a.static.k8s.io"})
    assert len(Api(version).warnings(obj)) == expected
