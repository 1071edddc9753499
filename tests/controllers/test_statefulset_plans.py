"""What the StatefulSet controller decides, as tables of pods. Cases after upstream's stateful_set_control_test.go and
stateful_set_utils_test.go."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from minikube_py.controllers.runtime.history import REVISION_HASH, snapshot
from minikube_py.controllers.statefulset.identity import (
    POD_INDEX,
    POD_NAME,
    Member,
    identity_matches,
    member,
    new_claims,
    new_pod,
    ordinal,
    storage_matches,
    with_identity,
    with_storage,
)
from minikube_py.controllers.statefulset.plan import BURST, World, arrange, plan
from minikube_py.controllers.statefulset.revisions import choose, current_of, superfluous
from minikube_py.controllers.statefulset.status import as_written, count, is_news, with_completion
from minikube_py.machinery.clock import rfc3339
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.integers import INT32_MAXIMUM
from minikube_py.machinery.meta import name

NOW = 1_767_225_600.0
LAW = settings(derandomize=True, deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow])
"""No matter how busy the machine is."""
CLAIM = {"metadata": {"name": "data"}, "spec": {"accessModes": ["ReadWriteOnce"]}}


def template(image: str = "web:new") -> Object:
    return {"metadata": {"labels": {"app": "web"}}, "spec": {"containers": [{"name": "web", "image": image}]}}


def stateful_set(replicas: int = 3, *, claims: bool = False, **spec: Any) -> Object:
    made = {
        "replicas": replicas,
        "serviceName": "svc",
        "selector": {"matchLabels": {"app": "web"}},
        "template": template(),
        "podManagementPolicy": "OrderedReady",
        "updateStrategy": {"type": "RollingUpdate", "rollingUpdate": {"partition": 0}},
        "revisionHistoryLimit": 10,
        **({"volumeClaimTemplates": [CLAIM]} if claims else {}),
    }
    metadata = {"name": "web", "namespace": "default", "uid": "web uid", "generation": 1}
    return {"metadata": metadata, "spec": {**made, **spec}}


def revision(name: str, image: str, number: int = 1) -> Object:
    return {"metadata": {"name": name}, "data": snapshot({"spec": {"template": template(image)}}), "revision": number}


OLD, NEW = revision("old", "web:old", 1), revision("new", "web:new", 2)
REVISIONS = {"old": OLD, "new": NEW}

READY_FOR = {"available": 100, "ready": 5}
"""Seconds; sets in these tests have minReadySeconds of 0 or 10."""


def pod(owner: Object, ordinal: int, state: str = "available", revision: str = "new") -> Object:
    """`state`: available, ready (for 5 seconds), running, pending, failed, succeeded; with a "-" it is terminating."""
    made = new_pod(owner, ordinal, revision)
    made["metadata"]["uid"] = f"{name(made)} uid"
    if state.endswith("-"):
        state = state[:-1]
        made["metadata"]["deletionTimestamp"] = rfc3339(NOW)
    phase = {"pending": "Pending", "failed": "Failed", "succeeded": "Succeeded"}.get(state, "Running")
    made["status"] = {"phase": phase}
    if state in READY_FOR:
        since = rfc3339(NOW - READY_FOR[state])
        made["status"]["conditions"] = [{"type": "Ready", "status": "True", "lastTransitionTime": since}]
    return made


def world(owner: Object, states: dict[int, str], *claims: Object, current: str = "new") -> World:
    """`states` are those of the pods by ordinal, "available" or "available old"."""
    pods = [pod(owner, ordinal, *text.split()) for ordinal, text in states.items()]
    there = {name(claim): claim for claim in claims}
    return World(owner, REVISIONS[current], NEW, pods, there.get, NOW)


def steps(seen: World) -> list[str]:
    made = plan(seen)
    every = (*made.wanted, *made.claims, *made.condemned, *made.outdated)
    return [f"{step.verb.value} {name(step.pod).removeprefix('web-')}" for step in every]


PARALLEL: Object = {"podManagementPolicy": "Parallel"}


@pytest.mark.parametrize(
    ("spec", "states", "expected"),
    [
        pytest.param({}, {}, ["create 0"], id="one after the other"),
        pytest.param(PARALLEL, {}, ["create 0", "create 1", "create 2"], id="all at once"),
        pytest.param({}, {0: "pending"}, [], id="waits for a pending one"),
        pytest.param({}, {0: "running"}, [], id="waits for one that is not ready"),
        pytest.param({}, {0: "available"}, ["create 1"], id="goes on"),
        pytest.param(PARALLEL, {1: "pending"}, ["create 0", "create 2"], id="parallel waits for none"),
        pytest.param({}, {1: "available", 2: "available"}, ["create 0"], id="fills a gap"),
        pytest.param({}, {0: "available-", 2: "available"}, [], id="waits for a terminating one"),
        pytest.param({}, {0: "failed", 1: "available"}, ["delete 0"], id="replaces a failed one"),
        pytest.param({}, {0: "succeeded", 1: "available"}, ["delete 0"], id="replaces a succeeded one"),
        pytest.param({}, {0: "failed-"}, [], id="a failed one is deleted once"),
        pytest.param(PARALLEL, {0: "failed"}, ["delete 0", "create 1", "create 2"], id="parallel replaces and goes on"),
        pytest.param({"minReadySeconds": 10}, {0: "ready"}, [], id="waits for availability"),
        pytest.param({"minReadySeconds": 10}, {0: "available"}, ["create 1"], id="available long enough"),
        pytest.param({"ordinals": {"start": 2}}, {}, ["create 2"], id="starts at an ordinal"),
        pytest.param(
            {"ordinals": {"start": 2}}, {2: "available", 3: "available"}, ["create 4"], id="ends after an ordinal"
        ),
        pytest.param({}, {0: "available", 1: "available", 2: "available"}, [], id="all there"),
    ],
)
def test_scaling_up(spec: Object, states: dict[int, str], expected: list[str]) -> None:
    assert steps(world(stateful_set(3, **spec), states)) == expected


@pytest.mark.parametrize(
    ("spec", "states", "expected"),
    [
        pytest.param({}, {0: "available", 1: "available", 2: "available"}, ["delete 2"], id="from the highest"),
        pytest.param(PARALLEL, {0: "available", 1: "available", 2: "running"}, ["delete 2", "delete 1"], id="all"),
        pytest.param({}, {0: "running", 1: "available"}, [], id="waits for the wanted"),
        pytest.param(PARALLEL, {0: "running", 1: "available"}, ["delete 1"], id="parallel does not"),
        pytest.param({}, {0: "available", 1: "available", 2: "available-"}, [], id="waits for the one that goes"),
        pytest.param({}, {0: "available", 1: "running", 2: "available"}, ["delete 2"], id="healthy before unhealthy"),
        pytest.param({}, {0: "available", 1: "available", 2: "running"}, ["delete 2"], id="the only unhealthy may go"),
        pytest.param({}, {0: "available", 1: "running", 2: "running"}, [], id="unhealthy ones go lowest first"),
        pytest.param({"minReadySeconds": 10}, {0: "available", 1: "ready", 2: "ready"}, [], id="neither is available"),
        pytest.param(
            {"ordinals": {"start": 1}}, {0: "available", 1: "available"}, ["delete 0"], id="below the first ordinal"
        ),
        pytest.param(PARALLEL, {0: "available", 2: "available-"}, [], id="deleted once"),
    ],
)
def test_scaling_down_to_one(spec: Object, states: dict[int, str], expected: list[str]) -> None:
    assert steps(world(stateful_set(1, **spec), states)) == expected


def rolling(**rolling_update: Any) -> Object:
    return {"updateStrategy": {"type": "RollingUpdate", "rollingUpdate": {"partition": 0, **rolling_update}}}


ON_DELETE = {"updateStrategy": {"type": "OnDelete"}}
ALL_OLD = dict.fromkeys(range(4), "available old")


@pytest.mark.parametrize(
    ("spec", "states", "expected"),
    [
        pytest.param({}, {}, ["delete 3"], id="from the highest"),
        pytest.param(PARALLEL, {}, ["delete 3"], id="parallel updates one by one too"),
        pytest.param(ON_DELETE, {}, [], id="not by itself"),
        pytest.param({}, {3: "available"}, ["delete 2"], id="goes on"),
        pytest.param(PARALLEL, {3: "pending"}, [], id="waits for the updated"),
        pytest.param({"minReadySeconds": 10, **PARALLEL}, {3: "ready"}, [], id="waits for its availability"),
        pytest.param(PARALLEL, {3: "available- old"}, [], id="waits for the one that goes"),
        pytest.param(PARALLEL, {2: "running old"}, ["delete 3"], id="a broken one waits for its turn"),
        pytest.param({}, {2: "running old"}, [], id="ordered waits for the broken one first"),
        pytest.param(rolling(partition=2), {3: "available"}, ["delete 2"], id="down to the partition"),
        pytest.param(rolling(partition=2), {2: "available", 3: "available"}, [], id="not below the partition"),
        pytest.param(rolling(partition=9), {}, [], id="a partition above all"),
        pytest.param({**rolling(partition=2), "ordinals": {"start": 0}}, {}, ["delete 3"], id="with ordinals"),
        pytest.param(rolling(maxUnavailable=2), {}, ["delete 3", "delete 2"], id="several at once"),
        pytest.param(rolling(maxUnavailable="50%"), {}, ["delete 3", "delete 2"], id="a share"),
        pytest.param(rolling(maxUnavailable="10%"), {}, ["delete 3"], id="a share is one at least"),
        pytest.param(
            {**rolling(maxUnavailable=2), **PARALLEL}, {3: "pending"}, ["delete 2"], id="the unavailable count"
        ),
        pytest.param(
            {**rolling(maxUnavailable=2), **PARALLEL}, {0: "running old", 1: "running old"}, [], id="also the old ones"
        ),
        pytest.param({**rolling(maxUnavailable=3, partition=3)}, {}, ["delete 3"], id="several, not below partition"),
    ],
)
def test_updating(spec: Object, states: dict[int, str], expected: list[str]) -> None:
    assert steps(world(stateful_set(4, **spec), {**ALL_OLD, **states}, current="old")) == expected


LIFE = ("available", "ready", "running", "available-", "pending")
STATES = st.sampled_from([f"{state} {hash}" for state in LIFE for hash in ("new", "old")])
SOME_PODS = st.dictionaries(st.integers(0, 7), STATES)


@LAW
@given(SOME_PODS, st.integers(1, 4), st.booleans(), st.integers(0, 5))
def test_updating_costs_no_more_than_allowed(states: dict[int, str], most: int, ordered: bool, partition: int) -> None:
    spec = rolling(partition=partition) if most == 1 else rolling(partition=partition, maxUnavailable=most)
    seen = world(stateful_set(5, minReadySeconds=10, **spec, **({} if ordered else PARALLEL)), states, current="old")
    planned = plan(seen)
    doomed = [step.pod for step in planned.outdated]
    assert all(ordinal(each) >= partition and each["metadata"]["labels"][REVISION_HASH] == "old" for each in doomed)
    available = sum(text.startswith("available ") for number, text in states.items() if number < 5)
    lost = sum(states[ordinal(each)].startswith("available ") for each in doomed)
    # A set without maxUnavailable looks only at the pods above the one it takes, as it always has.
    assert lost <= (1 if most == 1 else max(0, most - (5 - available)))


@LAW
@given(SOME_PODS)
def test_ordered_sets_make_one_or_delete_one(states: dict[int, str]) -> None:
    assert sum(step.startswith(("create ", "delete ")) for step in steps(world(stateful_set(5), states))) <= 1


@pytest.mark.parametrize(
    ("spec", "status", "expected"),
    [
        pytest.param({}, {}, "new new new", id="as the template is"),
        pytest.param(rolling(partition=2), {}, "old old new", id="as it was below the partition"),
        pytest.param({**rolling(partition=1), "ordinals": {"start": 5}}, {}, "old new new", id="from the start"),
        pytest.param(ON_DELETE, {"currentReplicas": 3}, "new new new", id="replaced ones are new"),
        pytest.param(
            {"updateStrategy": {"type": "RollingUpdate"}}, {"currentReplicas": 1}, "old new new", id="by count"
        ),
    ],
)
def test_missing_pods_come_back_at_their_revision(spec: Object, status: Object, expected: str) -> None:
    owner = {**stateful_set(3, **PARALLEL, **spec), "status": status}
    wanted, condemned = arrange(world(owner, {}, current="old"))
    assert [each["metadata"]["labels"][REVISION_HASH] for each in wanted] == expected.split() and condemned == []
    assert [each["spec"]["containers"][0]["image"] for each in wanted] == [f"web:{each}" for each in expected.split()]


def test_an_ordered_set_drafts_only_what_it_makes_next() -> None:
    wanted, _ = arrange(world(stateful_set(5), {0: "available", 3: "available"}))
    assert [name(each) for each in wanted] == ["web-0", "web-1", "web-3"]


@pytest.mark.parametrize(
    ("spec", "number"), [pytest.param({}, 1, id="ordered"), pytest.param(PARALLEL, BURST, id="parallel")]
)
def test_no_number_is_too_large(spec: Object, number: int) -> None:
    assert len(steps(world(stateful_set(INT32_MAXIMUM, **spec), {5: "available old"}))) == number


def test_a_set_being_deleted_does_nothing() -> None:
    owner = stateful_set(3)
    owner["metadata"]["deletionTimestamp"] = rfc3339(NOW)
    seen = world(owner, {0: "failed", 7: "available"})
    assert steps(seen) == [] and plan(seen).counted is seen.pods


def test_pods_without_an_ordinal_are_none_of_its() -> None:
    owner = stateful_set(1)
    stray = pod(owner, 0)
    stray["metadata"]["name"] = "web-x"
    seen = World(owner, NEW, NEW, [stray], lambda claim: None, NOW)
    assert steps(seen) == ["create 0"]


# Claims

BOUND: Object = {"metadata": {"name": "data-web-0"}}
GOING: Object = {"metadata": {"name": "data-web-0", "deletionTimestamp": "2026-01-01T00:00:00Z"}}
STALE: Object = {
    "metadata": {
        "name": "data-web-0",
        "ownerReferences": [{"apiVersion": "v1", "kind": "Pod", "name": "web-0", "uid": "former"}],
    }
}
DELETE_SCALED = {"persistentVolumeClaimRetentionPolicy": {"whenScaled": "Delete", "whenDeleted": "Retain"}}


@pytest.mark.parametrize(
    ("spec", "states", "claim", "expected"),
    [
        pytest.param({}, {0: "pending"}, None, ["create claims 0"], id="missing ones of a pending pod"),
        pytest.param({}, {0: "pending"}, BOUND, [], id="there"),
        pytest.param({}, {0: "pending"}, GOING, ["create claims 0"], id="one that goes is an error to be told"),
        pytest.param({}, {0: "available"}, None, [], id="a running pod has had its claim"),
        pytest.param({}, {}, STALE, ["create 0"], id="a former pod's claim is kept anyway"),
        pytest.param(DELETE_SCALED, {}, STALE, [], id="a former pod's claim has to go first"),
        pytest.param(DELETE_SCALED, {}, BOUND, ["create 0"], id="nobody's claim is taken"),
    ],
)
def test_claims_of_the_wanted(spec: Object, states: dict[int, str], claim: Object | None, expected: list[str]) -> None:
    claims = [] if claim is None else [claim]
    assert steps(world(stateful_set(1, claims=True, **spec), states, *claims)) == expected


def test_claims_of_the_condemned_are_handed_over_first() -> None:
    owner = stateful_set(0, claims=True, **DELETE_SCALED)
    assert steps(world(owner, {0: "available"}, BOUND)) == ["own claims 0", "delete 0"]


def test_claims_of_running_pods_follow_the_policy() -> None:
    owner = stateful_set(1, claims=True, persistentVolumeClaimRetentionPolicy={"whenDeleted": "Delete"})
    assert steps(world(owner, {0: "available"}, BOUND)) == ["update 0"]


# Identity


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("web-3", Member("web", 3), id="plain"),
        pytest.param("a-b-12", Member("a-b", 12), id="a name with dashes"),
        pytest.param("web", Member("", -1), id="none"),
        pytest.param("web-", Member("", -1), id="nothing after the dash"),
        pytest.param("web-x1", Member("", -1), id="no number"),
        pytest.param("web-²", Member("", -1), id="no ASCII number"),
        pytest.param("web-2147483648", Member("web", -1), id="too large"),
        pytest.param("web-007", Member("web", 7), id="leading zeros"),
    ],
)
def test_member(text: str, expected: Member) -> None:
    assert member(text) == expected


def test_new_pod() -> None:
    made = new_pod(stateful_set(claims=True), 2, "web-abc")
    assert made["metadata"]["name"] == "web-2"
    assert made["metadata"]["generateName"] == "web-"
    assert made["metadata"]["labels"] == {
        "app": "web",
        REVISION_HASH: "web-abc",
        POD_NAME: "web-2",
        POD_INDEX: "2",
    }
    assert made["spec"] == {
        "containers": [{"name": "web", "image": "web:new"}],
        "hostname": "web-2",
        "subdomain": "svc",
        "volumes": [{"name": "data", "persistentVolumeClaim": {"claimName": "data-web-2"}}],
    }


def test_pods_of_older_versions_have_no_index() -> None:
    assert POD_INDEX not in new_pod(stateful_set(), 2, "web-abc", index_label=False)["metadata"]["labels"]


def test_identity_is_checked_and_restored() -> None:
    owner = stateful_set()
    made = pod(owner, 0)
    assert identity_matches(owner, made)
    stripped = {**made, "metadata": {**made["metadata"], "labels": {"app": "web"}}}
    assert not identity_matches(owner, stripped)
    assert identity_matches(owner, with_identity(stripped))
    padded = {**made, "metadata": {**made["metadata"], "name": "web-00", "labels": {POD_NAME: "web-00"}}}
    assert not identity_matches(owner, padded)


def test_storage_is_checked_and_restored() -> None:
    owner = stateful_set(claims=True)
    made = pod(owner, 0)
    assert storage_matches(owner, made)
    other = {"name": "data", "persistentVolumeClaim": {"claimName": "data-web-1"}}
    empty = {"name": "scratch", "emptyDir": {}}
    changed = {**made, "spec": {**made["spec"], "volumes": [empty, other]}}
    assert not storage_matches(owner, changed)
    assert with_storage(owner, changed)["spec"]["volumes"] == [*made["spec"]["volumes"], empty]


def test_claims_have_the_selected_labels() -> None:
    owner = stateful_set(volumeClaimTemplates=[{"metadata": {"name": "data", "labels": {"app": "x", "tier": "db"}}}])
    (claim,) = new_claims(owner, 4)
    assert claim["metadata"] == {
        "name": "data-web-4",
        "namespace": "default",
        "labels": {"app": "web", "tier": "db"},
    }


# Revisions


@pytest.mark.parametrize(
    ("revisions", "expected"),
    [
        pytest.param([], (None, 1), id="the first"),
        pytest.param([OLD], (None, 2), id="a new one"),
        pytest.param([OLD, NEW], ("new", 2), id="the newest is it"),
        pytest.param([revision("back", "web:new", 1), revision("mid", "web:mid", 2)], ("back", 3), id="going back"),
        pytest.param([revision("a", "web:new", 1), revision("b", "web:new", 2)], ("b", 2), id="of two the newer one"),
    ],
)
def test_choose(revisions: list[Object], expected: tuple[str | None, int]) -> None:
    chosen = choose(stateful_set(), revisions)
    assert (chosen.revision and name(chosen.revision), chosen.number) == expected


def test_current_revision_is_the_one_told_before() -> None:
    owner = {**stateful_set(), "status": {"currentRevision": "old"}}
    assert current_of(owner, [OLD, NEW], NEW) is OLD
    assert current_of(owner, [NEW], NEW) is NEW
    assert current_of(stateful_set(), [OLD, NEW], NEW) is NEW


@pytest.mark.parametrize(
    ("limit", "expected"),
    [
        pytest.param(0, ["r1", "r3"], id="none but the live"),
        pytest.param(1, ["r1"], id="the oldest go"),
        pytest.param(2, [], id="all fit"),
        pytest.param(-1, [], id="no limit"),
    ],
)
def test_superfluous(limit: int, expected: list[str]) -> None:
    owner = stateful_set(revisionHistoryLimit=limit)
    revisions = [revision(f"r{number}", f"web:{number}", number) for number in (1, 2, 3, 4, 5)]
    live = [revisions[3], revisions[4]]
    assert [name(each) for each in superfluous(owner, revisions, [pod(owner, 0, revision="r2")], live)] == expected


# Status


def test_counts() -> None:
    owner = stateful_set(9, minReadySeconds=10)
    states = ("available old", "ready new", "running new", "pending old", "available- old", "available other")
    pods = [pod(owner, ordinal, *text.split()) for ordinal, text in enumerate(states)]
    draft = new_pod(owner, 7, "new")
    assert count(owner, [*pods, draft], "old", "new", NOW) == {
        "replicas": 6,
        "readyReplicas": 4,
        "availableReplicas": 3,
        "currentReplicas": 2,
        "updatedReplicas": 2,
    }


def status(**counts: Any) -> Object:
    base = dict.fromkeys(("replicas", "readyReplicas", "availableReplicas", "currentReplicas", "updatedReplicas"), 3)
    return {**base, "currentRevision": "old", "updateRevision": "new", "observedGeneration": 1, **counts}


@pytest.mark.parametrize(
    ("spec", "counts", "expected"),
    [
        pytest.param({}, {"currentReplicas": 0}, ("new", 3), id="complete"),
        pytest.param({}, {"updatedReplicas": 2, "currentReplicas": 1}, ("old", 1), id="not all updated"),
        pytest.param({}, {"readyReplicas": 2, "currentReplicas": 0}, ("old", 0), id="not all ready"),
        pytest.param(ON_DELETE, {"currentReplicas": 0}, ("old", 0), id="without rolling the first stays current"),
    ],
)
def test_completion(spec: Object, counts: Object, expected: tuple[str, int]) -> None:
    done = with_completion(stateful_set(3, **spec), status(**counts))
    assert (done["currentRevision"], done["currentReplicas"]) == expected


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        pytest.param({}, False, id="nothing"),
        pytest.param({"readyReplicas": 2}, True, id="a count"),
        pytest.param({"updateRevision": "newer"}, True, id="a revision"),
        pytest.param({"collisionCount": 3}, False, id="collisions wait for other news"),
    ],
)
def test_news(change: Object, expected: bool) -> None:
    owner = {**stateful_set(), "status": as_written(status())}
    assert is_news(owner, status(**change)) is expected


def test_an_unobserved_generation_is_news() -> None:
    owner = {**stateful_set(), "status": {**status(), "observedGeneration": 0}}
    assert is_news(owner, status())
