"""Label and field selectors of a list or watch, compiled to one test."""

from __future__ import annotations

from collections.abc import Callable

from minikube_py.api.context import Context
from minikube_py.api.options import ListOptions
from minikube_py.api.resource import Resource
from minikube_py.machinery import errors, fieldselector, labels
from minikube_py.machinery.gvr import Object

Matches = Callable[[Object], bool]


class Selection:
    """What a list or watch asks for. `matches` is None if everything does."""

    __slots__ = ("matches", "name")

    def __init__(self, matches: Matches | None = None, name: str = "") -> None:
        self.matches = matches
        self.name = name
        """The one name that can match, if the fields say so."""


def compile_selection(ctx: Context, options: ListOptions) -> Selection:
    """Raises StatusError 400 in upstream's words for selectors that do not parse or name unknown fields."""
    if not options.label_selector and not options.field_selector:
        return Selection(_named(ctx.name), ctx.name) if ctx.name else Selection()
    tests: list[Matches] = []
    name = ctx.name
    try:
        wanted = labels.parse(options.label_selector)
        chosen = fieldselector.parse(options.field_selector)
    except ValueError as error:
        raise errors.bad_request(str(error)) from None
    if not wanted.empty:
        by_labels = wanted.matches
        tests.append(lambda obj: by_labels(obj["metadata"].get("labels") or {}))
    for requirement in chosen.requirements:
        read = field_reader(ctx.resource, requirement.field)
        tests.append(_field_test(read, requirement.operator, requirement.value))
    exact = chosen.requires_exact_match("metadata.name")
    if exact is not None:
        if ctx.name and exact != ctx.name:
            raise errors.bad_request("fieldSelector metadata.name doesn't match requested name")
        name = exact
    elif ctx.name:
        tests.append(_named(ctx.name))
    return Selection(_all(tests) if tests else None, name)


def field_reader(resource: Resource, label: str) -> Callable[[Object], str]:
    """How a field label is read from an object. Raises StatusError 400."""
    if label in ("metadata.name", "metadata.namespace"):
        key = label.removeprefix("metadata.")
        return lambda obj: obj["metadata"].get(key, "")
    found = resource.fields.get(label)
    if found is not None:
        return found
    if resource.fields or resource.custom:
        raise errors.bad_request(f"field label not supported: {label}")
    raise errors.bad_request(f'"{label}" is not a known field selector: only "metadata.name", "metadata.namespace"')


def _field_test(read: Callable[[Object], str], operator: str, value: str) -> Matches:
    if operator == "!=":
        return lambda obj: read(obj) != value
    return lambda obj: read(obj) == value


def _named(name: str) -> Matches:
    return lambda obj: bool(obj["metadata"].get("name") == name)


def _all(tests: list[Matches]) -> Matches:
    if len(tests) == 1:
        return tests[0]
    every = tuple(tests)
    return lambda obj: all(test(obj) for test in every)
