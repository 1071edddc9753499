"""What is wrong with a value, first in kube-openapi's terms (a name and a message), then as a field error.

Upstream: kube-openapi/pkg/validation/errors, and kubeOpenAPIResultToFieldErrors of
apiextensions-apiserver/pkg/apiserver/validation/validation.go.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from minikube_py.machinery.field import FieldError, invalid, required, too_long, type_invalid
from minikube_py.machinery.gotext import quote

MakeError = Callable[[str | None], FieldError]


class Violation:
    """One thing that is wrong. `bad` is the bad value, or what makes the field error of the path.

    `name` is where it is: "spec.items[0]", None if the message alone says so; a leading dot is upstream's.
    """

    __slots__ = ("_bad", "message", "name")

    def __init__(self, message: str, bad: Any = "", name: str | None = None) -> None:
        self.message = message
        self.name = name
        self._bad = bad

    @staticmethod
    def required(name: str) -> Violation:
        return Violation(in_body(name, "is required"), required, name)

    def field_error(self, prefix: str) -> FieldError:
        field: str | None = prefix or None
        if self.name and self.name != ".":
            own = self.name.removeprefix(".")
            field = f"{prefix}.{own}" if prefix else own
        if self.name is not None and callable(self._bad):
            made: FieldError = self._bad(field)
            return made
        return invalid(field, self._bad, self.message)


def in_body(name: str, text: str) -> str:
    return f"{name} in body {text}"


def invalid_type(name: str, wanted: str, found: str) -> Violation:
    """A value of another type or format: `found` is the type, or the text that has not the format."""
    message = in_body(name, f"must be of type {wanted}: {quote(found)}")
    return Violation(message, lambda field: type_invalid(field, found, message), name)


def too_long_text(name: str, most: int) -> Violation:
    message = in_body(name, f"should be at most {most} chars long")
    return Violation(message, lambda field: too_long(field, most), name)
