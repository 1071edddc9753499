"""Event: what happened, for people to read (pkg/registry/core/event)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from minikube_py.api.context import Context
from minikube_py.api.kinds.events.conversion import from_core, to_core
from minikube_py.api.kinds.events.validation import validate_create, validate_update
from minikube_py.api.resource import Column, Conversion, Resource, Since
from minikube_py.api.strategy import Strategy
from minikube_py.machinery.field import ErrorList
from minikube_py.machinery.gvr import Object


class EventStrategy(Strategy):
    """Objects are v1 trees, whichever group the request came through."""

    allow_create_on_update = True
    garbage_collection = ""
    expires = True

    def validate(self, ctx: Context, obj: Object) -> ErrorList:
        return validate_create(obj, core=not ctx.resource.group)

    def validate_update(self, ctx: Context, obj: Object, old: Object) -> ErrorList:
        return validate_update(obj, old, core=not ctx.resource.group)


def _involved(obj: Object, field: str) -> str:
    return (obj.get("involvedObject") or {}).get(field) or ""


def _source(obj: Object) -> str:
    return (obj.get("source") or {}).get("component") or obj.get("reportingComponent") or ""


def _reads_involved(field: str) -> Callable[[Object], str]:
    return lambda obj: _involved(obj, field)


def _reads(field: str) -> Callable[[Object], str]:
    return lambda obj: obj.get(field) or ""


_REFERENCE_FIELDS = ("kind", "namespace", "name", "uid", "apiVersion", "resourceVersion", "fieldPath")

FIELDS: dict[str, Callable[[Object], str]] = {
    **{f"involvedObject.{field}": _reads_involved(field) for field in _REFERENCE_FIELDS},
    "reason": _reads("reason"),
    "reportingComponent": _reads("reportingComponent"),
    "source": _source,
    "type": _reads("type"),
}
NEW_FIELDS: dict[str, Callable[[Object], str]] = {
    **{f"regarding.{field}": _reads_involved(field) for field in _REFERENCE_FIELDS},
    "reason": _reads("reason"),
    "reportingController": _reads("reportingComponent"),
    "type": _reads("type"),
}


def cells(obj: Object) -> list[Any]:
    """Of a v1 tree."""
    first = obj.get("firstTimestamp") or obj.get("eventTime") or ""
    last, count = obj.get("lastTimestamp") or first, obj.get("count") or 1
    if (series := obj.get("series")) is not None:
        last, count = series.get("lastObservedTime") or "", series.get("count") or 0
    kind, name = _involved(obj, "kind").lower(), _involved(obj, "name")
    return [
        Since(last),
        obj.get("type") or "",
        obj.get("reason") or "",
        f"{kind}/{name}" if name else kind,
        _involved(obj, "fieldPath"),
        _source_text(obj),
        (obj.get("message") or "").strip(),
        Since(first),
        count,
        obj["metadata"]["name"],
    ]


def _source_text(obj: Object) -> str:
    instance = (obj.get("source") or {}).get("host") or obj.get("reportingInstance") or ""
    return f"{_source(obj)}, {instance}" if instance else _source(obj)


def new_cells(obj: Object) -> list[Any]:
    """Of an events.k8s.io/v1 tree."""
    return cells(to_core(obj))


_DOC = "io.k8s.api.core.v1.Event"
COLUMNS = (
    Column("Last Seen", doc=f"{_DOC}#lastTimestamp"),
    Column("Type", doc=f"{_DOC}#type"),
    Column("Reason", doc=f"{_DOC}#reason"),
    Column("Object", doc=f"{_DOC}#involvedObject"),
    Column("Subobject", priority=1, doc="io.k8s.api.core.v1.ObjectReference#fieldPath"),
    Column("Source", priority=1, doc=f"{_DOC}#source"),
    Column("Message", doc=f"{_DOC}#message"),
    Column("First Seen", priority=1, doc=f"{_DOC}#firstTimestamp"),
    Column("Count", priority=1, doc=f"{_DOC}#count"),
    Column("Name", format="name", priority=1, doc="io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta#name"),
)

STRATEGY = EventStrategy()

RESOURCES = (
    Resource(
        group="",
        version="v1",
        plural="events",
        kind="Event",
        short_names=("ev",),
        strategy=STRATEGY,
        columns=COLUMNS,
        cells=cells,
        fields=FIELDS,
    ),
    Resource(
        group="events.k8s.io",
        version="v1",
        plural="events",
        kind="Event",
        short_names=("ev",),
        strategy=STRATEGY,
        columns=COLUMNS,
        cells=new_cells,
        fields=NEW_FIELDS,
        storage="events",
        hub=Conversion(to_core, from_core),
        internal_group="",
    ),
)
