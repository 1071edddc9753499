"""JSON Patch (RFC 6902) as the API server applies it, leniencies included.

Where it departs from the RFC, as gopkg.in/evanphx/json-patch.v4 does: the part of a path before its first
slash is ignored ("data/k" is "/k"); replace adds a missing key; copy from a missing key gives null; test
takes a missing key for null; negative indices count from the end; an add without a value adds null.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import orjson

from minikube_py.api.patch.decode import decode_json_patch
from minikube_py.machinery.errors import too_large, unprocessable

MAX_OPERATIONS = 10_000
"""Of one patch (pkg/endpoints/handlers/patch.go)."""
MAX_COPIED_BYTES = 3 * 1024 * 1024
"""By all copy operations of a patch together, as JSON (pkg/server/config.go, JSONPatchMaxCopyBytes)."""

Operation = dict[str, Any]
Container = dict[str, Any] | list[Any]


class OperationError(Exception):
    """Why an operation does not apply. Clients see a 422 that does not say; this is its __cause__."""


def apply_json_patch(document: Any, patch: bytes | Sequence[Any]) -> Any:
    """`document` after the operations of `patch`, in order.

    Raises StatusError: 400 for bytes that are no list of operations, 413 past MAX_OPERATIONS, 422 for an
    operation that does not apply.
    """
    operations = decode_json_patch(patch).tree if isinstance(patch, bytes) else patch
    if len(operations) > MAX_OPERATIONS:
        raise too_large(f"The allowed maximum operations in a JSON patch is {MAX_OPERATIONS}, got {len(operations)}")
    edit = _Edit(document)
    try:
        for operation in operations:
            _apply(edit, operation)
    except OperationError as error:
        raise unprocessable() from error
    return edit.root


class _Edit:
    """A document being changed. Containers are copied when first written to, and only then."""

    __slots__ = ("_own", "copied_bytes", "root")

    def __init__(self, root: Any) -> None:
        self.root = root
        self.copied_bytes = 0
        self._own: dict[int, Container] = {}
        """The containers made by this edit, by id: they may be written to."""

    def find(self, path: str) -> tuple[Container | None, str]:
        """The container `path` ends in and the key there, to read; None where the way there breaks off."""
        parts = path.split("/")
        if len(parts) < 2:
            return None, ""
        here = self.root
        for part in parts[1:-1]:
            here = _child(here, _decoded(part))
        return (here if isinstance(here, (dict, list)) else None), _decoded(parts[-1])

    def open(self, path: str) -> tuple[Container | None, str]:
        """As `find`, to write."""
        found, key = self.find(path)
        if found is None or id(found) in self._own:
            return found, key
        here = self.root = self._owned(self.root)
        for part in path.split("/")[1:-1]:
            step: Any = _decoded(part) if isinstance(here, dict) else int(_decoded(part))
            child = self._owned(here[step])
            here[step] = child
            here = child
        return here, key

    def share(self) -> None:
        """A part now stands in two places: whatever is written next is copied again."""
        self._own.clear()

    def _owned(self, container: Any) -> Any:
        if id(container) in self._own:
            return container
        copied = container.copy()
        self._own[id(copied)] = copied
        return copied


def _decoded(part: str) -> str:
    """A reference token (RFC 6901): ~1 is a slash, ~0 a tilde."""
    return part.replace("~1", "/").replace("~0", "~") if "~" in part else part


def _child(container: Any, key: str) -> Any:
    if isinstance(container, dict):
        return container.get(key)
    if not isinstance(container, list):
        return None
    try:
        return container[_index(container, key)]
    except OperationError:
        return None


def _integer(key: str) -> int:
    """As strconv.Atoi reads it."""
    digits = key[1:] if key[:1] in ("+", "-") else key
    if not (digits.isdigit() and digits.isascii()):
        raise OperationError(f'strconv.Atoi: parsing "{key}": invalid syntax')
    return int(key)


def _index(items: list[Any], key: str) -> int:
    """The position of an existing item."""
    index = _integer(key)
    if not -len(items) <= index < len(items):
        raise OperationError(f"Unable to access invalid index: {index}: invalid index referenced")
    return index % len(items)


def _get(container: Container, key: str) -> Any:
    """A missing key is null, a missing index an error."""
    return container.get(key) if isinstance(container, dict) else container[_index(container, key)]


def _insert(container: Container, key: str, value: Any) -> None:
    if isinstance(container, dict):
        container[key] = value
    elif key == "-":
        container.append(value)
    else:
        index = _integer(key)
        room = len(container) + 1
        if not -room <= index < room:
            raise OperationError(f"Unable to access invalid index: {index}: invalid index referenced")
        container.insert(index % room, value)


def _delete(container: Container, key: str) -> None:
    if isinstance(container, list):
        del container[_index(container, key)]
    elif key in container:
        del container[key]
    else:
        raise OperationError(f"Unable to remove nonexistent key: {key}: missing value")


def _pointer(operation: Operation, field: str) -> str:
    pointer = operation.get(field)
    if not isinstance(pointer, str):
        raise OperationError(f"operation missing {field} field: missing value")
    return pointer


def _opened(found: tuple[Container | None, str], operation: Operation, path: str) -> tuple[Container, str]:
    container, key = found
    if container is None:
        raise OperationError(f'{operation["op"]} operation does not apply: doc is missing path: "{path}"')
    return container, key


def _add(edit: _Edit, operation: Operation) -> None:
    path = _pointer(operation, "path")
    container, key = _opened(edit.open(path), operation, path)
    _insert(container, key, operation.get("value"))


def _remove(edit: _Edit, operation: Operation) -> None:
    path = _pointer(operation, "path")
    container, key = _opened(edit.open(path), operation, path)
    _delete(container, key)


def _replace(edit: _Edit, operation: Operation) -> None:
    path = _pointer(operation, "path")
    value = operation.get("value")
    if path == "":
        if not isinstance(value, (dict, list)):
            raise OperationError("replace operation value must be object or array")
        edit.root = value
        return
    container, key = _opened(edit.open(path), operation, path)
    if isinstance(container, dict):
        container[key] = value
    else:
        container[_index(container, key)] = value


def _move(edit: _Edit, operation: Operation) -> None:
    source = _pointer(operation, "from")
    container, key = _opened(edit.open(source), operation, source)
    value = _get(container, key)
    _delete(container, key)
    path = _pointer(operation, "path")
    container, key = _opened(edit.open(path), operation, path)
    _insert(container, key, value)


def _copy(edit: _Edit, operation: Operation) -> None:
    source = _pointer(operation, "from")
    container, key = _opened(edit.find(source), operation, source)
    value = _get(container, key)
    path = _pointer(operation, "path")
    edit.share()
    container, key = _opened(edit.open(path), operation, path)
    if value is not None:
        edit.copied_bytes += len(orjson.dumps(value))
        if edit.copied_bytes > MAX_COPIED_BYTES:
            raise OperationError(
                f"Unable to complete the copy, the accumulated size increase of copy is {edit.copied_bytes}, "
                f"exceeding the limit {MAX_COPIED_BYTES}"
            )
    _insert(container, key, value)


def _test(edit: _Edit, operation: Operation) -> None:
    path = _pointer(operation, "path")
    if path == "":
        actual = edit.root
    else:
        container, key = _opened(edit.find(path), operation, path)
        actual = _get(container, key)
    if not _equal(actual, operation.get("value")):
        raise OperationError(f"testing value {path} failed: test failed")


def _equal(left: Any, right: Any) -> bool:
    """Whether two values are the same JSON; 1, 1.0 and true are three."""
    if type(left) is not type(right):
        return False
    if isinstance(left, dict):
        return left.keys() == right.keys() and all(_equal(value, right[key]) for key, value in left.items())
    if isinstance(left, list):
        return len(left) == len(right) and all(map(_equal, left, right))
    return bool(left == right)


_OPERATIONS: dict[str, Callable[[_Edit, Operation], None]] = {
    "add": _add,
    "remove": _remove,
    "replace": _replace,
    "move": _move,
    "copy": _copy,
    "test": _test,
}


def _apply(edit: _Edit, operation: Any) -> None:
    kind = operation.get("op") if isinstance(operation, dict) else None
    run = _OPERATIONS.get(kind) if isinstance(kind, str) else None
    if run is None:
        raise OperationError(f"Unexpected kind: {kind if isinstance(kind, str) else 'unknown'}")
    run(edit, operation)
