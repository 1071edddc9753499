"""What an event may be: little when it is old, much when it is new (pkg/apis/core/validation/events.go).

Events are validated as v1 trees; `core` says whether the request came through v1, which is lenient.
"""

from __future__ import annotations

from typing import Any

from minikube_py.machinery import meta
from minikube_py.machinery.clock import parse_rfc3339
from minikube_py.machinery.field import ErrorList, Path, as_json, invalid, invalid_each, required
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.names import byte_length, dns1123_subdomain, name_is_dns_subdomain, qualified_name
from minikube_py.machinery.objectmeta import FIELD_IMMUTABLE, validate_object_meta, validate_object_meta_update

_METADATA = Path("metadata")
_INVOLVED_NAMESPACE = Path("involvedObject", "namespace")
_MISMATCH = "does not match event.namespace"
_NAME_LIMIT = 128
"""Bytes of reportingInstance, action and reason."""
_NOTE_LIMIT = 1024
"""Bytes of message."""
_EPOCH_OF_GO = "0001-01-01T00:00:00"

_REFERENCE = {
    "Kind": "kind",
    "Namespace": "namespace",
    "Name": "name",
    "UID": "uid",
    "APIVersion": "apiVersion",
    "ResourceVersion": "resourceVersion",
    "FieldPath": "fieldPath",
}
"""Go's internal ObjectReference, which has no JSON names."""
_SOURCE = {"Component": "component", "Host": "host"}


def _text(event: Object, field: str) -> str:
    return event.get(field) or ""


def _is_set(time: Any) -> bool:
    return bool(time) and not str(time).startswith(_EPOCH_OF_GO)


def _lenient_errors(event: Object, core: bool) -> ErrorList:
    """legacyValidateEvent: what holds for every event."""
    namespace = meta.namespace(event)
    errors = _new_errors(event, namespace, core) if _is_set(event.get("eventTime")) else _old_errors(event, namespace)
    return [*errors, *invalid_each(Path("namespace"), namespace, dns1123_subdomain(namespace))]


def _involved_namespace(event: Object) -> str:
    return (event.get("involvedObject") or {}).get("namespace") or ""


def _old_errors(event: Object, namespace: str) -> ErrorList:
    """Events of what has no namespace are in "default"."""
    involved = _involved_namespace(event)
    fits = namespace == involved if involved else namespace in ("", "default")
    return [] if fits else [invalid(_INVOLVED_NAMESPACE, involved, _MISMATCH)]


def _new_errors(event: Object, namespace: str, core: bool) -> ErrorList:
    """An event with an eventTime says who reports what."""
    errors: ErrorList = []
    if not _involved_namespace(event) and namespace not in ("default", "kube-system"):
        errors.append(invalid(_INVOLVED_NAMESPACE, "", _MISMATCH))
    path = Path("reportingComponent" if core else "reportingController")
    reporter = _text(event, "reportingComponent")
    if not reporter:
        errors.append(required(path))
    errors += invalid_each(path, reporter, qualified_name(reporter))
    for field in ("reportingInstance", "action", "reason"):
        value = _text(event, field)
        if not value:
            errors.append(required(Path(field)))
        if byte_length(value) > _NAME_LIMIT:
            errors.append(invalid(Path(field), "", f"can have at most {_NAME_LIMIT} characters"))
    if byte_length(_text(event, "message")) > _NOTE_LIMIT:
        errors.append(invalid(Path("message"), "", f"can have at most {_NOTE_LIMIT} characters"))
    return errors


def _series_errors(event: Object) -> ErrorList:
    series = event.get("series")
    if series is None:
        return []
    errors: ErrorList = []
    if (series.get("count") or 0) < 2:
        errors.append(invalid("series.count", "", "should be at least 2"))
    if not _is_set(series.get("lastObservedTime")):
        errors.append(required("series.lastObservedTime"))
    return errors


def validate_create(event: Object, core: bool) -> ErrorList:
    errors = _lenient_errors(event, core)
    if core:
        return errors
    errors += validate_object_meta(event["metadata"], True, name_is_dns_subdomain, _METADATA)
    errors += _series_errors(event)
    if not _is_set(event.get("eventTime")):
        errors.append(required(Path("eventTime")))
    kind = _text(event, "type")
    if kind not in ("Normal", "Warning"):
        errors.append(invalid(Path("type"), "", f"has invalid value: {kind}"))
    source = event.get("source") or {}
    outdated = {
        "firstTimestamp": _is_set(event.get("firstTimestamp")),
        "lastTimestamp": _is_set(event.get("lastTimestamp")),
        "count": bool(event.get("count")),
        "source": bool(source.get("component") or source.get("host")),
    }
    return errors + [invalid(Path(field), "", "needs to be unset") for field, found in outdated.items() if found]


def validate_update(event: Object, old: Object, core: bool) -> ErrorList:
    """Through events.k8s.io only the series changes."""
    errors = _lenient_errors(event, core)
    if core:
        return errors
    errors += validate_object_meta_update(event["metadata"], old["metadata"], _METADATA)
    if event.get("series") != old.get("series"):
        errors += _series_errors(event)
    for field, name in _IMMUTABLE:
        now, before = event.get(field) or None, old.get(field) or None
        if now != before and not (field == "eventTime" and _same_time(now, before)):
            errors.append(invalid(Path(name), _shown(field, now), FIELD_IMMUTABLE))
    return errors


_IMMUTABLE = (
    ("involvedObject", "involvedObject"),
    ("reason", "reason"),
    ("message", "message"),
    ("source", "source"),
    ("firstTimestamp", "firstTimestamp"),
    ("lastTimestamp", "lastTimestamp"),
    ("count", "count"),
    ("reason", "reason"),
    ("type", "type"),
    ("eventTime", "eventTime"),
    ("action", "action"),
    ("related", "related"),
    ("reportingComponent", "reportingController"),
    ("reportingInstance", "reportingInstance"),
)
"""Fields of v1 and how errors name them, in upstream's order; the reason comes twice."""


def _same_time(one: str | None, other: str | None) -> bool:
    return bool(one) and bool(other) and parse_rfc3339(str(one)) == parse_rfc3339(str(other))


def _shown(field: str, value: Any) -> Any:
    """A bad value as Go prints it."""
    if field in ("involvedObject", "source"):
        return _internal(value or {}, _REFERENCE if field == "involvedObject" else _SOURCE)
    if field == "related":
        return as_json(None) if value is None else _internal(value, _REFERENCE)
    if field in ("firstTimestamp", "lastTimestamp", "eventTime"):
        return as_json(value)
    return (0 if field == "count" else "") if value is None else value


def _internal(value: Object, names: dict[str, str]) -> Object:
    return {internal: value.get(name) or "" for internal, name in names.items()}
