"""Forms: how objects look in an answer - whole, as their metadata alone, or as rows of a table.

Each form makes JSON bytes of one object, of a page and of a watch event's object. What is made of a stored object is
kept beside it, so that a list joins bytes and a watch sends the same ones to everybody.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import orjson

from minikube_py.api.registry.reading import Page
from minikube_py.api.registry.served import served
from minikube_py.api.resource import Cells, Column, Resource, Since, name_and_age
from minikube_py.api.schema import texts
from minikube_py.machinery.clock import Clock, parse_rfc3339
from minikube_py.machinery.duration import human_duration
from minikube_py.machinery.gvr import Object
from minikube_py.store import Ready, Stored, encoded


class Form(Protocol):
    """One way to show a resource's objects."""

    def one(self, stored: Stored) -> bytes: ...

    def page(self, page: Page) -> bytes: ...

    def event_object(self, stored: Stored) -> bytes:
        """As `one`, within a watch event."""
        ...

    @property
    def key(self) -> tuple[Any, ...] | None:
        """What tells this form's event bytes from others', or None if they must not be shared."""
        ...


def list_metadata(page: Page) -> bytes:
    meta: Object = {"resourceVersion": str(page.revision)} if page.revision else {}
    if page.continue_token:
        meta["continue"] = page.continue_token
    if page.remaining:
        meta["remainingItemCount"] = page.remaining
    return orjson.dumps(meta)


def custom_list_metadata(page: Page) -> bytes:
    """As of lists of custom objects, which are maps in Go: with an empty continue, and sorted."""
    meta: Object = {"continue": page.continue_token}
    if page.remaining:
        meta["remainingItemCount"] = page.remaining
    return orjson.dumps({**meta, "resourceVersion": str(page.revision)})


class WholeForm:
    """Objects as they are. In lists of built-in kinds the items leave out kind and apiVersion, as upstream's do."""

    __slots__ = ("_head", "_items_with_kind", "_prefix", "_resource", "_tail", "key")

    def __init__(self, resource: Resource) -> None:
        self._resource = resource
        kind, version = orjson.dumps(resource.kind), orjson.dumps(resource.api_version)
        self._prefix = b'{"kind":%b,"apiVersion":%b,' % (kind, version)
        self._head = b'{"kind":%b,"apiVersion":%b,"metadata":' % (orjson.dumps(resource.list_kind), version)
        self._tail = b""
        self._items_with_kind = resource.custom
        if resource.custom:
            self._head = b'{"apiVersion":%b,"items":[' % version
            self._tail = b'],"kind":%b,"metadata":' % orjson.dumps(resource.list_kind)
        self.key: tuple[Any, ...] | None = ("whole", resource.gvr)

    def one(self, stored: Stored) -> bytes:
        return served(self._resource, stored).json

    event_object = one

    def page(self, page: Page) -> bytes:
        """Made once for those who list the same objects at the same revision: it is megabytes for a thousand pods."""
        items = page.items
        if not isinstance(items, Ready):
            return self._page(page)
        kept = items.pages.get(self.key)
        if kept is None or kept[0] != page.revision:
            kept = items.pages[self.key] = page.revision, self._page(page)
        return kept[1]

    def _page(self, page: Page) -> bytes:
        start = len(self._prefix)
        resource = self._resource
        if self._items_with_kind:
            items = b",".join([served(resource, item).json for item in page.items])
            return b"".join((self._head, items, self._tail, custom_list_metadata(page), b"}"))
        items = b",{".join([served(resource, item).json[start:] for item in page.items])
        items = b"{" + items if items else items
        return b"".join((self._head, list_metadata(page), b',"items":[', items, b"]}"))


class MetadataForm:
    """PartialObjectMetadata and its list."""

    __slots__ = ("_resource", "_version", "key")

    def __init__(self, resource: Resource, version: str) -> None:
        self._resource = resource
        self._version = f"meta.k8s.io/{version}"
        self.key: tuple[Any, ...] | None = ("metadata", resource.gvr, version)

    def one(self, stored: Stored) -> bytes:
        shown = served(self._resource, stored)
        found: bytes | None = shown.views.get(self.key)
        if found is None:
            tree = {
                "kind": "PartialObjectMetadata",
                "apiVersion": self._version,
                "metadata": shown.object["metadata"],
            }
            found = shown.views[self.key] = encoded(tree)
        return found

    event_object = one

    def row(self, stored: Stored) -> bytes:
        """As `one`, within a table."""
        shown = self._resource.row_metadata
        if shown is None:
            return self.one(stored)
        metadata = shown(served(self._resource, stored).object)
        return orjson.dumps({"kind": "PartialObjectMetadata", "apiVersion": self._version, "metadata": metadata})

    def page(self, page: Page) -> bytes:
        head = b'{"kind":"PartialObjectMetadataList","apiVersion":"%b","metadata":' % self._version.encode()
        items = b"[" + b",".join([self.one(item) for item in page.items]) + b"]" if page.items else b"null"
        return b"".join((head, list_metadata(page), b',"items":', items, b"}"))


class TableForm:
    """metav1.Table: the cells `kubectl get` prints, each row with the object's metadata, the object, or nothing."""

    key: tuple[Any, ...] | None = None  # ages change

    def __init__(
        self,
        resource: Resource,
        columns: Sequence[Column],
        cells: Cells,
        *,
        version: str,
        include: str,
        clock: Clock,
        kubernetes: str,
    ) -> None:
        self._resource = resource
        self._columns = columns
        self._cells = cells
        self._version = f"meta.k8s.io/{version}"
        self._include = include or "Metadata"
        self._clock = clock
        self._row_key = ("row", resource.gvr, version, self._include)
        self._metadata = MetadataForm(resource, version)
        self._columns_sent = False
        self._kubernetes = kubernetes

    def one(self, stored: Stored) -> bytes:
        page = Page([stored], stored.revision)
        return self._table(list_metadata(page), self._definitions(), page)

    def page(self, page: Page) -> bytes:
        return self._table(list_metadata(page), self._definitions(), page)

    def event_object(self, stored: Stored) -> bytes:
        """Only the first event of a watch carries the columns."""
        definitions = b"null" if self._columns_sent else self._definitions()
        self._columns_sent = True
        meta = orjson.dumps({"resourceVersion": str(stored.revision)})
        return self._table(meta, definitions, Page([stored], stored.revision))

    def _table(self, meta: bytes, definitions: bytes, page: Page) -> bytes:
        now = self._clock.now()
        rows = b"[%b]" % b",".join([self._row(stored, now) for stored in page.items])
        if not page.items and self._cells is name_and_age:
            rows = b"null"  # as upstream answers for kinds without a printer
        head = b'{"kind":"Table","apiVersion":"%b","metadata":' % self._version.encode()
        return b"".join((head, meta, b',"columnDefinitions":', definitions, b',"rows":', rows, b"}"))

    def _definitions(self) -> bytes:
        return orjson.dumps([self._definition(column) for column in self._columns])

    def _definition(self, column: Column) -> Object:
        text = column.description or (texts.description(self._kubernetes, column.doc) if column.doc else "")
        return {
            "name": column.name,
            "type": column.type,
            "format": column.format,
            "description": text,
            "priority": column.priority,
        }

    def _row(self, stored: Stored, now: float) -> bytes:
        shown = served(self._resource, stored)
        parts: list[bytes | _Age] | None = shown.views.get(self._row_key)
        if parts is None:
            parts = shown.views[self._row_key] = self._parts(stored, shown)
        if len(parts) == 1 and isinstance(parts[0], bytes):
            return parts[0]
        return b"".join([part if isinstance(part, bytes) else part.at(now) for part in parts])

    def _parts(self, stored: Stored, shown: Stored) -> list[bytes | _Age]:
        """A row as bytes with holes where ages go."""
        parts: list[bytes | _Age] = []
        text = b'{"cells":['
        obj = shown.object
        if "name" not in obj["metadata"]:  # a bookmark
            obj = {**obj, "metadata": {"name": "", **obj["metadata"]}}
        for index, cell in enumerate(self._cells(obj)):
            text += b"," if index else b""
            if isinstance(cell, Since) and cell.time:
                parts += [text, _Age(cell)]
                text = b""
            else:
                text += orjson.dumps("<unknown>" if isinstance(cell, Since) else cell)
        text += b"]"
        if self._include == "Metadata":
            text += b',"object":' + self._metadata.row(stored)
        elif self._include == "Object":
            text += b',"object":' + shown.json
        else:
            text += b',"object":null'
        parts.append(text + b"}")
        return parts


class _Age:
    """A hole in a row: how long ago something was, as JSON text; made anew only when its text may have changed."""

    __slots__ = ("_made", "_second", "_since", "_time")

    def __init__(self, since: Since) -> None:
        self._since = since
        self._time = parse_rfc3339(since.time)
        self._second = -1
        self._made = b""

    def at(self, now: float) -> bytes:
        second = int(now)
        if second != self._second:
            self._second = second
            text = human_duration(now - self._time)
            self._made = encoded(f"{self._since.prefix}{text}{self._since.suffix}")
        return self._made
