from __future__ import annotations

from typing import Any

import pytest

from minikube_py.machinery import errors, field
from minikube_py.machinery.errors import StatusError
from minikube_py.machinery.gvr import GroupResource

PODS = GroupResource("", "pods")
DEPLOYMENTS = GroupResource("apps", "deployments")
CAUSE = {"reason": "FieldManagerConflict", "message": 'conflict with "m"', "field": ".spec.replicas"}


@pytest.mark.parametrize(
    ("error", "code", "reason", "message", "details"),
    [
        pytest.param(errors.bad_request("no"), 400, "BadRequest", "no", None, id="bad-request"),
        pytest.param(errors.unauthorized(), 401, "Unauthorized", "Unauthorized", None, id="unauthorized"),
        pytest.param(errors.forbidden(PODS, "a", "no"), 403, "Forbidden", 'pods "a" is forbidden: no',
                     {"name": "a", "kind": "pods"}, id="forbidden"),
        pytest.param(errors.forbidden(DEPLOYMENTS, "", "no"), 403, "Forbidden", "deployments.apps is forbidden: no",
                     {"group": "apps", "kind": "deployments"}, id="forbidden-nameless"),
        pytest.param(errors.forbidden(GroupResource("", ""), "", "no"), 403, "Forbidden", "forbidden: no", {},
                     id="forbidden-path"),
        pytest.param(errors.not_found(DEPLOYMENTS, "a"), 404, "NotFound", 'deployments.apps "a" not found',
                     {"name": "a", "group": "apps", "kind": "deployments"}, id="not-found"),
        pytest.param(errors.unknown_resource(), 404, "NotFound", "the server could not find the requested resource",
                     {}, id="unknown-resource"),
        pytest.param(errors.method_not_supported(PODS, "watch"), 405, "MethodNotAllowed",
                     'watch is not supported on resources of kind "pods"', {"kind": "pods"}, id="not-supported"),
        pytest.param(errors.method_not_allowed(), 405, "MethodNotAllowed",
                     "the server does not allow this method on the requested resource", {}, id="not-allowed"),
        pytest.param(errors.not_acceptable(["application/json", "application/yaml"]), 406, "NotAcceptable",
                     "only the following media types are accepted: application/json, application/yaml", None,
                     id="not-acceptable"),
        pytest.param(errors.already_exists(PODS, "a"), 409, "AlreadyExists", 'pods "a" already exists',
                     {"name": "a", "kind": "pods"}, id="already-exists"),
        pytest.param(errors.generate_name_conflict(PODS, "a"), 409, "AlreadyExists",
                     'pods "a" already exists, the server was not able to generate a unique name for the object',
                     {"name": "a", "kind": "pods", "retryAfterSeconds": 1}, id="generate-name"),
        pytest.param(errors.conflict(PODS, "a"), 409, "Conflict",
                     'Operation cannot be fulfilled on pods "a": the object has been modified; '
                     "please apply your changes to the latest version and try again",
                     {"name": "a", "kind": "pods"}, id="conflict"),
        pytest.param(errors.apply_conflict([CAUSE], "Apply failed"), 409, "Conflict", "Apply failed",
                     {"causes": [CAUSE]}, id="apply-conflict"),
        pytest.param(errors.expired("too old"), 410, "Expired", "too old", None, id="expired"),
        pytest.param(errors.gone("away"), 410, "Gone", "away", None, id="gone"),
        pytest.param(errors.too_large("limit is 3"), 413, "RequestEntityTooLarge",
                     "Request entity too large: limit is 3", None, id="too-large"),
        pytest.param(errors.unsupported_media_type(["application/json"]), 415, "UnsupportedMediaType",
                     "the body of the request was in an unknown format - "
                     "accepted media types include: application/json",
                     None, id="unsupported-media-type"),
        pytest.param(errors.unprocessable(), 422, "Invalid",
                     "the server rejected our request due to an error in our request", {}, id="unprocessable"),
        pytest.param(errors.too_many_requests("slowly", 10), 429, "TooManyRequests", "slowly",
                     {"retryAfterSeconds": 10}, id="too-many-requests"),
        pytest.param(errors.internal_error("oops"), 500, "InternalError", "Internal error occurred: oops",
                     {"causes": [{"message": "oops"}]}, id="internal-error"),
        pytest.param(errors.server_timeout(PODS, "list", 2), 500, "ServerTimeout",
                     "The list operation against pods could not be completed at this time, please try again.",
                     {"name": "list", "kind": "pods", "retryAfterSeconds": 2}, id="server-timeout"),
        pytest.param(errors.resource_version_too_large(999, 7), 504, "Timeout",
                     "Timeout: Too large resource version: 999, current: 7",
                     {"causes": [{"reason": "ResourceVersionTooLarge", "message": "Too large resource version"}],
                      "retryAfterSeconds": 1}, id="resource-version-too-large"),
    ],
)  # fmt: skip
def test_status(error: StatusError, code: int, reason: str, message: str, details: dict[str, Any] | None) -> None:
    wanted: dict[str, Any] = {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure"}
    wanted |= {"message": message, "reason": reason}
    if details is not None:
        wanted["details"] = details
    wanted["code"] = code
    assert error.status() == wanted
    assert list(error.status()) == list(wanted), "keys stand in Go's order"
    assert list(error.details or {}) == list(details or {})
    assert str(error) == message


def test_invalid_lists_every_cause_and_says_the_same_once() -> None:
    wrong = [field.required("spec.a"), field.required("spec.a"), field.duplicate("spec.b", "x")]
    error = errors.invalid("apps", "Deployment", "web", wrong)
    assert error.message == ('Deployment.apps "web" is invalid: [spec.a: Required value, spec.b: Duplicate value: "x"]')
    assert error.details is not None
    assert [cause["field"] for cause in error.causes] == ["spec.a", "spec.a", "spec.b"]
    assert (error.details["kind"], error.details["group"]) == ("Deployment", "apps")


def test_invalid_without_a_name_or_kind_has_bare_details() -> None:
    error = errors.invalid("", "", "", [field.required("patch")])
    assert error.message == ' "" is invalid: patch: Required value'
    assert list(error.details or {}) == ["causes"]


def test_an_unknown_failure_has_no_reason() -> None:
    assert errors.unknown("oops").status() == {
        "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure", "message": "oops", "code": 500,
    }  # fmt: skip


def test_from_status_is_the_way_back() -> None:
    error = errors.too_many_requests("slowly", 10)
    error.metadata = {"continue": "token"}
    again = errors.from_status(error.status())
    assert again.status() == error.status()
    assert again.retry_after == 10


@pytest.mark.parametrize(
    ("predicate", "error"),
    [
        pytest.param(errors.is_not_found, errors.not_found(PODS, "a"), id="not-found"),
        pytest.param(errors.is_already_exists, errors.already_exists(PODS, "a"), id="already-exists"),
        pytest.param(errors.is_conflict, errors.conflict(PODS, "a"), id="conflict"),
        pytest.param(errors.is_invalid, errors.invalid("", "Pod", "a", []), id="invalid"),
        pytest.param(errors.is_forbidden, errors.forbidden(PODS, "a", ""), id="forbidden"),
        pytest.param(errors.is_expired, errors.expired(""), id="expired"),
        pytest.param(errors.is_expired, errors.gone(""), id="gone"),
        pytest.param(errors.is_too_many_requests, errors.too_many_requests(""), id="too-many-requests"),
        pytest.param(errors.is_timeout, errors.timeout(""), id="timeout"),
    ],
)
def test_predicates(predicate: Any, error: StatusError) -> None:
    assert predicate(error)
    assert not predicate(errors.bad_request(""))
    assert not predicate(ValueError())


def test_has_cause() -> None:
    assert errors.resource_version_too_large(2, 1).has_cause("ResourceVersionTooLarge")
    assert not errors.expired("").has_cause("ResourceVersionTooLarge")
