"""Which names of a CRD are accepted."""

from __future__ import annotations

from typing import Any

import pytest

from minikube_py.api.customresources.acceptance import accept_names
from minikube_py.machinery.gvr import Object
from tests.customresources.definitions import condition

NOW = "2024-01-02T03:04:05Z"
WIDGET = {"plural": "widgets", "singular": "widget", "kind": "Widget", "listKind": "WidgetList"}


def named(names: Object, accepted: Object | None = None, group: str = "example.com", *conditions: Object) -> Object:
    held = accepted if accepted is not None else {"plural": "", "kind": ""}
    return {"spec": {"group": group, "names": names}, "status": {"acceptedNames": held, "conditions": list(conditions)}}


GIZMO = {"plural": "gizmos", "singular": "gizmo", "kind": "Gizmo", "listKind": "GizmoList"}


@pytest.mark.parametrize(
    ("names", "reason", "message", "lost"),
    [
        pytest.param({}, "NoConflicts", "no conflicts found", [], id="none"),
        pytest.param({"kind": "Widget"}, "KindConflict", '"Widget" is already in use', ["kind"], id="kind"),
        pytest.param(
            {"singular": "widgets"}, "SingularConflict", '"widgets" is already in use', ["singular"], id="singular"
        ),
        pytest.param(
            {"shortNames": ["gz", "widget"]},
            "ShortNamesConflict",
            '"widget" is already in use',
            ["shortNames"],
            id="short-name",
        ),
        pytest.param(
            {"shortNames": ["widget", "widgets"]},
            "ShortNamesConflict",
            '["widget" is already in use, "widgets" is already in use]',
            ["shortNames"],
            id="short-names",
        ),
        pytest.param(
            {"kind": "Widget", "listKind": "WidgetList"},
            "ListKindConflict",
            '"WidgetList" is already in use',
            ["kind", "listKind"],
            id="the-last-conflict-is-told",
        ),
    ],
)
def test_conflicts(names: Object, reason: str, message: str, lost: list[str]) -> None:
    wanted = {**GIZMO, **names}
    crd = named(wanted)
    status = accept_names(crd, [named(WIDGET, WIDGET), crd], NOW)
    assert status is not None
    good = not lost
    assert condition({"status": status}, "NamesAccepted") == ("True" if good else "False", reason, message)
    assert condition({"status": status}, "Established")[:2] == ("False", "Installing" if good else "NotAccepted")
    accepted = {name: value for name, value in status["acceptedNames"].items() if value}
    assert accepted == {name: value for name, value in wanted.items() if name not in lost}


@pytest.mark.parametrize(
    "crd",
    [
        pytest.param(named(WIDGET, WIDGET), id="accepted"),
        pytest.param(
            named(
                {**GIZMO, "kind": "Widget"},
                {"plural": "gizmos", "singular": "gizmo", "kind": "", "listKind": "GizmoList"},
                "example.com",
                {
                    "type": "NamesAccepted",
                    "status": "False",
                    "reason": "KindConflict",
                    "message": '"Widget" is already in use',
                },
            ),
            id="refused-and-told",
        ),
    ],
)
def test_nothing_new(crd: Any) -> None:
    assert accept_names(crd, [named(WIDGET, WIDGET), crd], NOW) is None


def test_other_groups_do_not_matter() -> None:
    crd = named(WIDGET)
    status = accept_names(crd, [named(WIDGET, WIDGET, "other.com"), crd], NOW)
    assert status is not None and status["acceptedNames"] == WIDGET


def test_what_is_established_stays_so() -> None:
    established = {"type": "Established", "status": "True", "reason": "InitialNamesAccepted", "message": "m"}
    crd = named({**GIZMO, "shortNames": ["widget"]}, GIZMO, "example.com", established)
    status = accept_names(crd, [named(WIDGET, WIDGET), crd], NOW)
    assert status is not None
    assert condition({"status": status}, "NamesAccepted")[0] == "False"
    assert condition({"status": status}, "Established") == ("True", "InitialNamesAccepted", "m")
