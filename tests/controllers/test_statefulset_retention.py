"""Who owns a StatefulSet's claims, as tables. Cases after upstream's stateful_set_utils_test.go."""

from __future__ import annotations

import itertools

import pytest

from minikube_py.controllers.statefulset.retention import (
    has_unexpected_controller,
    is_stale,
    is_up_to_date,
    with_owners,
)
from minikube_py.machinery.gvr import Object

SET_REFERENCE = {"apiVersion": "apps/v1", "kind": "StatefulSet", "name": "web", "uid": "set"}
POD_REFERENCE = {"apiVersion": "v1", "kind": "Pod", "name": "web-1", "uid": "pod"}
OTHER = {"apiVersion": "v1", "kind": "ConfigMap", "name": "x", "uid": "x"}


def controller(reference: Object) -> Object:
    return {**reference, "controller": True, "blockOwnerDeletion": True}


def stateful_set(scaled: str, deleted: str, replicas: int = 2) -> Object:
    policy = {"whenScaled": scaled, "whenDeleted": deleted}
    metadata = {"name": "web", "namespace": "default", "uid": "set"}
    return {"metadata": metadata, "spec": {"replicas": replicas, "persistentVolumeClaimRetentionPolicy": policy}}


POD: Object = {"metadata": {"name": "web-1", "namespace": "default", "uid": "pod"}, "spec": {}}


def claim(*references: Object) -> Object:
    return {"metadata": {"name": "data-web-1", "namespace": "default", "ownerReferences": list(references)}}


WANTED = [
    pytest.param("Retain", "Retain", 2, [], id="nobody"),
    pytest.param("Retain", "Retain", 1, [], id="nobody, condemned"),
    pytest.param("Retain", "Delete", 2, [SET_REFERENCE], id="set"),
    pytest.param("Retain", "Delete", 1, [SET_REFERENCE], id="set, condemned"),
    pytest.param("Delete", "Retain", 2, [], id="nobody until scaled"),
    pytest.param("Delete", "Retain", 1, [POD_REFERENCE], id="pod, condemned"),
    pytest.param("Delete", "Delete", 2, [SET_REFERENCE], id="set until scaled"),
    pytest.param("Delete", "Delete", 1, [POD_REFERENCE], id="pod instead of set, condemned"),
]


@pytest.mark.parametrize(("scaled", "deleted", "replicas", "wanted"), WANTED)
@pytest.mark.parametrize("had", list(itertools.product((False, True), repeat=3)))
def test_owners(scaled: str, deleted: str, replicas: int, wanted: list[Object], had: tuple[bool, ...]) -> None:
    """Whatever owners there were, the wanted ones are made, and others that do not control stay."""
    owner = stateful_set(scaled, deleted, replicas)
    references = [each for each, there in zip((SET_REFERENCE, POD_REFERENCE, OTHER), had, strict=True) if there]
    before = claim(*(each if each is OTHER else controller(each) for each in references))
    others = [each for each in references if each is OTHER]
    expected = [*others, *map(controller, wanted)]
    after = with_owners(before, owner, POD)
    assert after["metadata"].get("ownerReferences", []) == expected
    assert is_up_to_date(after, owner, POD)
    same = sorted(each["uid"] for each in references) == sorted(each["uid"] for each in expected)
    assert is_up_to_date(before, owner, POD) == same


DELETE_BOTH = stateful_set("Delete", "Delete")
RETAIN_BOTH = stateful_set("Retain", "Retain")


@pytest.mark.parametrize(
    ("owner", "references", "expected"),
    [
        pytest.param(DELETE_BOTH, [], False, id="none"),
        pytest.param(DELETE_BOTH, [OTHER], False, id="an owner that does not control"),
        pytest.param(DELETE_BOTH, [controller(OTHER)], True, id="another controller"),
        pytest.param(RETAIN_BOTH, [controller(OTHER)], False, id="of no interest if retained"),
        pytest.param(DELETE_BOTH, [controller(SET_REFERENCE)], False, id="the set"),
        pytest.param(DELETE_BOTH, [{**SET_REFERENCE, "uid": "former"}], True, id="a former set"),
        pytest.param(DELETE_BOTH, [{**POD_REFERENCE, "uid": "former"}], True, id="a former pod"),
        pytest.param(DELETE_BOTH, [{**controller(SET_REFERENCE), "apiVersion": "x/v1"}], True, id="another group's"),
    ],
)
def test_unexpected_controllers(owner: Object, references: list[Object], expected: bool) -> None:
    assert has_unexpected_controller(claim(*references), owner, POD) is expected


@pytest.mark.parametrize(
    ("references", "expected"),
    [
        pytest.param([SET_REFERENCE], False, id="owns without controlling"),
        pytest.param([{**SET_REFERENCE, "uid": "former"}], True, id="a former set's is left alone"),
        pytest.param([{**POD_REFERENCE, "uid": "former"}], True, id="a former pod's is left alone"),
        pytest.param([controller(OTHER)], True, id="another's is left alone"),
        pytest.param([controller(OTHER), SET_REFERENCE], False, id="but not with us beside it"),
    ],
)
def test_claims_in_a_strange_state(references: list[Object], expected: bool) -> None:
    assert is_up_to_date(claim(*references), DELETE_BOTH, POD) is expected


def test_we_step_back_beside_another_controller() -> None:
    after = with_owners(claim(controller(OTHER), SET_REFERENCE), DELETE_BOTH, POD)
    assert after["metadata"]["ownerReferences"] == [controller(OTHER)]


def test_stale() -> None:
    assert is_stale(claim({**POD_REFERENCE, "uid": "former"}), POD)
    assert not is_stale(claim(POD_REFERENCE), POD)
    assert not is_stale(claim({**POD_REFERENCE, "name": "web-2"}), POD)
