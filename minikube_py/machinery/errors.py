"""API errors: apimachinery's api/errors. Every failure a client sees is a metav1.Status that one of these carries."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from minikube_py.machinery.field import FieldError, aggregate
from minikube_py.machinery.gotext import quote
from minikube_py.machinery.gvr import GroupResource

OPTIMISTIC_LOCK = "the object has been modified; please apply your changes to the latest version and try again"
"""The text of a Conflict over resourceVersion (apiserver registry.OptimisticLockErrorMsg)."""


class StatusError(Exception):
    """A failed request.

    `code` is HTTP's, `reason` metav1's ("NotFound"; "" is Unknown and stays off the wire), `details` a
    StatusDetails or None, which is told apart from an empty one.
    """

    def __init__(self, code: int, reason: str, message: str, details: dict[str, Any] | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.reason = reason
        self.message = message
        self.details = details
        self.metadata: dict[str, Any] = {}
        """ListMeta of the Status: a continue token, where there is a way on."""

    def __str__(self) -> str:
        return self.message

    @property
    def retry_after(self) -> int | None:
        """Seconds after which to try again: the Retry-After header's value."""
        return (self.details or {}).get("retryAfterSeconds")

    @property
    def causes(self) -> list[dict[str, Any]]:
        return (self.details or {}).get("causes") or []

    def has_cause(self, reason: str) -> bool:
        return any(cause.get("reason") == reason for cause in self.causes)

    def status(self) -> dict[str, Any]:
        """The metav1.Status on the wire, its keys in Go's order."""
        status: dict[str, Any] = {"kind": "Status", "apiVersion": "v1", "metadata": self.metadata, "status": "Failure"}
        if self.message:
            status["message"] = self.message
        if self.reason:
            status["reason"] = self.reason
        if self.details is not None:
            status["details"] = self.details
        status["code"] = self.code
        return status


def from_status(status: dict[str, Any]) -> StatusError:
    """The error a Status object tells of; an unset code is 500."""
    code = int(status.get("code") or 500)
    error = StatusError(code, status.get("reason", ""), status.get("message", ""), status.get("details"))
    error.metadata = status.get("metadata") or {}
    return error


def _details(
    name: str = "", group: str = "", kind: str = "", causes: Sequence[dict[str, Any]] = (), retry_after: int = 0
) -> dict[str, Any]:
    """A StatusDetails; what is empty stays off the wire."""
    details: dict[str, Any] = {}
    if name:
        details["name"] = name
    if group:
        details["group"] = group
    if kind:
        details["kind"] = kind
    if causes:
        details["causes"] = list(causes)
    if retry_after:
        details["retryAfterSeconds"] = retry_after
    return details


def _about(resource: GroupResource, name: str, retry_after: int = 0) -> dict[str, Any]:
    return _details(name, resource.group, resource.resource, retry_after=retry_after)


def bad_request(message: str) -> StatusError:
    return StatusError(400, "BadRequest", message)


def unauthorized(message: str = "Unauthorized") -> StatusError:
    return StatusError(401, "Unauthorized", message)


def forbidden(resource: GroupResource, name: str, why: str) -> StatusError:
    """An empty GroupResource is a path that is no resource's: "forbidden: User ..."."""
    if not resource.group and not resource.resource:
        message = f"forbidden: {why}"
    elif not name:
        message = f"{resource} is forbidden: {why}"
    else:
        message = f"{resource} {quote(name)} is forbidden: {why}"
    return StatusError(403, "Forbidden", message, _about(resource, name))


def not_found(resource: GroupResource, name: str) -> StatusError:
    return StatusError(404, "NotFound", f"{resource} {quote(name)} not found", _about(resource, name))


def unknown_resource() -> StatusError:
    """No such path, group, version or resource."""
    return StatusError(404, "NotFound", "the server could not find the requested resource", {})


def method_not_supported(resource: GroupResource, action: str) -> StatusError:
    message = f"{action} is not supported on resources of kind {quote(str(resource))}"
    return StatusError(405, "MethodNotAllowed", message, _about(resource, ""))


def method_not_allowed() -> StatusError:
    """The path is served, this HTTP method on it is not."""
    return StatusError(405, "MethodNotAllowed", "the server does not allow this method on the requested resource", {})


def not_acceptable(accepted: Iterable[str]) -> StatusError:
    message = f"only the following media types are accepted: {', '.join(accepted)}"
    return StatusError(406, "NotAcceptable", message)


def not_acceptable_for(message: str) -> StatusError:
    """A 406 of other words: a Table or PartialObjectMetadata asked of what cannot become one."""
    return StatusError(406, "NotAcceptable", message)


def not_acceptable_conversion(target: str, accepted: Iterable[str]) -> StatusError:
    message = f"only the following media types are accepted when converting to {target}: {', '.join(accepted)}"
    return StatusError(406, "NotAcceptable", message)


def already_exists(resource: GroupResource, name: str) -> StatusError:
    return StatusError(409, "AlreadyExists", f"{resource} {quote(name)} already exists", _about(resource, name))


def generate_name_conflict(resource: GroupResource, name: str, retry_after: int = 1) -> StatusError:
    message = (
        f"{resource} {quote(name)} already exists, the server was not able to generate a unique name for the object"
    )
    return StatusError(409, "AlreadyExists", message, _about(resource, name, retry_after))


def conflict(resource: GroupResource, name: str, text: str = OPTIMISTIC_LOCK) -> StatusError:
    message = f"Operation cannot be fulfilled on {resource} {quote(name)}: {text}"
    return StatusError(409, "Conflict", message, _about(resource, name))


def apply_conflict(causes: Sequence[dict[str, Any]], message: str) -> StatusError:
    """Other managers own what was applied. Causes: {"reason": "FieldManagerConflict", "message", "field"}."""
    return StatusError(409, "Conflict", message, _details(causes=causes))


def gone(message: str) -> StatusError:
    return StatusError(410, "Gone", message)


def expired(message: str) -> StatusError:
    """The resourceVersion or continue token asked for is compacted away: list again."""
    return StatusError(410, "Expired", message)


def too_large(message: str) -> StatusError:
    return StatusError(413, "RequestEntityTooLarge", f"Request entity too large: {message}")


def unsupported_media_type(accepted: Iterable[str]) -> StatusError:
    message = f"the body of the request was in an unknown format - accepted media types include: {', '.join(accepted)}"
    return StatusError(415, "UnsupportedMediaType", message)


def invalid(group: str, kind: str, name: str, errors: Sequence[FieldError]) -> StatusError:
    """The object breaks rules of its kind; `kind` is the Kind, not the resource."""
    message = f"{GroupResource(group, kind)} {quote(name)} is invalid"
    if errors:
        message = f"{message}: {aggregate(errors)}"
    return StatusError(422, "Invalid", message, _details(name, group, kind, [error.cause() for error in errors]))


def unprocessable(message: str = "the server rejected our request due to an error in our request") -> StatusError:
    """A patch that cannot be applied (apierrors.NewGenericServerResponse with 422)."""
    return StatusError(422, "Invalid", message, {})


def too_many_requests(message: str, seconds: int = 0) -> StatusError:
    return StatusError(429, "TooManyRequests", message, _details(retry_after=seconds))


def internal_error(text: str) -> StatusError:
    return StatusError(500, "InternalError", f"Internal error occurred: {text}", _details(causes=[{"message": text}]))


def unknown(text: str) -> StatusError:
    """A failure that is no Status upstream: code 500 and the bare text, no reason."""
    return StatusError(500, "", text)


def server_timeout(resource: GroupResource, operation: str, seconds: int = 0) -> StatusError:
    message = f"The {operation} operation against {resource} could not be completed at this time, please try again."
    return StatusError(500, "ServerTimeout", message, _about(resource, operation, seconds))


def service_unavailable(message: str) -> StatusError:
    return StatusError(503, "ServiceUnavailable", message)


def timeout(message: str, seconds: int = 0, causes: Sequence[dict[str, Any]] = ()) -> StatusError:
    return StatusError(504, "Timeout", f"Timeout: {message}", _details(causes=causes, retry_after=seconds))


def resource_version_too_large(asked: int, current: int, seconds: int = 1) -> StatusError:
    """A read at a resourceVersion the store has not reached (apiserver storage/errors.go)."""
    cause = {"reason": "ResourceVersionTooLarge", "message": "Too large resource version"}
    return timeout(f"Too large resource version: {asked}, current: {current}", seconds, [cause])


def _has_reason(error: BaseException, *reasons: str) -> bool:
    return isinstance(error, StatusError) and error.reason in reasons


def is_not_found(error: BaseException) -> bool:
    return _has_reason(error, "NotFound")


def is_already_exists(error: BaseException) -> bool:
    return _has_reason(error, "AlreadyExists")


def is_conflict(error: BaseException) -> bool:
    return _has_reason(error, "Conflict")


def is_invalid(error: BaseException) -> bool:
    return _has_reason(error, "Invalid")


def is_forbidden(error: BaseException) -> bool:
    return _has_reason(error, "Forbidden")


def is_expired(error: BaseException) -> bool:
    """410 of either reason, Expired or Gone."""
    return _has_reason(error, "Expired", "Gone")


def is_too_many_requests(error: BaseException) -> bool:
    return _has_reason(error, "TooManyRequests")


def is_timeout(error: BaseException) -> bool:
    return _has_reason(error, "Timeout", "ServerTimeout")
