"""Which pods go first, whose pods are whose, and what a ReplicaSet's status says."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minikube_py.controllers.replicaset.ranking import deletion_cost, pods_to_delete
from minikube_py.controllers.replicaset.status import calculate_status
from minikube_py.controllers.runtime.claims import Claim, decide
from minikube_py.controllers.runtime.podcontrol import pod_from_template
from minikube_py.controllers.runtime.pods import PodView
from minikube_py.machinery.clock import rfc3339
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.wellknown import REPLICA_SET
from tests.controllers.workloads import LABELS, replica_set, template

NOW = 1_767_225_600.0
DAY = 86_400.0


def pod(
    name: str,
    *,
    node: str = "n1",
    phase: str = "Running",
    ready: float | None = None,
    age: float = DAY,
    restarts: int = 0,
    cost: str = "",
    uid: str = "",
    labels: dict[str, str] | None = None,
) -> Object:
    """`ready`: seconds since it became ready, None if it is not; `age`: seconds since it was made."""
    conditions = []
    if ready is not None:
        conditions = [{"type": "Ready", "status": "True", "lastTransitionTime": rfc3339(NOW - ready)}]
    annotations = {"controller.kubernetes.io/pod-deletion-cost": cost} if cost else {}
    containers = [{"name": "c", "restartCount": restarts}]
    return {
        "metadata": {
            "name": name,
            "namespace": "default",
            "uid": uid or name,
            "creationTimestamp": rfc3339(NOW - age),
            "annotations": annotations,
            "labels": labels if labels is not None else LABELS,
        },
        "spec": {"nodeName": node},
        "status": {"phase": phase, "conditions": conditions, "containerStatuses": containers},
    }


@pytest.mark.parametrize(
    ("first", "second", "related"),
    [
        pytest.param({"node": "", "phase": "Pending"}, {"phase": "Pending"}, 0, id="not assigned"),
        pytest.param({"phase": "Pending"}, {"phase": "Unknown"}, 0, id="pending before unknown"),
        pytest.param({"phase": "Unknown"}, {}, 0, id="unknown before running"),
        pytest.param({}, {"ready": 5}, 0, id="not ready"),
        pytest.param({"ready": DAY, "cost": "-5"}, {"ready": 5}, 0, id="cheaper"),
        pytest.param({"ready": DAY, "cost": "-5"}, {"ready": 5, "cost": "+9"}, 0, id="a malformed cost is none"),
        pytest.param({"ready": DAY, "node": "n2"}, {"ready": 5}, 3, id="doubled up"),
        pytest.param({"ready": 10}, {"ready": DAY}, 0, id="ready for less time"),
        pytest.param({"ready": 60, "uid": "a"}, {"ready": 40, "uid": "b"}, 0, id="ready about as long: by uid"),
        pytest.param({"ready": 40, "uid": "a"}, {"ready": 60, "uid": "b"}, 0, id="whichever"),
        pytest.param({"restarts": 3}, {"restarts": 1}, 0, id="more restarts"),
        pytest.param({"age": 10}, {"age": DAY}, 0, id="younger"),
        pytest.param({"age": 60, "uid": "a"}, {"age": 40, "uid": "b"}, 0, id="about as old: by uid"),
    ],
)
def test_goes_first(first: dict[str, Any], second: dict[str, Any], related: int) -> None:
    one, other = pod("one", **first), pod("other", **second)
    others = [pod(f"related-{n}", node="n2") for n in range(related)]
    for order in ([one, other], [other, one]):
        assert pods_to_delete(order, [*order, *others], 1, NOW) == [one]


def test_sidecar_restarts_count_after_others() -> None:
    one, other = pod("one"), pod("other")
    for each, count in ((one, 4), (other, 2)):
        each["spec"]["initContainers"] = [{"name": "s", "restartPolicy": "Always"}]
        each["status"]["initContainerStatuses"] = [{"name": "s", "restartCount": count}]
    assert pods_to_delete([other, one], [], 1, NOW) == [one]


def test_all_go_if_all_have_to() -> None:
    both = [pod("one", ready=1), pod("other")]
    assert pods_to_delete(both, [], 2, NOW) == both


@pytest.mark.parametrize(
    ("text", "cost"),
    [("", 0), ("0", 0), ("10", 10), ("-7", -7), ("+1", 0), ("01", 0), ("x", 0), ("99999999999", 0), ("-", 0)],
)
def test_deletion_cost(text: str, cost: int) -> None:
    assert deletion_cost(pod("one", cost=text)) == cost


@given(st.lists(st.tuples(st.sampled_from(["", "n1", "n2"]), st.booleans(), st.integers(0, 2)), max_size=12), st.data())
def test_unready_pods_never_outlive_ready_ones(shapes: list[tuple[str, bool, int]], data: st.DataObject) -> None:
    active = [
        pod(f"p{n}", node=node, ready=60.0 if ready and node else None, restarts=restarts)
        for n, (node, ready, restarts) in enumerate(shapes)
    ]
    count = data.draw(st.integers(0, len(active)))
    doomed = {each["metadata"]["name"] for each in pods_to_delete(active, active, count, NOW)}
    assert len(doomed) == count
    ready = {each["metadata"]["name"] for each in active if each["status"]["conditions"]}
    unready = {each["metadata"]["name"] for each in active} - ready
    assert not (doomed & ready) or unready <= doomed


OWNER: Object = {"metadata": {"name": "web", "namespace": "default", "uid": "o"}}
GOING: Object = {"metadata": {**OWNER["metadata"], "deletionTimestamp": "2026-01-01T00:00:00Z"}}
OURS = [{"kind": "ReplicaSet", "name": "web", "uid": "o", "controller": True}]
THEIRS = [{"kind": "ReplicaSet", "name": "web", "uid": "x", "controller": True}]
NOT_CONTROLLING = [{"kind": "ConfigMap", "name": "c", "uid": "o"}]


@pytest.mark.parametrize(
    ("owner", "references", "matches", "claim"),
    [
        pytest.param(OWNER, OURS, True, Claim.KEEP, id="ours"),
        pytest.param(OWNER, OURS, False, Claim.RELEASE, id="ours, no longer matching"),
        pytest.param(GOING, OURS, True, Claim.KEEP, id="ours while going"),
        pytest.param(GOING, OURS, False, Claim.IGNORE, id="nothing is released while going"),
        pytest.param(OWNER, THEIRS, True, Claim.IGNORE, id="another's"),
        pytest.param(OWNER, [], True, Claim.ADOPT, id="orphan"),
        pytest.param(OWNER, NOT_CONTROLLING, True, Claim.ADOPT, id="owned, but not controlled"),
        pytest.param(OWNER, [], False, Claim.IGNORE, id="stranger"),
        pytest.param(GOING, [], True, Claim.IGNORE, id="nothing is adopted while going"),
    ],
)
def test_claims(owner: Object, references: list[Object], matches: bool, claim: Claim) -> None:
    obj = {"metadata": {"name": "p", "namespace": "default", "uid": "p", "ownerReferences": references}}
    assert decide(owner, obj, matches) is claim


def test_neither_what_is_going_nor_what_is_elsewhere_is_adopted() -> None:
    metadata = {"name": "p", "namespace": "default", "uid": "p"}
    going = {"metadata": {**metadata, "deletionTimestamp": "2026-01-01T00:00:00Z"}}
    assert decide(OWNER, going, True) is Claim.IGNORE
    assert decide(OWNER, {"metadata": {**metadata, "namespace": "other"}}, True) is Claim.IGNORE


def test_pod_from_template() -> None:
    made = template(labels={"a": "b"})
    made["metadata"] |= {"annotations": {"note": "x"}, "finalizers": ["test/hold"], "name": "ignored"}
    owner = {"metadata": {"name": "web", "namespace": "default", "uid": "o"}}
    metadata = pod_from_template(made, owner, REPLICA_SET)["metadata"]
    assert metadata.pop("ownerReferences")[0]["uid"] == "o"
    assert metadata == {
        "generateName": "web-",
        "labels": {"a": "b"},
        "annotations": {"note": "x"},
        "finalizers": ["test/hold"],
    }


def test_status_counts() -> None:
    owner = replica_set(5, minReadySeconds=30, template=template(labels={**LABELS, "extra": "1"}))
    owner["metadata"]["generation"] = 4
    full = {**LABELS, "extra": "1"}
    active = [PodView(pod("a", ready=60, labels=full)), PodView(pod("b", ready=10)), PodView(pod("c"))]
    assert calculate_status(owner, active, 2, None, NOW) == {
        "replicas": 3,
        "fullyLabeledReplicas": 1,
        "readyReplicas": 2,
        "availableReplicas": 1,
        "terminatingReplicas": 2,
        "observedGeneration": 4,
    }


@pytest.mark.parametrize(
    ("wanted", "reason"),
    [pytest.param(2, "FailedCreate", id="too few"), pytest.param(0, "FailedDelete", id="too many")],
)
def test_failures_come_and_go(wanted: int, reason: str) -> None:
    owner = replica_set(wanted)
    status = calculate_status(owner, [PodView(pod("a"))], None, ValueError("no"), NOW)
    (failure,) = status["conditions"]
    assert failure == {
        "type": "ReplicaFailure",
        "status": "True",
        "reason": reason,
        "message": "no",
        "lastTransitionTime": rfc3339(NOW),
    }
    later = calculate_status({**owner, "status": status}, [], None, ValueError("other"), NOW + 9)
    assert later["conditions"] == [failure]
    assert "conditions" not in calculate_status({**owner, "status": status}, [], None, None, NOW)
