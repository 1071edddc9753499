"""Roles and bindings."""

from __future__ import annotations

from typing import Any

import pytest

from tests.kinds.core_api import Api
from tests.kinds.minimal import OBJECTS, changed

NO_URLS = "namespaced rules cannot apply to non-resource URLs"
MIXED = "rules cannot apply to both regular resources and non-resource URLs"


@pytest.mark.parametrize(
    ("obj", "expected"),
    [
        pytest.param(
            changed("Role", rules=[{"verbs": ["get"]}]),
            [
                "rules[0].apiGroups: Required value: resource rules must supply at least one api group",
                "rules[0].resources: Required value: resource rules must supply at least one resource",
            ],
            id="empty rule",
        ),
        pytest.param(
            changed("Role", rules=[{"verbs": ["get"], "nonResourceURLs": ["/x"]}]),
            [f'rules[0].nonResourceURLs: Invalid value: ["/x"]: {NO_URLS}'],
            id="URLs in a namespace",
        ),
        pytest.param(
            changed("ClusterRole", rules=[{"nonResourceURLs": ["/x"], "resources": ["pods"]}]),
            [
                "rules[0].verbs: Required value: verbs must contain at least one value",
                f'rules[0].nonResourceURLs: Invalid value: ["/x"]: {MIXED}',
            ],
            id="URLs and resources",
        ),
        pytest.param(
            changed("ClusterRole", aggregationRule={}),
            [
                "aggregationRule.clusterRoleSelectors: Required value: "
                "at least one clusterRoleSelector required if aggregationRule is non-nil"
            ],
            id="aggregating nothing",
        ),
        pytest.param(
            changed("RoleBinding", roleRef={"kind": "User", "name": "", "apiGroup": "x"}),
            [
                'roleRef.apiGroup: Unsupported value: "x": supported values: "rbac.authorization.k8s.io"',
                'roleRef.kind: Unsupported value: "User": supported values: "Role", "ClusterRole"',
                "roleRef.name: Required value",
            ],
            id="role",
        ),
        pytest.param(
            changed(
                "ClusterRoleBinding", subjects=[{"kind": "ServiceAccount", "name": "a"}, {"kind": "Odd", "name": "b"}]
            ),
            [
                "subjects[0].namespace: Required value",
                'subjects[1].kind: Unsupported value: "Odd": supported values: "ServiceAccount", "User", "Group"',
            ],
            id="subjects",
        ),
    ],
)
def test_errors(obj: dict[str, Any], expected: list[str]) -> None:
    assert Api().errors(obj) == expected


def test_subjects_get_their_group() -> None:
    subjects = [{"kind": kind, "name": "a"} for kind in ("User", "Group", "ServiceAccount")]
    draft = Api().draft(changed("RoleBinding", subjects=subjects))
    assert [subject.get("apiGroup") for subject in draft["subjects"]] == [
        "rbac.authorization.k8s.io",
        "rbac.authorization.k8s.io",
        None,
    ]


def test_the_role_of_a_binding_stays() -> None:
    other = changed("RoleBinding", roleRef={"kind": "Role", "name": "other"})
    shown = '{"APIGroup":"rbac.authorization.k8s.io","Kind":"Role","Name":"other"}'
    assert Api().update_errors(OBJECTS["RoleBinding"], other) == [
        f"roleRef: Invalid value: {shown}: cannot change roleRef"
    ]


def test_cells() -> None:
    subjects = [
        {"kind": "User", "name": "jane"},
        {"kind": "Group", "name": "devs"},
        {"kind": "ServiceAccount", "name": "a", "namespace": "n"},
        {"kind": "User", "name": "joe"},
    ]
    cells = Api().cells(changed("ClusterRoleBinding", subjects=subjects))
    assert cells[:2] + cells[3:] == ["a", "ClusterRole/r", "jane, joe", "devs", "n/a"]
