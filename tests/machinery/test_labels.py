from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minikube_py.machinery import labels, labelselector
from minikube_py.machinery.field import Path
from minikube_py.machinery.labels import Requirement, Selector

WEB = {"app": "web", "tier": "front", "n": "5"}
names = st.from_regex(r"[a-z][a-z0-9]{0,5}", fullmatch=True)
requirements = st.one_of(
    st.builds(lambda key, op, value: Requirement(key, op, (value,)), names, st.sampled_from(["=", "==", "!="]), names),
    st.builds(
        lambda key, op, values: Requirement(key, op, tuple(sorted(values))),
        names,
        st.sampled_from(["in", "notin"]),
        st.sets(names, min_size=1, max_size=3),
    ),
    st.builds(lambda key, op: Requirement(key, op), names, st.sampled_from(["exists", "!"])),
    st.builds(
        lambda key, op, number: Requirement(key, op, (str(number),)),
        names,
        st.sampled_from(["gt", "lt"]),
        st.integers(0, 99),
    ),
)


@pytest.mark.parametrize(
    ("text", "canonical", "matches_web", "matches_nothing"),
    [
        pytest.param("", "", True, True, id="empty"),
        pytest.param("app=web", "app=web", True, False, id="equals"),
        pytest.param("app == web", "app==web", True, False, id="double-equals"),
        pytest.param("app!=web", "app!=web", False, True, id="not-equals-takes-absent"),
        pytest.param("app in (web, db)", "app in (db,web)", True, False, id="in"),
        pytest.param("app notin (web,db)", "app notin (db,web)", False, True, id="notin"),
        pytest.param("app", "app", True, False, id="exists"),
        pytest.param("!app", "!app", False, True, id="not-exists"),
        pytest.param("n>4", "n>4", True, False, id="greater"),
        pytest.param("n<5", "n<5", False, False, id="less"),
        pytest.param("app>1", "app>1", False, False, id="no-number-is-not-greater"),
        pytest.param("app=", "app=", False, False, id="empty-value"),
        pytest.param("app in ()", "app in ()", False, False, id="empty-list"),
        pytest.param("app in (web,)", "app in (,web)", True, False, id="list-with-empty"),
        pytest.param("tier=front,app=web", "app=web,tier=front", True, False, id="sorted-by-key"),
        pytest.param("in in (in),app", "app,in in (in)", False, False, id="keywords-as-names"),
        pytest.param("app,tier!=front", "app,tier!=front", False, False, id="all-must-hold"),
    ],
)
def test_parse(text: str, canonical: str, matches_web: bool, matches_nothing: bool) -> None:
    selector = labels.parse(text)
    assert str(selector) == canonical
    assert selector.matches(WEB) is matches_web
    assert selector.matches({}) is matches_nothing


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        pytest.param("app=we b", "found 'b', expected: ',' or 'end of string'", id="two-words"),
        pytest.param("app in", "unable to parse requirement: found '' expected: '('", id="in-without-list"),
        pytest.param("app in (web", "unable to parse requirement: found '', expected: ',' or ')'", id="unclosed"),
        pytest.param("app in (", "unable to parse requirement: found '', expected: ',', ')' or identifier", id="open"),
        pytest.param("app in (a,", "unable to parse requirement: found '', expected: ',', or identifier", id="half"),
        pytest.param("=web", "found '=', expected: !, identifier, or 'end of string'", id="no-key"),
        pytest.param("app,,tier", "found ',', expected: identifier after ','", id="double-comma"),
        pytest.param("app,", "found '', expected: identifier after ','", id="trailing-comma"),
        pytest.param("app ~ web", "unable to parse requirement: found '~', expected: in, notin, =, ==, !=, gt, lt",
                     id="unknown-operator"),
        pytest.param("!app=web", "found '=', expected: ',' or 'end of string'", id="not-with-value"),
        pytest.param("app=(", "unable to parse requirement: found '(', expected: identifier", id="value-missing"),
        pytest.param("app>x", "unable to parse requirement: values[0]: Invalid value: \"x\": "
                     "for 'Gt', 'Lt' operators, the value must be an integer", id="no-number"),
        pytest.param("app=" + "a" * 64, f'unable to parse requirement: values[0][app]: Invalid value: "{"a" * 64}": '
                     "must be no more than 63 bytes", id="value-too-long"),
    ],
)  # fmt: skip
def test_parse_problems(text: str, problem: str) -> None:
    with pytest.raises(ValueError) as caught:
        labels.parse(text)
    assert str(caught.value) == problem


def test_a_bad_key_is_told_without_a_path() -> None:
    with pytest.raises(ValueError, match=r'^unable to parse requirement: <nil>: Invalid value: "-app": name part must'):
        labels.parse("-app=web")


@given(st.lists(requirements, max_size=4))
def test_text_reads_back(found: list[Requirement]) -> None:
    selector = Selector(found)
    assert labels.parse(str(selector)) == selector
    assert str(labels.parse(str(selector))) == str(selector)


@given(st.lists(requirements, max_size=4), st.dictionaries(names, names, max_size=4))
def test_a_selector_is_all_its_requirements(found: list[Requirement], given_: dict[str, str]) -> None:
    assert Selector(found).matches(given_) == all(Selector([each]).matches(given_) for each in found)


def test_everything_and_nothing() -> None:
    assert labels.everything().matches({}) and labels.everything().empty
    assert not labels.nothing().matches(WEB) and not labels.nothing().empty
    assert labels.nothing().add(Requirement("a", "exists")) is labels.nothing()
    assert labels.everything() != labels.nothing()
    assert labels.from_set({}).empty and labels.from_set(None).empty
    assert str(labels.from_set({"b": "2", "a": "1"})) == "a=1,b=2"
    assert str(labels.everything().add(Requirement("a", "exists"))) == "a"


def test_requires_exact_match() -> None:
    selector = labels.parse("a=1,b in (2),c in (3,4),d!=5")
    assert [selector.requires_exact_match(key) for key in "abcdz"] == ["1", "2", None, None, None]


@pytest.mark.parametrize(
    ("selector", "text"),
    [
        pytest.param(None, "<none>", id="nothing"),
        pytest.param({}, "<none>", id="everything"),
        pytest.param({"matchLabels": {"b": "2", "a": "1"}}, "a=1,b=2", id="labels"),
        pytest.param({"matchLabels": {"b": "2"}, "matchExpressions": [
            {"key": "a", "operator": "In", "values": ["y", "x"]}, {"key": "c", "operator": "DoesNotExist"}]},
            "a in (x,y),b=2,!c", id="expressions"),
        pytest.param({"matchExpressions": [{"key": "a", "operator": "Like"}]}, "<error>", id="invalid"),
    ],
)  # fmt: skip
def test_format_selector(selector: Any, text: str) -> None:
    assert labelselector.format_selector(selector) == text


def test_no_selector_object_selects_nothing_and_an_empty_one_everything() -> None:
    assert not labelselector.as_selector(None).matches({})
    assert labelselector.as_selector({}).matches({})
    with pytest.raises(ValueError, match='"Like" is not a valid label selector operator'):
        labelselector.as_selector({"matchExpressions": [{"key": "a", "operator": "Like"}]})


def test_validate_label_selector() -> None:
    selector = {
        "matchLabels": {"a": "b c"},
        "matchExpressions": [
            {"key": "a", "operator": "In"},
            {"key": "a", "operator": "Exists", "values": ["x"]},
            {"key": "", "operator": "Like", "values": ["-"]},
        ],
    }
    errors = labelselector.validate_label_selector(selector, Path("spec", "selector"))
    at = "spec.selector.matchExpressions"
    assert [(error.field, error.error_body().split(" part ")[0].split(" a valid label")[0]) for error in errors] == [
        ("spec.selector.matchLabels", 'Invalid value: "b c":'),
        (f"{at}[0].values", "Required value: must be specified when `operator` is 'In' or 'NotIn'"),
        (f"{at}[1].values", "Forbidden: may not be specified when `operator` is 'Exists' or 'DoesNotExist'"),
        (f"{at}[2].operator", 'Invalid value: "Like": not a valid selector operator'),
        (f"{at}[2].key", 'Invalid value: "": name'),
        (f"{at}[2].key", 'Invalid value: "": name'),
        (f"{at}[2].values[0]", 'Invalid value: "-":'),
    ]
    assert labelselector.validate_label_selector(None, Path("spec")) == []
    lenient = labelselector.validate_label_selector(
        {"matchExpressions": [{"key": "a", "operator": "Like", "values": ["-"]}]},
        Path("spec"),
        allow_invalid_values=True,
        allow_unknown_operator=True,
    )
    assert lenient == []


def test_in_go_order() -> None:
    given_ = {"matchExpressions": [{"values": [], "operator": "Exists", "key": "k"}], "matchLabels": {"b": "", "a": ""}}
    ordered = labelselector.in_go_order(given_)
    assert repr(ordered) == repr(
        {"matchLabels": {"a": "", "b": ""}, "matchExpressions": [{"key": "k", "operator": "Exists"}]}
    )


def test_a_label_selector_as_go_prints_it() -> None:
    expression = {"key": "k", "operator": "In", "values": ["x", "y"]}
    assert labelselector.go_text({"matchLabels": {"b": "2", "a": "1"}, "matchExpressions": [expression]}) == (
        "&LabelSelector{MatchLabels:map[string]string{a: 1,b: 2,},MatchExpressions:[]LabelSelectorRequirement{"
        "LabelSelectorRequirement{Key:k,Operator:In,Values:[x y],},},}"
    )
    assert labelselector.go_text(None) == "nil"
