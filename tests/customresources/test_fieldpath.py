"""Paths of names through a schema."""

from __future__ import annotations

import pytest

from minikube_py.api.customresources.structural import Structural
from minikube_py.api.kinds.apiextensions.fieldpath import resolve
from tests.customresources.definitions import object_of

SCHEMA = Structural(
    object_of(spec=object_of(**{"a b": {"type": "object", "additionalProperties": {"type": "string"}}}))
)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        pytest.param(".spec", ["spec"], id="field"),
        pytest.param(".spec['a b']", ["spec", "a b"], id="in-brackets"),
        pytest.param("['spec']['a b'].k", ["spec", "a b", "k"], id="key"),
        pytest.param(r".spec['a b']['it\'s']", ["spec", "a b", "it's"], id="escaped"),
    ],
)
def test_paths(text: str, names: list[str]) -> None:
    assert resolve(text, SCHEMA, brackets=True)[0] == names


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        pytest.param("spec", "expected [ or . but got: spec", id="no-dot"),
        pytest.param(".nope", "does not refer to a valid field", id="no-field"),
        pytest.param(".spec.", "unexpected end of JSON path", id="end"),
        pytest.param(".spec[0]", "expected single quoted string but got 0", id="index"),
        pytest.param(".spec['a b'", "unexpected end of JSON path", id="open-bracket"),
        pytest.param(".spec['a b'.x", "expected ] but got .", id="no-bracket"),
    ],
)
def test_problems(text: str, problem: str) -> None:
    with pytest.raises(ValueError) as caught:
        resolve(text, SCHEMA, brackets=True)
    assert str(caught.value) == problem


def test_brackets_may_be_refused() -> None:
    with pytest.raises(ValueError, match="array notation is not allowed"):
        resolve(".spec['a b']", SCHEMA, brackets=False)
