"""What the DaemonSet controller decides, as tables of nodes and pods. Cases after upstream's daemon_controller_test.go,
update_test.go and daemonset_util_test.go."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from minikube_py.controllers.daemonset import placement, rolling
from minikube_py.controllers.daemonset.backoff import FORGET_AFTER, LIMIT, FailedPodsBackoff
from minikube_py.controllers.daemonset.eligibility import Checks, Eligibility, compile_check, node_info
from minikube_py.controllers.daemonset.placement import Changes, Placement, by_node
from minikube_py.controllers.daemonset.podtemplate import is_updated, new_pod, target_node, tolerations
from minikube_py.controllers.daemonset.revisions import newest, split, superfluous
from minikube_py.controllers.daemonset.status import count, new_status
from minikube_py.controllers.runtime.history import snapshot
from minikube_py.controllers.runtime.pods import is_available
from minikube_py.machinery.clock import rfc3339
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.meta import is_deleting, name, uid

NOW = 1_767_225_600.0
NEW, OLD = "new", "old"
LAW = settings(derandomize=True, deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow])
"""No matter how busy the machine is."""
REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution"


def daemon_set(pod_spec: Object | None = None, **spec: Any) -> Object:
    template = {"metadata": {"labels": {"app": "d"}}, "spec": {"containers": [], **(pod_spec or {})}}
    base = {"selector": {"matchLabels": {"app": "d"}}, "template": template, "updateStrategy": update(unavailable=1)}
    metadata = {"name": "d", "namespace": "default", "uid": "d", "generation": 1}
    return {"metadata": metadata, "spec": {**base, **spec}}


def update(unavailable: int | str = 0, surge: int | str = 0) -> Object:
    return {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": unavailable, "maxSurge": surge}}


def node(name: str = "n", labels: dict[str, str] | None = None, *taints: tuple[str, str]) -> Object:
    found = [{"key": key, "effect": effect} for key, effect in taints]
    return {"metadata": {"name": name, "labels": labels or {}}, "spec": {"taints": found}}


# Eligibility

BOTH, STAY, NEITHER = Eligibility(True, True), Eligibility(False, True), Eligibility(False, False)


def affinity(**term: Any) -> Object:
    return {"affinity": {"nodeAffinity": {REQUIRED: {"nodeSelectorTerms": [term]}}}}


ZONE_A = affinity(matchExpressions=[{"key": "zone", "operator": "In", "values": ["a"]}])
TOLERATES_ALL = {"tolerations": [{"operator": "Exists"}]}


@pytest.mark.parametrize(
    ("pod_spec", "of", "expected"),
    [
        pytest.param({}, node(), BOTH, id="any"),
        pytest.param({"nodeName": "n"}, node(), BOTH, id="its name"),
        pytest.param({"nodeName": "m"}, node(), NEITHER, id="another's name"),
        pytest.param({"nodeSelector": {"zone": "a"}}, node("n", {"zone": "a"}), BOTH, id="its labels"),
        pytest.param({"nodeSelector": {"zone": "a"}}, node("n", {"zone": "b"}), NEITHER, id="other labels"),
        pytest.param({"nodeName": "n", "nodeSelector": {"zone": "a"}}, node(), NEITHER, id="name but not labels"),
        pytest.param(ZONE_A, node("n", {"zone": "a"}), BOTH, id="affinity"),
        pytest.param(ZONE_A, node("n", {"zone": "b"}), NEITHER, id="no affinity"),
        pytest.param(
            affinity(matchFields=[{"key": "metadata.name", "operator": "In", "values": ["m"]}]),
            node(),
            NEITHER,
            id="affinity to another's name",
        ),
        pytest.param({}, node("n", {}, ("mine", "NoSchedule")), STAY, id="tainted"),
        pytest.param({}, node("n", {}, ("mine", "NoExecute")), NEITHER, id="tainted to evict"),
        pytest.param({}, node("n", {}, ("mine", "PreferNoSchedule")), BOTH, id="tainted a little"),
        pytest.param(TOLERATES_ALL, node("n", {}, ("mine", "NoExecute")), BOTH, id="tolerated"),
        pytest.param({}, node("n", {}, ("node.kubernetes.io/not-ready", "NoExecute")), BOTH, id="not ready"),
        pytest.param({}, node("n", {}, ("node.kubernetes.io/unreachable", "NoExecute")), BOTH, id="unreachable"),
        pytest.param({}, node("n", {}, ("node.kubernetes.io/unschedulable", "NoSchedule")), BOTH, id="cordoned"),
        pytest.param({}, node("n", {}, ("node.kubernetes.io/disk-pressure", "NoSchedule")), BOTH, id="disk pressure"),
        pytest.param({}, node("n", {}, ("node.kubernetes.io/not-ready", "NoSchedule")), STAY, id="not ready, new pods"),
        pytest.param(
            {}, node("n", {}, ("node.kubernetes.io/network-unavailable", "NoSchedule")), STAY, id="no network"
        ),
        pytest.param(
            {"hostNetwork": True},
            node("n", {}, ("node.kubernetes.io/network-unavailable", "NoSchedule")),
            BOTH,
            id="no network, none needed",
        ),
        pytest.param({}, node("n", {}, ("a", "NoSchedule"), ("b", "NoExecute")), NEITHER, id="the worse taint counts"),
    ],
)
def test_eligibility(pod_spec: Object, of: Object, expected: Eligibility) -> None:
    assert compile_check(daemon_set(pod_spec))(node_info(of)) == expected


def test_checks_follow_the_generation() -> None:
    checks, owner = Checks(), daemon_set()
    assert checks.of(owner) is checks.of({**owner, "status": {}})
    changed = daemon_set({"nodeName": "m"})
    changed["metadata"]["generation"] = 2
    assert checks.of(changed)(node_info(node())) == NEITHER


# Pods


def test_new_pod() -> None:
    owner = daemon_set(affinity(matchExpressions=[{"key": "zone", "operator": "Exists"}]))
    owner["metadata"]["annotations"] = {"deprecated.daemonset.template.generation": "4"}
    made = new_pod(owner, "n1", "abc")
    assert made["metadata"]["generateName"] == "d-"
    assert made["metadata"]["labels"] == {
        "app": "d",
        "controller-revision-hash": "abc",
        "pod-template-generation": "4",
    }
    term = {"matchFields": [{"key": "metadata.name", "operator": "In", "values": ["n1"]}]}
    assert made["spec"]["affinity"] == {"nodeAffinity": {REQUIRED: {"nodeSelectorTerms": [term]}}}
    assert target_node(made) == "n1"
    assert [each["key"].removeprefix("node.kubernetes.io/") for each in made["spec"]["tolerations"]] == [
        "not-ready",
        "unreachable",
        "disk-pressure",
        "memory-pressure",
        "pid-pressure",
        "unschedulable",
    ]


def test_other_affinities_stay() -> None:
    anti: Object = {"podAntiAffinity": {REQUIRED: []}}
    preferred: Object = {"preferredDuringSchedulingIgnoredDuringExecution": []}
    made = new_pod(daemon_set({"affinity": {**anti, "nodeAffinity": preferred}}), "n1", "abc")
    assert made["spec"]["affinity"].items() >= anti.items()
    assert made["spec"]["affinity"]["nodeAffinity"].items() >= preferred.items()


def test_a_toleration_for_some_time_becomes_one_for_all_time() -> None:
    mine = {"key": "node.kubernetes.io/not-ready", "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 5}
    found = tolerations({"tolerations": [{"key": "x", "operator": "Exists"}, mine]})
    assert [each["key"].removeprefix("node.kubernetes.io/") for each in found[:3]] == ["x", "not-ready", "unreachable"]
    assert "tolerationSeconds" not in found[1]


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        pytest.param({"nodeName": "n"}, "n", id="assigned"),
        pytest.param({}, "", id="for none"),
        pytest.param(affinity(matchExpressions=[]), "", id="by labels"),
        pytest.param(
            affinity(matchFields=[{"key": "metadata.name", "operator": "In", "values": ["a", "b"]}]), "", id="for two"
        ),
        pytest.param(
            affinity(matchFields=[{"key": "metadata.name", "operator": "NotIn", "values": ["a"]}]), "", id="for others"
        ),
    ],
)
def test_target_node(spec: Object, expected: str) -> None:
    assert target_node({"metadata": {}, "spec": spec}) == expected


@pytest.mark.parametrize(
    ("labels", "generation", "expected"),
    [
        pytest.param({"controller-revision-hash": "abc"}, None, True, id="by hash"),
        pytest.param({"controller-revision-hash": "x", "pod-template-generation": "3"}, 3, True, id="by generation"),
        pytest.param({"controller-revision-hash": "x", "pod-template-generation": "2"}, 3, False, id="neither"),
        pytest.param({}, None, False, id="no labels"),
    ],
)
def test_is_updated(labels: dict[str, str], generation: int | None, expected: bool) -> None:
    assert is_updated({"metadata": {"labels": labels}}, "abc", generation) is expected


# Placement

AGES = {"available": 100, "ready": 5}


def pod(text: str, owner: Object, of: str, index: int) -> Object:
    """ "new available": the hash and the state (available, ready for 5 s, running, pending, failed, succeeded, waiting
    for its node); with a "-" it is terminating."""
    hash, state = text.split()
    made = new_pod(owner, of, hash)
    terminating, state = state.endswith("-"), state.rstrip("-")
    identity = {"name": f"{of}-{index}", "uid": f"{of}-{index}"}
    made["metadata"] |= {**identity, "creationTimestamp": rfc3339(NOW - 50 + index)}
    if terminating:
        made["metadata"]["deletionTimestamp"] = rfc3339(NOW)
    if state != "waiting":
        made["spec"]["nodeName"] = of
    phase = {"pending": "Pending", "waiting": "Pending", "failed": "Failed", "succeeded": "Succeeded"}
    made["status"] = {"phase": phase.get(state, "Running")}
    if state in AGES:
        since = rfc3339(NOW - AGES[state])
        made["status"]["conditions"] = [{"type": "Ready", "status": "True", "lastTransitionTime": since}]
    return made


def world(
    owner: Object,
    nodes: dict[str, list[str]],
    *,
    stay: str = "",
    neither: str = "",
    gone: str = "",
    backoff: float = 0,
) -> Placement:
    """Pods by node. Pods may only stay on the nodes named in `stay`, not be on those in `neither`; those in `gone` are
    no nodes any more."""
    pods = [pod(text, owner, of, index) for of, texts in nodes.items() for index, text in enumerate(texts)]
    eligible = {of: STAY if of in stay.split() else NEITHER if of in neither.split() else BOTH for of in nodes}
    for each in gone.split():
        del eligible[each]
    return Placement(owner, NEW, eligible, by_node(pods), NOW, lambda node: backoff)


def told(changes: Changes) -> list[str]:
    return [f"+{each}" for each in changes.create] + [f"-{name(each)}" for each in changes.delete]


SURGING = {"updateStrategy": update(surge=1)}


@pytest.mark.parametrize(
    ("spec", "nodes", "options", "expected"),
    [
        pytest.param({}, {"a": [], "b": []}, {}, ["+a", "+b"], id="one on each"),
        pytest.param({}, {"a": ["new running"]}, {}, [], id="there"),
        pytest.param({}, {"a": ["new waiting"]}, {}, [], id="on its way"),
        pytest.param({}, {"a": ["old running"]}, {}, [], id="an old one is one"),
        pytest.param({}, {"a": ["new running-"]}, {}, [], id="waits for the one that goes"),
        pytest.param({}, {"a": ["new failed-"]}, {}, ["+a"], id="not for one that has ended"),
        pytest.param({}, {"a": ["new running", "new running"]}, {}, ["-a-1"], id="the older stays"),
        pytest.param({}, {"a": ["new waiting", "new running"]}, {}, ["-a-0"], id="the one with a node stays"),
        pytest.param({}, {"a": ["new failed"]}, {}, ["-a-0"], id="a failed one goes"),
        pytest.param({}, {"a": ["new failed"]}, {"backoff": 3}, [], id="not at once again"),
        pytest.param({}, {"a": ["new failed", "old failed"]}, {}, ["-a-0"], id="failed ones go one after the other"),
        pytest.param({}, {"a": ["new succeeded"]}, {"backoff": 3}, ["-a-0"], id="a succeeded one goes"),
        pytest.param({}, {"a": []}, {"stay": "a"}, [], id="none is made where it may only stay"),
        pytest.param({}, {"a": ["new running"]}, {"stay": "a"}, [], id="it stays"),
        pytest.param({}, {"a": ["new running"]}, {"neither": "a"}, ["-a-0"], id="it goes"),
        pytest.param({}, {"a": ["new running-"]}, {"neither": "a"}, [], id="it goes once"),
        pytest.param({}, {"a": ["new waiting"]}, {"gone": "a"}, ["-a-0"], id="waiting for a node that is gone"),
        pytest.param({}, {"a": ["new running"]}, {"gone": "a"}, [], id="went with its node"),
        pytest.param(SURGING, {"a": ["old running-"]}, {}, ["+a"], id="surging, one is made beside the one that goes"),
        pytest.param(SURGING, {"a": ["old running-"]}, {"stay": "a"}, [], id="surging, not where it may only stay"),
        pytest.param(SURGING, {"a": ["old available", "new running"]}, {}, [], id="surging, two"),
        pytest.param(SURGING, {"a": ["old running", "new running"]}, {}, ["-a-0"], id="surging, the broken old goes"),
        pytest.param(SURGING, {"a": ["old ready", "new ready"]}, {}, ["-a-0"], id="surging, the new has taken over"),
        pytest.param(
            {**SURGING, "minReadySeconds": 10}, {"a": ["old available", "new ready"]}, {}, [], id="surging, not yet"
        ),
        pytest.param(
            {**SURGING, "minReadySeconds": 10},
            {"a": ["old running", "new ready"]},
            {},
            ["-a-0"],
            id="surging, nothing to wait for",
        ),
        pytest.param(
            SURGING,
            {"a": ["old ready", "old ready", "new running", "new running"]},
            {},
            ["-a-1", "-a-3"],
            id="surging, one of each at most",
        ),
    ],
)
def test_placement(spec: Object, nodes: dict[str, list[str]], options: Any, expected: list[str]) -> None:
    assert told(placement.plan(world(daemon_set(**spec), nodes, **options))) == expected


def test_finished_pods_are_told_and_waited_for() -> None:
    seen = world(daemon_set(), {"a": ["new failed"], "b": ["new succeeded"]}, backoff=3)
    changes = placement.plan(seen)
    assert ([name(each) for each in changes.finished], changes.wait) == (["b-0"], 3)


# Rolling updates


@pytest.mark.parametrize(
    ("strategy", "nodes", "expected"),
    [
        pytest.param((0, 0), 0, (0, 0, 0), id="no nodes"),
        pytest.param((0, 0), 3, (0, 1, 3), id="neither: one may be unavailable"),
        pytest.param((1, 0), 3, (0, 1, 3), id="a number"),
        pytest.param(("10%", 0), 3, (0, 1, 3), id="a share, rounded up"),
        pytest.param(("50%", 0), 4, (0, 2, 4), id="a share"),
        pytest.param((0, "30%"), 4, (2, 0, 4), id="a surging share, rounded up"),
    ],
)
def test_limits(strategy: tuple[int | str, int | str], nodes: int, expected: tuple[int, int, int]) -> None:
    owner = daemon_set(updateStrategy=update(*strategy))
    seen = world(owner, {f"n{index}": [] for index in range(nodes)})
    assert rolling.limits(seen) == expected


OLD_ONES = {"a": ["old available"], "b": ["old available"], "c": ["old available"]}


@pytest.mark.parametrize(
    ("unavailable", "nodes", "options", "expected"),
    [
        pytest.param(1, {}, {}, ["-a-0"], id="one"),
        pytest.param(2, {}, {}, ["-a-0", "-b-0"], id="two"),
        pytest.param(9, {}, {}, ["-a-0", "-b-0", "-c-0"], id="all"),
        pytest.param(1, {"a": ["new running"]}, {}, [], id="a new one is unavailable"),
        pytest.param(1, {"a": ["new available"]}, {}, ["-b-0"], id="goes on"),
        pytest.param(1, {"a": ["old available-"]}, {}, [], id="one is going"),
        pytest.param(1, {"a": []}, {}, [], id="one is missing"),
        pytest.param(1, {"b": ["old running"]}, {}, ["-b-0"], id="a broken one first"),
        pytest.param(1, {"b": ["old running"], "c": ["old running"]}, {}, ["-b-0", "-c-0"], id="all broken ones"),
        pytest.param(2, {"b": ["old running"]}, {}, ["-b-0", "-a-0"], id="and a working one"),
        pytest.param(2, {"a": ["old available", "old available"]}, {}, ["-b-0"], id="too many count as unavailable"),
        pytest.param(1, {"a": ["new running"], "b": ["old running"]}, {}, ["-b-0"], id="beyond the limit if broken"),
        pytest.param(1, {"x": []}, {"stay": "x"}, ["-a-0"], id="nodes without a pod by right do not count"),
    ],
)
def test_updating_without_surge(
    unavailable: int, nodes: dict[str, list[str]], options: Any, expected: list[str]
) -> None:
    owner = daemon_set(updateStrategy=update(unavailable=unavailable), minReadySeconds=10)
    assert told(rolling.plan(world(owner, {**OLD_ONES, **nodes}, **options))) == expected


@pytest.mark.parametrize(
    ("surge", "nodes", "options", "expected"),
    [
        pytest.param(1, {}, {}, ["+a"], id="one"),
        pytest.param(2, {}, {}, ["+a", "+b"], id="two"),
        pytest.param(1, {"a": ["old available", "new running"]}, {}, [], id="waits for the new"),
        pytest.param(1, {"a": ["old available", "new ready"]}, {}, [], id="waits for its availability"),
        pytest.param(1, {"a": ["old available", "new available"]}, {}, ["+b", "-a-0"], id="the new takes over"),
        pytest.param(1, {"a": ["new available"]}, {}, ["+b"], id="goes on"),
        pytest.param(1, {"b": ["old running"]}, {}, ["+b", "+a"], id="a broken one does not count"),
        pytest.param(1, {"a": ["old available-"]}, {}, ["+b"], id="one that goes is the placement's"),
        pytest.param(1, {"b": ["old running"]}, {"stay": "b"}, ["+a", "-b-0"], id="misplaced and broken"),
        pytest.param(1, {}, {"stay": "b"}, ["+a", "-b-0"], id="misplaced, enough others"),
        pytest.param(1, {"a": ["old running"]}, {"stay": "b"}, ["+a", "+c"], id="misplaced, but needed"),
        pytest.param(1, {"b": ["old available"]}, {"gone": "b"}, ["+a"], id="a node that is gone"),
        pytest.param(1, {"a": ["old ready", "old ready"]}, {}, [], id="too many count as surging"),
    ],
)
def test_updating_with_surge(surge: int, nodes: dict[str, list[str]], options: Any, expected: list[str]) -> None:
    owner = daemon_set(updateStrategy=update(surge=surge), minReadySeconds=10)
    assert told(rolling.plan(world(owner, {**OLD_ONES, **nodes}, **options))) == expected


LIFE = ("available", "ready", "running", "waiting")
STATES = st.sampled_from([f"{hash} {state}{end}" for hash in (NEW, OLD) for state in LIFE for end in ("", "-")])
SOME_NODES = st.dictionaries(st.sampled_from("abcdef"), st.lists(STATES, max_size=2))


def served(seen: Placement, *, without: Changes | None = None) -> set[str]:
    """The nodes that are to have a pod and have an available one that stays."""
    doomed = {uid(pod) for pod in without.delete} if without is not None else set()
    return {
        of
        for of, pods in seen.pods.items()
        for pod in pods
        if is_available(pod, 10, NOW) and not is_deleting(pod) and uid(pod) not in doomed
    }


@LAW
@given(SOME_NODES, st.integers(1, 4))
def test_deleting_first_costs_no_more_than_allowed(nodes: dict[str, list[str]], unavailable: int) -> None:
    seen = world(daemon_set(updateStrategy=update(unavailable=unavailable), minReadySeconds=10), nodes)
    before, after = served(seen), served(seen, without=rolling.plan(seen))
    assert len(nodes) - len(after) <= max(unavailable, len(nodes) - len(before))


@LAW
@given(SOME_NODES, st.integers(1, 4))
def test_creating_first_costs_nothing_and_makes_no_more_than_allowed(nodes: dict[str, list[str]], surge: int) -> None:
    seen = world(daemon_set(updateStrategy=update(surge=surge), minReadySeconds=10), nodes)
    changes = rolling.plan(seen)
    assert served(seen, without=changes) == served(seen)
    assert len([of for of in changes.create if of in served(seen)]) <= surge
    assert len(set(changes.create)) == len(changes.create)


@LAW
@given(SOME_NODES, st.sampled_from([0, 1]))
def test_placing_is_settled_once_done(nodes: dict[str, list[str]], surge: int) -> None:
    """What is deleted and made as planned leaves nothing to plan."""
    owner = daemon_set(updateStrategy=update(unavailable=1 - surge, surge=surge))
    seen = world(owner, nodes)
    changes = placement.plan(seen)
    doomed = {uid(pod) for pod in changes.delete}
    left = {of: [pod for pod in pods if uid(pod) not in doomed] for of, pods in seen.pods.items()}
    for of in changes.create:
        left.setdefault(of, []).append(pod("new waiting", owner, of, 9))
    assert told(placement.plan(seen._replace(pods={of: pods for of, pods in left.items() if pods}))) == []


# Revisions


def revision(text: str, number: int) -> Object:
    """Of a template whose pods are named so."""
    owner = daemon_set({"hostname": text})
    labels = {"controller-revision-hash": f"hash of {text}{number}"}
    return {"metadata": {"name": f"{text}{number}", "labels": labels}, "data": snapshot(owner), "revision": number}


def test_split_by_the_template() -> None:
    revisions = [revision("a", 1), revision("b", 2), revision("a", 3)]
    found = split(daemon_set({"hostname": "a"}), revisions)
    assert ([name(each) for each in found.current], [name(each) for each in found.old]) == (["a1", "a3"], ["b2"])
    assert found.number == 3
    assert name(newest(found.current)) == "a3"
    assert split(daemon_set(), []).number == 1


@pytest.mark.parametrize(
    ("limit", "expected"),
    [
        pytest.param(0, ["a1", "c3"], id="none but the live"),
        pytest.param(1, ["a1", "c3"], id="the live count"),
        pytest.param(2, ["a1"], id="the oldest goes"),
        pytest.param(3, [], id="all fit"),
    ],
)
def test_superfluous(limit: int, expected: list[str]) -> None:
    live = {"metadata": {"labels": {"controller-revision-hash": "hash of b2"}}}
    revisions = [revision("c", 3), revision("a", 1), revision("b", 2)]
    assert [name(each) for each in superfluous(daemon_set(revisionHistoryLimit=limit), revisions, [live])] == expected


# Status


def test_counts() -> None:
    nodes = {
        "a": ["new available"],
        "b": ["new ready"],
        "c": ["old available", "new running"],
        "d": [],
        "e": ["new available"],
        "f": [],
        "g": ["new failed-"],
    }
    seen = world(daemon_set(minReadySeconds=10), nodes, stay="e f")
    assert count(seen) == {
        "currentNumberScheduled": 3,
        "numberMisscheduled": 1,
        "desiredNumberScheduled": 5,
        "numberReady": 3,
        "updatedNumberScheduled": 2,
        "numberAvailable": 2,
        "numberUnavailable": 3,
    }


COUNTS = {"currentNumberScheduled": 1, "numberMisscheduled": 0, "numberAvailable": 0}


def test_status() -> None:
    owner = {**daemon_set(), "status": {"numberAvailable": 1, "collisionCount": 2}}
    kept = {"currentNumberScheduled": 1, "numberMisscheduled": 0, "collisionCount": 2}
    assert new_status(owner, COUNTS, None) == kept
    assert new_status(owner, COUNTS, 1) == {**kept, "observedGeneration": 1}
    assert new_status({**owner, "status": {**kept, "observedGeneration": 1}}, COUNTS, 1) is None
    changed = {**owner, "metadata": {**owner["metadata"], "generation": 2}}
    assert new_status(changed, COUNTS, 1) == {**kept, "observedGeneration": 1}  # not what nobody has acted upon


# Back-off


def test_backoff_doubles_to_its_limit_and_is_forgotten() -> None:
    backoff, key = FailedPodsBackoff(), ("uid", 1, "node")
    now, waited = NOW, []
    assert backoff.remaining(key, now) == 0
    for _ in range(12):
        backoff.failed(key, now)
        waited.append(backoff.remaining(key, now))
        now += waited[-1]
        assert backoff.remaining(key, now) == 0
    assert waited == [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, LIMIT, LIMIT]
    assert backoff.remaining(("uid", 1, "other"), now) == 0
    backoff.failed(key, now + FORGET_AFTER + 1)
    assert backoff.remaining(key, now + FORGET_AFTER + 1) == 1
