from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minikube_py.machinery import fieldselector
from minikube_py.machinery.fieldselector import FieldRequirement, FieldSelector

POD = {"metadata.name": "a", "status.phase": "Running", "spec.nodeName": ""}


@pytest.mark.parametrize(
    ("text", "canonical", "matches"),
    [
        pytest.param("", "", True, id="empty"),
        pytest.param("metadata.name=a", "metadata.name=a", True, id="equals"),
        pytest.param("metadata.name==b", "metadata.name=b", False, id="double-equals"),
        pytest.param("status.phase!=Running", "status.phase!=Running", False, id="not-equals"),
        pytest.param("spec.nodeName=", "spec.nodeName=", True, id="empty-value"),
        pytest.param("nowhere!=x", "nowhere!=x", True, id="absent-is-empty"),
        pytest.param("status.phase=Running,metadata.name=a,", "metadata.name=a,status.phase=Running", True, id="sort"),
        pytest.param(r"metadata.name=a\,b\=c\\d", r"metadata.name=a\,b\=c\\d", False, id="escaped"),
        pytest.param("=", "", True, id="nothing-equals-nothing"),
    ],
)
def test_parse(text: str, canonical: str, matches: bool) -> None:
    selector = fieldselector.parse(text)
    assert str(selector) == canonical
    assert selector.matches(POD) is matches


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        pytest.param("name", "invalid selector: 'name'; can't understand 'name'", id="no-sign"),
        pytest.param("name in (a,b)", "invalid selector: 'name in (a,b)'; can't understand 'b)'", id="in"),
        pytest.param("a=b=c", "invalid field selector: unescaped character in value: 61", id="unescaped"),
        pytest.param(r"a=\x", r"invalid field selector: invalid escape sequence: \x", id="unknown-escape"),
        pytest.param("a=b\\", "invalid field selector: invalid escape sequence: \\", id="trailing-backslash"),
    ],
)  # fmt: skip
def test_problems(text: str, problem: str) -> None:
    with pytest.raises(ValueError) as caught:
        fieldselector.parse(text)
    assert str(caught.value) == problem


def test_requires_exact_match() -> None:
    selector = fieldselector.parse("metadata.name=a,status.phase!=Running")
    assert selector.requires_exact_match("metadata.name") == "a"
    assert selector.requires_exact_match("status.phase") is None
    assert fieldselector.everything().empty
    assert fieldselector.equals("metadata.name", "a").requires_exact_match("metadata.name") == "a"


def test_transform_renames_drops_and_refuses() -> None:
    def convert(field: str, value: str) -> tuple[str, str]:
        if field == "bad":
            raise ValueError("field label not supported: bad")
        return ("", "") if field == "old" else (field.removeprefix("legacy."), value)

    assert str(fieldselector.parse("legacy.name!=a,old=x").transform(convert)) == "name!=a"
    with pytest.raises(ValueError, match="field label not supported: bad"):
        fieldselector.parse("bad=1").transform(convert)


requirements = st.builds(
    FieldRequirement,
    st.from_regex(r"[a-z]{1,4}(\.[a-z]{1,4})?", fullmatch=True),
    st.sampled_from(["=", "!="]),
    st.text(alphabet="ab\\,=é ", max_size=6),
)


@given(st.lists(requirements, max_size=4))
def test_text_reads_back(found: list[FieldRequirement]) -> None:
    selector = FieldSelector(sorted(found, key=str))
    assert fieldselector.parse(str(selector)) == selector
