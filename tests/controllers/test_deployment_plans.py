"""What the Deployment controller decides, as tables of sizes. Cases after upstream's rolling_test.go, sync_test.go and
deployment_util_test.go."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from minikube_py.controllers.deployment.counts import fenceposts, max_unavailable, replicas
from minikube_py.controllers.deployment.proportional import plan_scale
from minikube_py.controllers.deployment.revisions import (
    DESIRED_REPLICAS,
    HISTORY_LENGTH,
    MAX_REPLICAS,
    REVISION,
    REVISION_HISTORY,
    count_annotation,
    find_new,
    is_scaling_event,
    last_revision,
    max_revision,
    new_annotations,
    superfluous,
)
from minikube_py.controllers.deployment.rolling import new_size, plan_new, plan_old
from minikube_py.controllers.deployment.status import calculate_status, rollout_status, until_deadline
from minikube_py.controllers.deployment.templatehash import replica_set_name, same_template, template_hash
from minikube_py.machinery.clock import rfc3339
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.random import SUFFIX_ALPHABET
from tests.controllers.workloads import deployment, template

NOW = 1_767_225_600.0


def a_set(name: str, size: int, *, available: int | None = None, age: int = 0, **annotations: str) -> Object:
    """Older ones have a greater age."""
    status = {"replicas": size, "availableReplicas": size if available is None else available}
    return {
        "metadata": {
            "name": name,
            "namespace": "default",
            "uid": name,
            "creationTimestamp": rfc3339(NOW - age),
            "annotations": annotations,
        },
        "spec": {"replicas": size, "template": template(name)},
        "status": status,
    }


@pytest.mark.parametrize(
    ("surge", "unavailable", "desired", "expected"),
    [
        pytest.param("0%", "0%", 0, (0, 1), id="both zero: one may be unavailable"),
        pytest.param("39%", "39%", 10, (4, 3), id="surge rounds up, unavailable down"),
        pytest.param("oops", "39%", 10, (0, 0), id="no percentage"),
        pytest.param(0, "39%", 10, (0, 3), id="no surge"),
        pytest.param("39%", 0, 10, (4, 0), id="none unavailable"),
        pytest.param("1%", "25%", 2, (1, 0), id="a small surge is one pod"),
        pytest.param(0, "1%", 2, (0, 1), id="a small unavailability counts if there is no surge"),
    ],
)
def test_fenceposts(surge: int | str, unavailable: int | str, desired: int, expected: tuple[int, int]) -> None:
    assert fenceposts(deployment(desired, surge=surge, unavailable=unavailable)) == expected


@pytest.mark.parametrize(
    ("wanted", "surge", "old", "new", "expected"),
    [
        pytest.param(10, 0, 10, 0, 0, id="no room without surge"),
        pytest.param(10, 2, 10, 0, 2, id="as far as surge allows"),
        pytest.param(10, 2, 5, 0, 7, id="and as old pods have gone"),
        pytest.param(10, 2, 10, 2, 2, id="surge used up"),
        pytest.param(10, 2, 2, 11, 10, id="too large: down at once"),
        pytest.param(6, 10, 2, 2, 6, id="not beyond what is wanted"),
        pytest.param(1, 1, 5, 0, 0, id="too many already"),
    ],
)
def test_plan_new(wanted: int, surge: int, old: int, new: int, expected: int) -> None:
    made = a_set("new", new)
    assert plan_new(deployment(wanted, surge=surge, unavailable=0), [a_set("old", old), made], made) == expected


def test_recreate_wants_all_at_once() -> None:
    assert new_size(deployment(3, strategy={"type": "Recreate"}), [a_set("old", 5)], None) == 3


@pytest.mark.parametrize(
    ("unavailable", "old", "new", "old_ready", "new_ready", "expected"),
    [
        pytest.param(0, 10, 0, 10, 0, [9], id="no surge, none unavailable: one goes all the same"),
        pytest.param(2, 10, 0, 10, 0, [8], id="as many as may be unavailable"),
        pytest.param(2, 10, 0, 8, 0, [8], id="those that are not ready go first"),
        pytest.param(2, 10, 0, 9, 0, [9, 8], id="one not ready, then one that is"),
        pytest.param(2, 8, 2, 8, 0, [], id="new ones not ready hold the old ones"),
        pytest.param(2, 0, 10, 0, 10, [], id="none left"),
        pytest.param(2, 8, 5, 9, 0, [], id="status yet to follow a scale-down"),
    ],
)
def test_plan_old(unavailable: int, old: int, new: int, old_ready: int, new_ready: int, expected: list[int]) -> None:
    made = a_set("new", new, available=new_ready)
    former = a_set("old", old, available=old_ready, age=60)
    plan = plan_old(deployment(10, surge=0, unavailable=unavailable), [former], made)
    assert [scaling.size for scaling in plan] == expected


def test_the_oldest_sets_are_scaled_down_first() -> None:
    new = a_set("new", 3)
    old = [a_set("v2", 4, age=10), a_set("v1", 5, age=20)]
    plan = plan_old(deployment(10, surge=2, unavailable=4), old, new)
    assert [(each.replica_set["metadata"]["name"], each.size) for each in plan] == [("v1", 0), ("v2", 3)]


@given(
    wanted=st.integers(0, 20),
    surge=st.integers(0, 5),
    unavailable=st.integers(0, 5),
    sizes=st.lists(st.tuples(st.integers(0, 20), st.integers(0, 20)), min_size=1, max_size=4),
)
def test_plans_keep_their_promises(wanted: int, surge: int, unavailable: int, sizes: list[tuple[int, int]]) -> None:
    """Up: never above replicas + maxSurge, unless it was. Down: never so that fewer than replicas - maxUnavailable
    available pods remain, when those not available go first."""
    made = deployment(wanted, surge=surge, unavailable=unavailable)
    sets = [a_set(f"v{n}", size, available=min(size, ready), age=n) for n, (size, ready) in enumerate(sizes)]
    new, old = sets[0], sets[1:]
    total = sum(replicas(each) for each in sets)
    grown = plan_new(made, sets, new)
    if grown > replicas(new):
        assert total - replicas(new) + grown <= wanted + fenceposts(made)[0]
        assert grown <= wanted
    after = {each["metadata"]["name"]: replicas(each) for each in sets}
    for scaling in plan_old(made, old, new):
        assert scaling.size < after[scaling.replica_set["metadata"]["name"]]
        after[scaling.replica_set["metadata"]["name"]] = scaling.size
    before = sum(each["status"]["availableReplicas"] for each in sets)
    left = sum(min(each["status"]["availableReplicas"], after[each["metadata"]["name"]]) for each in sets)
    assert left >= min(before, wanted - max_unavailable(made))


def annotated(sets: list[Object], before: int, surge: int, exceptions: dict[str, int]) -> list[Object]:
    for each in sets:
        desired = exceptions.get(each["metadata"]["name"], before)
        each["metadata"]["annotations"] = {DESIRED_REPLICAS: str(desired), MAX_REPLICAS: str(desired + surge)}
    return sets


@pytest.mark.parametrize(
    ("before", "after", "sizes", "expected", "more"),
    [
        pytest.param(10, 12, [10], [12], {}, id="one set grows"),
        pytest.param(10, 5, [10], [5], {}, id="one set shrinks"),
        pytest.param(5, 10, [2, 3], [4, 6], {}, id="5 to 10"),
        pytest.param(5, 3, [2, 3], [1, 2], {}, id="5 to 3"),
        pytest.param(9, 4, [8, 1], [4, 0], {}, id="9 to 4"),
        pytest.param(7, 10, [2, 3, 2], [3, 4, 3], {}, id="7 to 10"),
        pytest.param(13, 8, [2, 8, 3], [1, 5, 2], {}, id="13 to 8"),
        pytest.param(3, 4, [1, 1, 1], [2, 1, 1], {}, id="the newest gets what is left over"),
        pytest.param(3, 2, [1, 1, 1], [1, 1, 0], {}, id="the oldest loses it"),
        pytest.param(4, 5, [None, 2, 2], [3, 2], {}, id="without a new set, the newest old one"),
        pytest.param(6, 0, [3, 2, 1], [0, 0, 0], {}, id="to zero"),
        pytest.param(6, 6, [0, 0, 0], [6, 0, 0], {}, id="from zero"),
        pytest.param(5, 4, [0, 4], [0, 4], {}, id="to what the one active set has, where upstream hangs"),
        pytest.param(5, 5, [2, 1, 1], [2, 2, 1], {"desired": {"v1": 3}}, id="a write was lost the last time"),
        pytest.param(10, 20, [6, 6], [11, 11], {"surge": (2, 2)}, id="with surge"),
        pytest.param(10, 50, [5, 8], [22, 34], {"surge": (3, 6)}, id="size and surge change"),
        pytest.param(10, 14, [None, 7, 3], [10, 4], {}, id="size and template change"),
        pytest.param(2, 2, [2, 1], [2, 1], {"surge": (1, 1), "available": {"v0": 0}}, id="a broken new set"),
        pytest.param(2, 2, [2, 1], [2, 0], {"surge": (1, 1)}, id="a saturated new set"),
    ],
)
def test_plan_scale(
    before: int, after: int, sizes: list[int | None], expected: list[int], more: dict[str, Any]
) -> None:
    """Sizes are those of the new set and then of old ones, from the younger to the older."""
    surge_before, surge_after = more.get("surge", (0, 0))
    available: dict[str, int] = more.get("available", {})
    sets = [
        a_set(f"v{n}", size, available=available.get(f"v{n}"), age=n * 60)
        for n, size in enumerate(sizes)
        if size is not None
    ]
    annotated(sets, before, surge_before, more.get("desired", {}))
    new = None if sizes[0] is None else sets[0]
    made = deployment(after, surge=surge_after, unavailable=1)
    plan, _ = plan_scale(made, new, sets if new is None else sets[1:])
    result = {each["metadata"]["name"]: replicas(each) for each in sets}
    result.update({each.replica_set["metadata"]["name"]: each.size for each in plan})
    assert list(result.values()) == expected


@given(st.integers(0, 40), st.lists(st.integers(1, 20), min_size=2, max_size=5))
@example(2, [1, 1, 1, 1])
def test_shares_add_up(after: int, sizes: list[int]) -> None:
    """But for what rounding leaves the first set to give that it does not have: upstream asks no other set for it."""
    sets = annotated([a_set(f"v{n}", size, available=0, age=n) for n, size in enumerate(sizes)], sum(sizes), 0, {})
    plan, _ = plan_scale(deployment(after, surge=0, unavailable=1), sets[0], sets[1:])
    shares = [each.size for each in plan]
    assert min(shares) >= 0
    assert sum(shares) == after or (shares[0] == 0 and sum(shares) > after)


def test_annotations_of_a_set_to_be_made() -> None:
    made = deployment(3, surge=1)
    made["metadata"]["annotations"] = {"note": "x", REVISION: "7"}
    assert new_annotations(made, None, 2) == {
        "note": "x",
        REVISION: "2",
        DESIRED_REPLICAS: "3",
        MAX_REPLICAS: "4",
    }


@pytest.mark.parametrize(
    ("existing", "newest", "expected"),
    [
        pytest.param({REVISION: "1"}, 3, {REVISION: "3", REVISION_HISTORY: "1"}, id="rolled back to"),
        pytest.param(
            {REVISION: "3", REVISION_HISTORY: "1"}, 5, {REVISION: "5", REVISION_HISTORY: "1,3"}, id="and again"
        ),
        pytest.param({REVISION: "3"}, 2, {REVISION: "3"}, id="never back"),
        pytest.param({}, 1, {REVISION: "1"}, id="adopted"),
        pytest.param({REVISION: "x"}, 2, {REVISION: "x"}, id="no number"),
    ],
)
def test_revision_of_an_existing_set(existing: dict[str, str], newest: int, expected: dict[str, str]) -> None:
    assert new_annotations(deployment(1), existing, newest) == expected


def test_history_is_bounded() -> None:
    annotations: dict[str, str] = {REVISION: "1"}
    for revision in range(2, 1500):
        annotations = new_annotations(deployment(1), annotations, revision)
    history = annotations[REVISION_HISTORY]
    assert len(history) <= HISTORY_LENGTH and history.endswith(",1497,1498")


def test_revisions() -> None:
    sets = [a_set("a", 1, **{REVISION: "2"}), a_set("b", 1, **{REVISION: "x"}), a_set("c", 1, **{REVISION: "10"})]
    assert (max_revision(sets), last_revision(sets), last_revision(sets[:1])) == (10, 2, 0)


@pytest.mark.parametrize(
    ("text", "expected"),
    [("10", 10), ("-1", None), ("x", None), ("", None), ("2147483648", None), ("0", 0)],
)
def test_count_annotation(text: str, expected: int | None) -> None:
    assert count_annotation(a_set("a", 1, **{MAX_REPLICAS: text}), MAX_REPLICAS) == expected


def test_only_active_sets_tell_of_a_scaling() -> None:
    sets = [a_set("a", 0, **{DESIRED_REPLICAS: "9"}), a_set("b", 3, **{DESIRED_REPLICAS: "3"}), a_set("c", 1)]
    assert not is_scaling_event(deployment(3), sets)
    assert is_scaling_event(deployment(4), sets)


def test_the_oldest_set_of_the_template_is_the_new_one() -> None:
    made = deployment(1, template=template("a"))
    one, two = a_set("a", 1, age=10), {**a_set("a", 1, age=20), "metadata": {**a_set("b", 1, age=20)["metadata"]}}
    assert find_new(made, [one, two]) is two
    assert find_new(made, [a_set("b", 1)]) is None


@pytest.mark.parametrize(
    ("limit", "expected"),
    [
        pytest.param(None, [], id="no limit"),
        pytest.param(2**31 - 1, [], id="no limit in numbers"),
        pytest.param(2, ["v1"], id="the oldest revision goes"),
        pytest.param(0, ["v1", "v3"], id="but not one with pods"),
    ],
)
def test_superfluous(limit: int | None, expected: list[str]) -> None:
    sets = [
        a_set("v3", 0, **{REVISION: "3"}),
        a_set("v1", 0, **{REVISION: "1"}),
        a_set("v2", 1, **{REVISION: "2"}),
    ]
    found = superfluous(deployment(1, revisionHistoryLimit=limit), sets)
    assert [each["metadata"]["name"] for each in found] == expected


def test_template_equality_ignores_the_hash() -> None:
    labeled = template("a", {"app": "web", "pod-template-hash": "xyz"})
    assert same_template(template("a"), labeled)
    assert same_template({"metadata": {"annotations": {}}, "spec": {}}, {"metadata": {"labels": None}, "spec": {}})
    assert not same_template(template("a"), template("b"))
    assert not same_template(template("a"), template("a", {"app": "other"}))


def test_template_hash() -> None:
    first = template_hash(template("a"), None)
    assert first == template_hash(template("a"), None) and set(first) <= set(SUFFIX_ALPHABET)
    assert len({first, template_hash(template("b"), None), template_hash(template("a"), 1)}) == 3
    assert replica_set_name("web", "abc") == "web-abc"
    assert len(replica_set_name("x" * 253, "abc")) == 253


def test_available_counts_what_may_be_unavailable() -> None:
    sets = [a_set("a", 4, available=3)]
    made = deployment(4, surge=0, unavailable=1)
    (available,) = calculate_status(made, sets, sets[0], NOW)["conditions"]
    assert (available["status"], available["reason"]) == ("True", "MinimumReplicasAvailable")
    sets = [a_set("a", 4, available=2)]
    (available,) = calculate_status(made, sets, sets[0], NOW)["conditions"]
    assert (available["status"], available["reason"]) == ("False", "MinimumReplicasUnavailable")


def test_more_available_than_wanted_is_not_unavailable() -> None:
    sets = [a_set("a", 2, available=5)]
    assert "unavailableReplicas" not in calculate_status(deployment(2), sets, sets[0], NOW)


def test_terminating_replicas_are_unknown_unless_all_tell() -> None:
    told, silent, unseen = a_set("a", 1), a_set("b", 1), a_set("c", 0)
    told["status"] |= {"terminatingReplicas": 2, "observedGeneration": 1}
    silent["status"] |= {"observedGeneration": 1}
    assert calculate_status(deployment(1), [told, unseen], told, NOW)["terminatingReplicas"] == 2
    assert "terminatingReplicas" not in calculate_status(deployment(1), [told, silent], told, NOW)
    assert "terminatingReplicas" not in calculate_status(deployment(1), [told], told, NOW, terminating=False)


def progressing(reason: str, ago: float = 0.0) -> Object:
    when = rfc3339(NOW - ago)
    return {
        "type": "Progressing",
        "status": "True",
        "reason": reason,
        "lastUpdateTime": when,
        "lastTransitionTime": when,
    }


def with_status(made: Object, condition: Object, **counts: int) -> Object:
    return {**made, "status": {**counts, "conditions": [condition]}}


@pytest.mark.parametrize(
    ("counts", "old", "new", "expected"),
    [
        pytest.param({"updatedReplicas": 1, "replicas": 2}, 1, 1, "Before", id="no news"),
        pytest.param({"updatedReplicas": 0, "replicas": 1}, 1, 1, "ReplicaSetUpdated", id="more updated pods"),
        pytest.param({"updatedReplicas": 1, "replicas": 3}, 1, 1, "ReplicaSetUpdated", id="fewer old pods"),
        pytest.param({"updatedReplicas": 1, "replicas": 1}, 0, 1, "Before", id="no old pods, not enough new ones"),
    ],
)
def test_progress(counts: dict[str, int], old: int, new: int, expected: str) -> None:
    made = with_status(deployment(3), progressing("Before", 10), **counts)
    sets = [a_set("new", new, available=0), a_set("old", old, available=0, age=9)]
    conditions = {each["type"]: each for each in rollout_status(made, sets, sets[0], NOW)["conditions"]}
    assert conditions["Progressing"]["reason"] == expected
    if expected != "Before":
        assert conditions["Progressing"]["lastUpdateTime"] == rfc3339(NOW)
        assert conditions["Progressing"]["lastTransitionTime"] == rfc3339(NOW - 10)


@pytest.mark.parametrize(
    ("reason", "ago", "expected"),
    [
        pytest.param("ReplicaSetUpdated", 600, ("True", "ReplicaSetUpdated"), id="in time"),
        pytest.param("ReplicaSetUpdated", 601, ("False", "ProgressDeadlineExceeded"), id="too late"),
        pytest.param("ProgressDeadlineExceeded", 0, ("False", "ProgressDeadlineExceeded"), id="stays so"),
        pytest.param("NewReplicaSetAvailable", 9999, ("True", "NewReplicaSetAvailable"), id="not after a success"),
    ],
)
def test_deadline(reason: str, ago: float, expected: tuple[str, str]) -> None:
    made = with_status(deployment(3), progressing(reason, ago), replicas=2, updatedReplicas=1)
    sets = [a_set("new", 1, available=0), a_set("old", 1, available=0, age=9)]
    conditions = {each["type"]: each for each in rollout_status(made, sets, sets[0], NOW)["conditions"]}
    assert (conditions["Progressing"]["status"], conditions["Progressing"]["reason"]) == expected


NO_DEADLINE = 2**31 - 1


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        pytest.param(deployment(1), None, id="no condition yet"),
        pytest.param(with_status(deployment(1), progressing("ReplicaSetUpdated", 180)), 420.0, id="runs"),
        pytest.param(with_status(deployment(1), progressing("ProgressDeadlineExceeded")), None, id="was exceeded"),
        pytest.param(
            with_status(deployment(1, progressDeadlineSeconds=NO_DEADLINE), progressing("ReplicaSetUpdated")),
            None,
            id="no deadline",
        ),
    ],
)
def test_until_deadline(made: Object, expected: float | None) -> None:
    assert until_deadline(made, {"replicas": 0}, NOW) == expected
