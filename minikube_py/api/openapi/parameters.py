"""Parameters of operations, in OpenAPI v3's form."""

from __future__ import annotations

from typing import Any

from minikube_py.api.openapi.words import OPTIONS, PATH, SINCE

Parameter = dict[str, Any]

_LIST = tuple(OPTIONS["ListOptions"])
_DELETE = ("dryRun", *OPTIONS["DeleteOptions"])
_WRITE = tuple(OPTIONS["UpdateOptions"])

BY_ACTION: dict[str, tuple[tuple[str, str], ...]] = {
    "list": tuple(("ListOptions", name) for name in _LIST),
    "watch": tuple(("ListOptions", name) for name in _LIST),
    "watchlist": tuple(("ListOptions", name) for name in _LIST),
    "post": tuple(("UpdateOptions", name) for name in _WRITE),
    "put": tuple(("UpdateOptions", name) for name in _WRITE),
    "patch": (
        ("UpdateOptions", "dryRun"),
        ("PatchOptions", "fieldManager"),
        ("UpdateOptions", "fieldValidation"),
        ("PatchOptions", "force"),
    ),
    "delete": (("UpdateOptions", "dryRun"), *(("DeleteOptions", name) for name in _DELETE[1:])),
    "deletecollection": (
        *(("ListOptions", name) for name in _LIST if name not in ("allowWatchBookmarks", "watch")),
        ("UpdateOptions", "dryRun"),
        *(("DeleteOptions", name) for name in _DELETE[1:]),
    ),
}
"""What an operation is told by query: the Go type of the options and the name."""

CUSTOM_BY_ACTION: dict[str, tuple[tuple[str, str], ...]] = {
    **BY_ACTION,
    "get": (("ListOptions", "resourceVersion"),),
    "deletecollection": BY_ACTION["list"],
}
"""The same of custom resources, whose documents are made apart (apiextensions-apiserver's builder)."""


class Parameters:
    """The parameters of one Kubernetes version. Equal ones are one object."""

    def __init__(self, minor: int) -> None:
        self._minor = minor
        self._known: dict[tuple[str, str], Parameter] = {}

    def query(self, options: str, name: str) -> Parameter | None:
        """A query parameter of a Go options type; None if the version does not have it."""
        if self._minor < SINCE.get(name, 0):
            return None
        found = self._known.get((options, name))
        if found is None:
            type, text = (OPTIONS[options] if options else PATH)[name]
            found = self._known[options, name] = parameter(name, "query", type, text)
        return found

    def options(self, options: str) -> list[Parameter]:
        """All parameters of a Go options type that the version has."""
        return [found for name in OPTIONS.get(options, ()) if (found := self.query(options, name)) is not None]

    def of(self, action: str, table: dict[str, tuple[tuple[str, str], ...]]) -> list[Parameter]:
        """All query parameters of an action ("list", "patch")."""
        wanted = table.get(action, ())
        return [found for options, name in wanted if (found := self.query(options, name)) is not None]

    def path(self, name: str, kind: str = "") -> Parameter:
        """A path parameter; `kind` is what {name} names."""
        found = self._known.get((f"path {kind}", name))
        if found is None:
            text = f"name of the {kind}" if name == "name" else PATH[name][1]
            found = self._known[f"path {kind}", name] = parameter(name, "path", "string", text, required=True)
        return found

    @property
    def pretty(self) -> Parameter:
        found = self.query("", "pretty")
        assert found is not None
        return found


def parameter(name: str, where: str, type: str, text: str, *, required: bool = False) -> Parameter:
    found: Parameter = {"description": text, "in": where, "name": name}
    if required:
        found["required"] = True
    found["schema"] = {"type": type, "uniqueItems": True}
    return found


def hoist(path: dict[str, Any]) -> None:
    """Move the parameters that all operations of a path share to the path; sort what is left."""
    operations = list(path.values())
    shared = [each for each in operations[0]["parameters"] if all(each in other["parameters"] for other in operations)]
    for operation in operations:
        own = [each for each in operation["parameters"] if each not in shared]
        if own:
            operation["parameters"] = _ordered(own)
        else:
            del operation["parameters"]
    if shared:
        path["parameters"] = _ordered(shared)


def _ordered(found: list[Parameter]) -> list[Parameter]:
    return sorted(found, key=lambda each: (each["name"], each["in"]))
