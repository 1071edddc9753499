"""What the explorer's pages are given, as pydantic models: queries and bodies.

Imported at the first request that has any: pydantic takes 50 ms and 8 MB, which the start does without.
"""

from __future__ import annotations

from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from minikube_py.machinery import errors

FARTHEST = 10 * 365 * 86400
"""So many seconds at most the clock is moved at once: ten years."""


class Given(BaseModel):
    """Whatever is not named is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class WhyQuery(Given):
    """GET /minikube-py/why."""

    object: str = ""
    """KIND/NAME, the kind as kubectl takes it."""
    namespace: str = "default"

    @model_validator(mode="after")
    def _names_an_object(self) -> WhyQuery:
        kind, _, name = self.object.partition("/")
        if not kind or not name:
            raise ValueError("object must be KIND/NAME")
        return self


class TraceQuery(Given):
    """GET /minikube-py/trace."""

    follow: bool = False


class Advance(Given):
    """POST /minikube-py/advance."""

    seconds: float = Field(ge=0, le=FARTHEST, strict=True, allow_inf_nan=False)


class Taint(Given):
    """As a Node's spec has it."""

    key: str
    value: str = ""
    effect: str


class NewNode(Given):
    """POST /minikube-py/nodes/add."""

    name: str = ""
    """By default the next of "node-1", "node-2"."""
    labels: dict[str, str] = {}
    taints: list[Taint] = []
    capacity: dict[str, str] = {}
    """Where it is other than that of all nodes: {"cpu": "4"}."""


class NamedNode(Given):
    """POST /minikube-py/nodes/remove, stop, start."""

    name: str = Field(min_length=1)


G = TypeVar("G", bound=Given)


def query(kind: type[G], given: Any) -> G:
    """A query's parameters. Raises StatusError 400."""
    try:
        return kind.model_validate(dict(given))
    except ValidationError as error:
        raise errors.bad_request(_complaint(error, "query")) from None


def body(kind: type[G], given: bytes) -> G:
    """A JSON body. Raises StatusError 400."""
    try:
        return kind.model_validate_json(given or b"{}")
    except ValidationError as error:
        raise errors.bad_request(_complaint(error, "body")) from None


def _complaint(error: ValidationError, whole: str) -> str:
    """The first thing that is wrong, in one line."""
    first = error.errors(include_url=False)[0]
    if first["type"] == "value_error":
        return str(first["ctx"]["error"])
    return f"{'.'.join(map(str, first['loc'])) or whole}: {first['msg']}"
