"""Options of the verbs (metav1.CreateOptions and kin), from a query or a body, checked in upstream's words."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from minikube_py.api.schema.decode import DecodeError, decode
from minikube_py.api.schema.schema import Schema
from minikube_py.machinery import duration, errors
from minikube_py.machinery import field as fields
from minikube_py.machinery.field import FieldError, Path
from minikube_py.machinery.gotext import quote

Query = Mapping[str, str]
"""Query parameters; of repeated ones the first counts, as upstream's url.Values.Get reads them."""

META_GROUP = "meta.k8s.io"
FIELD_MANAGER_MAX_LENGTH = 128
"""apimachinery/pkg/apis/meta/v1/validation."""


@dataclass(slots=True)
class WriteOptions:
    """CreateOptions, UpdateOptions and PatchOptions."""

    dry_run: bool = False
    field_manager: str = ""
    field_validation: str = "Warn"
    force: bool | None = None


@dataclass(slots=True)
class ListOptions:
    """How to list or watch. Selectors are still text."""

    label_selector: str = ""
    field_selector: str = ""
    resource_version: str = ""
    resource_version_match: str = ""
    limit: int = 0
    continue_token: str = ""
    watch: bool = False
    allow_bookmarks: bool = False
    send_initial_events: bool | None = None
    timeout_seconds: int | None = None


@dataclass(slots=True)
class DeleteOptions:
    """How to delete. `propagation` is "" where nothing was said; `orphan` is the old orphanDependents."""

    grace_period: int | None = None
    propagation: str = ""
    orphan: bool | None = None
    uid: str = ""
    resource_version: str = ""
    dry_run: bool = False


@dataclass(slots=True)
class _Errors:
    kind: str
    found: list[FieldError] = field(default_factory=list)

    def check(self) -> None:
        if self.found:
            raise errors.invalid(META_GROUP, self.kind, "", self.found)


def write_options(query: Query, kind: str, patch_type: str = "") -> WriteOptions:
    """Raises StatusError: 400 for what does not parse, 422 for what is not allowed
    (apimachinery/pkg/apis/meta/v1/validation)."""
    options = WriteOptions(field_manager=query.get("fieldManager", ""))
    problems = _Errors(kind)
    if kind == "PatchOptions":
        if "force" in query:
            options.force = parse_bool(query["force"])
        if patch_type.startswith("application/apply-patch"):
            if not options.field_manager:
                problems.found.append(fields.required(Path("fieldManager"), "is required for apply patch"))
        elif options.force is not None:
            problems.found.append(fields.forbidden(Path("force"), "may not be specified for non-apply patch"))
    if query:
        _validate_field_manager(options.field_manager, problems)
        options.dry_run = _dry_run([value for key, value in query.items() if key == "dryRun"], problems)
        options.field_validation = _field_validation(query.get("fieldValidation", ""), problems)
    problems.check()
    return options


def _validate_field_manager(manager: str, problems: _Errors) -> None:
    path = Path("fieldManager")
    if len(manager) > FIELD_MANAGER_MAX_LENGTH:
        problems.found.append(fields.too_long(path, FIELD_MANAGER_MAX_LENGTH))
    for position, character in enumerate(manager):
        if not character.isprintable():
            problems.found.append(
                fields.invalid(path, manager, f"invalid character U+{ord(character):04X} (at position {position})")
            )


def _field_validation(value: str, problems: _Errors) -> str:
    supported = ["", "Ignore", "Strict", "Warn"]
    if value not in supported:
        problems.found.append(fields.not_supported(Path("fieldValidation"), value, supported))
    return value or "Warn"


def _dry_run(values: list[str], problems: _Errors) -> bool:
    if any(value != "All" for value in values):
        problems.found.append(fields.not_supported(Path("dryRun"), values, ["All"]))
    return bool(values)


def list_options(query: Query) -> ListOptions:
    """Raises StatusError 400 for what does not parse; `validate_list_options` does the rest."""
    options = ListOptions()
    if query:
        options.label_selector = query.get("labelSelector", "")
        options.field_selector = query.get("fieldSelector", "")
        options.resource_version = query.get("resourceVersion", "")
        options.resource_version_match = query.get("resourceVersionMatch", "")
        options.continue_token = query.get("continue", "")
        if "limit" in query:
            options.limit = parse_int(query["limit"])
        if "watch" in query:
            options.watch = parse_bool(query["watch"])
        if "allowWatchBookmarks" in query:
            options.allow_bookmarks = parse_bool(query["allowWatchBookmarks"])
        if "sendInitialEvents" in query:
            options.send_initial_events = parse_bool(query["sendInitialEvents"])
        if "timeoutSeconds" in query:
            options.timeout_seconds = parse_int(query["timeoutSeconds"])
    return options


def check_timeout(text: str) -> None:
    """How long a request may take at most: answers come at once, but what is no duration is refused (apiserver's
    endpoints/filters/request_deadline.go). Raises StatusError 400."""
    try:
        if text:
            duration.parse_nanoseconds(text)
    except ValueError as error:
        raise errors.bad_request(f"invalid timeout specified in the request URL - {error}") from None


def default_watch(options: ListOptions) -> None:
    """A watch from no version in particular is a streaming list, whether it says so or not
    (apis/meta/internalversion/defaults.go)."""
    if (
        options.send_initial_events is None
        and not options.resource_version_match
        and options.resource_version in ("", "0")
    ):
        options.send_initial_events = True
        options.resource_version_match = "NotOlderThan"


def validate_list_options(options: ListOptions, watching: bool) -> None:
    """The combinations upstream refuses (apis/meta/internalversion/validation). Raises StatusError 422."""
    if not options.resource_version_match and options.send_initial_events is None:
        return
    problems = _Errors("ListOptions")
    (_validate_watch if watching else _validate_list)(options, problems.found)
    problems.check()


_MATCH = Path("resourceVersionMatch")
_INITIAL = Path("sendInitialEvents")


def _validate_list(options: ListOptions, found: list[FieldError]) -> None:
    match = options.resource_version_match
    if match:
        if not options.resource_version:
            found.append(
                fields.forbidden(_MATCH, "resourceVersionMatch is forbidden unless resourceVersion is provided")
            )
        if options.continue_token:
            found.append(fields.forbidden(_MATCH, "resourceVersionMatch is forbidden when continue is provided"))
        if match not in ("Exact", "NotOlderThan"):
            found.append(fields.not_supported(_MATCH, match, ["Exact", "NotOlderThan", ""]))
        if match == "Exact" and options.resource_version == "0":
            found.append(fields.forbidden(_MATCH, 'resourceVersionMatch "exact" is forbidden for resourceVersion "0"'))
    if options.send_initial_events is not None:
        found.append(fields.forbidden(_INITIAL, "sendInitialEvents is forbidden for list"))


def _validate_watch(options: ListOptions, found: list[FieldError]) -> None:
    match = options.resource_version_match
    if options.send_initial_events is not None and match != "NotOlderThan":
        found.append(
            fields.forbidden(_MATCH, "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan")
        )
    if match:
        if options.send_initial_events is None:
            found.append(
                fields.forbidden(
                    _MATCH, "resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided"
                )
            )
        if match != "NotOlderThan":
            found.append(fields.not_supported(_MATCH, match, ["NotOlderThan"]))
        if options.continue_token:
            found.append(fields.forbidden(_MATCH, "resourceVersionMatch is forbidden when continue is provided"))


def delete_options(query: Query, body: Any, schema: Schema) -> DeleteOptions:
    """From a decoded body, or, without one (None), from the query. Raises StatusError."""
    tree = body if body is not None else _delete_query(query)
    definition = schema.definition("io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions")
    assert definition is not None
    try:
        tree = decode(definition, tree).object
    except DecodeError as error:
        raise errors.bad_request(str(error)) from None
    options = DeleteOptions(
        grace_period=tree.get("gracePeriodSeconds"),
        propagation=tree.get("propagationPolicy", ""),
        orphan=tree.get("orphanDependents"),
        uid=(tree.get("preconditions") or {}).get("uid", ""),
        resource_version=(tree.get("preconditions") or {}).get("resourceVersion", ""),
    )
    problems = _Errors("DeleteOptions")
    if options.orphan is not None and options.propagation:
        problems.found.append(
            fields.invalid(
                Path("propagationPolicy"),
                options.propagation,
                "orphanDependents and deletionPropagation cannot be both set",
            )
        )
    if options.propagation not in ("", "Foreground", "Background", "Orphan"):
        problems.found.append(
            fields.not_supported(
                Path("propagationPolicy"), options.propagation, ["Foreground", "Background", "Orphan", "nil"]
            )
        )
    options.dry_run = _dry_run(tree.get("dryRun") or [], problems)
    problems.check()
    return options


def _delete_query(query: Query) -> dict[str, Any]:
    tree: dict[str, Any] = {}
    if "gracePeriodSeconds" in query:
        tree["gracePeriodSeconds"] = parse_int(query["gracePeriodSeconds"])
    if "orphanDependents" in query:
        tree["orphanDependents"] = parse_bool(query["orphanDependents"])
    if "propagationPolicy" in query:
        tree["propagationPolicy"] = query["propagationPolicy"]
    if "dryRun" in query:
        tree["dryRun"] = [value for key, value in query.items() if key == "dryRun"]
    return tree


def parse_bool(text: str) -> bool:
    """Anything but "0" and "false" is true, "" too (apimachinery/pkg/runtime/conversion.go)."""
    return text != "0" and text.lower() != "false"


_INTEGER = re.compile(r"[+-]?[0-9]+", re.ASCII)


def parse_int(text: str) -> int:
    """Raises StatusError 400 in the words of Go's strconv."""
    if not _INTEGER.fullmatch(text):
        raise errors.bad_request(f"strconv.ParseInt: parsing {quote(text)}: invalid syntax")
    value = int(text)
    if not -(2**63) <= value < 2**63:
        raise errors.bad_request(f"strconv.ParseInt: parsing {quote(text)}: value out of range")
    return value
