"""The autoscaler's arithmetic, from values."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minikube_py.controllers.horizontalpodautoscaler import replicas
from minikube_py.controllers.horizontalpodautoscaler.decision import Memory, Proposal, decide, outside, tolerances_of
from minikube_py.controllers.horizontalpodautoscaler.evaluation import amount_text
from minikube_py.controllers.horizontalpodautoscaler.podgroups import (
    MetricsMissing,
    PodMetric,
    group_pods,
    is_unready,
    requests_of,
)
from minikube_py.controllers.horizontalpodautoscaler.replicas import Tolerances, Used
from minikube_py.controllers.horizontalpodautoscaler.scalingrules import (
    ScaleEvent,
    ScaleEvents,
    limit,
    limit_by_behavior,
    scale_down_limit,
    scale_up_limit,
)
from minikube_py.controllers.horizontalpodautoscaler.selectors import Selectors
from minikube_py.controllers.horizontalpodautoscaler.stabilization import Recommendation, Recommendations
from minikube_py.controllers.horizontalpodautoscaler.status import Status
from minikube_py.machinery.clock import parse_rfc3339, rfc3339
from minikube_py.machinery.gvr import NamespacedName, Object
from minikube_py.machinery.labels import everything, parse

NOW = parse_rfc3339("2026-01-01T01:00:00Z")


def pod(
    name: str = "p",
    *,
    phase: str = "Running",
    ready: str = "True",
    age: float = 1800,
    ready_for: float = 1800,
    request: str | None = "1",
    deleting: bool = False,
) -> Object:
    """`age` and `ready_for`: seconds since it started and since its readiness changed."""
    resources = {"requests": {"cpu": request}} if request is not None else {}
    metadata: Object = {"name": name, "labels": {"app": "web"}}
    if deleting:
        metadata["deletionTimestamp"] = rfc3339(NOW)
    condition = {"type": "Ready", "status": ready, "lastTransitionTime": rfc3339(NOW - ready_for)}
    return {
        "metadata": metadata,
        "spec": {"containers": [{"name": "c", "resources": resources}]},
        "status": {"phase": phase, "startTime": rfc3339(NOW - age), "conditions": [condition] if ready else []},
    }


def sampled(*values: int | None) -> dict[str, PodMetric]:
    """Samples of pods "0", "1", ... that have one, of the last minute."""
    return {str(index): PodMetric(value, NOW, 60) for index, value in enumerate(values) if value is not None}


STARTING = {"ready": "False", "age": 10, "ready_for": 10}
PENDING = {"phase": "Pending"}
FAILED = {"phase": "Failed"}
DELETING = {"deleting": True}


def pods_like(count: int, *special: dict[str, Any]) -> list[Object]:
    """So many usual ones, then the special ones."""
    return [pod(str(index), **kind) for index, kind in enumerate([{}] * count + list(special))]


# From usage to replicas


@pytest.mark.parametrize(
    ("pods", "levels", "wanted", "expected"),
    [
        pytest.param(pods_like(3), [300, 500, 700], 30, 5, id="up"),
        pytest.param(pods_like(5), [100, 300, 500, 250, 250], 50, 3, id="down"),
        pytest.param(pods_like(3), [1010, 1030, 1020], 100, 3, id="within the tolerance above"),
        pytest.param(pods_like(3), [910, 930, 920], 100, 3, id="within the tolerance below"),
        pytest.param(pods_like(2), [1110, 1110], 100, 3, id="just out of the tolerance"),
        pytest.param(pods_like(3), [0, 0, 0], 50, 0, id="idle"),
        pytest.param(pods_like(2, STARTING), [300, 500, 700], 30, 3, id="up: one starts"),
        pytest.param(pods_like(1, STARTING, STARTING), [400, 500, 700], 30, 3, id="up: others start, no more"),
        pytest.param(pods_like(2, PENDING), [500, 700, None], 30, 4, id="up: one is pending"),
        pytest.param(pods_like(2, FAILED), [500, 700, None], 30, 4, id="up: one has failed"),
        pytest.param(pods_like(2, FAILED, PENDING), [500, 700, None, None], 50, 4, id="failed and pending: stays"),
        pytest.param(pods_like(2, DELETING), [500, 700, 5000], 30, 4, id="up: one is being deleted"),
        pytest.param(pods_like(5, PENDING), [1000] * 5, 50, 10, id="up: far too busy"),
        pytest.param(pods_like(4), [None, 1000, 1000, 1000], 50, 6, id="up: one without metrics is idle"),
        pytest.param(pods_like(5), [None, 100, 100, 100, 100], 50, 3, id="down: one without metrics is busy"),
        pytest.param(pods_like(2), [None, 450], 50, 2, id="missing turns down to up: stays"),
        pytest.param(pods_like(2), [None, 950], 50, 2, id="missing brings it near: stays"),
        pytest.param(pods_like(2), [None, 600], 50, 2, id="missing turns up to down: stays"),
        pytest.param(pods_like(3), [None, None, 100], 50, 3, id="missing at high load: stays"),
        pytest.param(pods_like(5, STARTING), [100] * 5 + [900], 50, 1, id="down: starting ones are not counted"),
        pytest.param(pods_like(2), [None, 1500], 200, 2, id="missing at a target above 100%"),
    ],
)
def test_by_utilization(pods: list[Object], levels: list[int | None], wanted: int, expected: int) -> None:
    """Each pod requests 1000m."""
    metrics = sampled(*levels)
    groups = group_pods(pods, metrics, "cpu", NOW)
    requests = requests_of(pods, "", "cpu")
    believed = replicas.believed(metrics, groups)
    found = replicas.by_utilization(len(pods), wanted, believed, requests, groups, Tolerances())
    assert found.replicas == expected


def test_utilization_is_over_all_pods() -> None:
    metrics = {"a": PodMetric(300), "b": PodMetric(500), "unknown": PodMetric(9000)}
    assert replicas.utilization(metrics, {"a": 1000, "b": 3000}) == (20, 400)
    with pytest.raises(MetricsMissing, match="no metrics returned matched known pods"):
        replicas.utilization(metrics, {"c": 1000})


@pytest.mark.parametrize(
    ("pods", "levels", "wanted", "expected"),
    [
        pytest.param(pods_like(3), [20000, 10000, 30000], 15000, Used(4, 20000), id="up"),
        pytest.param(pods_like(5), [12000] * 5, 20000, Used(3, 12000), id="down"),
        pytest.param(pods_like(3), [10400, 10400, 10400], 10000, Used(3, 10400), id="within the tolerance"),
        pytest.param(pods_like(3), [50000, 10000, None], 15000, Used(4, 30000), id="up: missing is idle"),
        pytest.param(pods_like(4), [5000, 5000, 5000, None], 10000, Used(3, 5000), id="down: missing is as wanted"),
        pytest.param(pods_like(2, PENDING), [30000, 30000, None], 10000, Used(6, 30000), id="up: pending is idle"),
        pytest.param(pods_like(2, STARTING), [30000, 30000, 30000], 10000, Used(9, 30000), id="no resource: counts"),
    ],
)
def test_by_usage(pods: list[Object], levels: list[int | None], wanted: int, expected: Used) -> None:
    metrics = sampled(*levels)
    groups = group_pods(pods, metrics, "", NOW)
    assert replicas.by_usage(len(pods), wanted, replicas.believed(metrics, groups), groups, Tolerances()) == expected


@pytest.mark.parametrize(
    ("current", "usage", "wanted", "count", "expected"),
    [
        pytest.param(3, 20000, 15000, 3, 4, id="up"),
        pytest.param(3, 15000, 15000, 3, 3, id="as wanted"),
        pytest.param(5, 5000, 15000, 5, 2, id="down"),
        pytest.param(5, 30000, 10000, 2, 6, id="ready pods count"),
        pytest.param(0, 25000, 10000, 0, 3, id="from zero"),
        pytest.param(1, 10**30, 1, 1, replicas.MOST, id="beyond all bounds"),
    ],
)
def test_by_value(current: int, usage: int, wanted: int, count: int, expected: int) -> None:
    pods = pods_like(count, PENDING, {"ready": "False"})
    assert replicas.by_value(current, usage, wanted, pods, Tolerances()) == Used(expected, usage)


def test_by_value_needs_pods() -> None:
    with pytest.raises(MetricsMissing) as error:
        replicas.by_value(3, 20, 10, [], Tolerances())
    assert str(error.value) == f"unable to calculate ready pods: {replicas.NO_PODS}"


@pytest.mark.parametrize(
    ("current", "usage", "wanted", "expected"),
    [
        pytest.param(3, 8600, 2000, Used(5, 2867), id="up"),
        pytest.param(3, 6100, 2000, Used(3, 2034), id="within the tolerance"),
        pytest.param(5, 4000, 2000, Used(2, 800), id="down"),
        pytest.param(0, 4000, 2000, Used(2, 0), id="none there yet"),
    ],
)
def test_by_average_value(current: int, usage: int, wanted: int, expected: Used) -> None:
    assert replicas.by_average_value(current, usage, wanted, Tolerances()) == expected


@pytest.mark.parametrize(
    ("behavior", "expected"),
    [
        pytest.param(None, Tolerances(0.1, 0.1), id="by default"),
        pytest.param({"scaleUp": {}, "scaleDown": {}}, Tolerances(0.1, 0.1), id="not said"),
        pytest.param({"scaleUp": {"tolerance": "0"}}, Tolerances(0.1, 0.0), id="up"),
        pytest.param({"scaleDown": {"tolerance": "250m"}}, Tolerances(0.25, 0.1), id="down"),
    ],
)
def test_tolerances(behavior: Object | None, expected: Tolerances) -> None:
    assert tolerances_of(behavior) == expected


def test_a_tolerance_of_nothing() -> None:
    metrics, pods = sampled(510, 510), pods_like(2)
    groups = group_pods(pods, metrics, "cpu", NOW)
    for tolerances, expected in ((Tolerances(), 2), (Tolerances(scale_up=0.0), 3), (Tolerances(scale_down=0.0), 2)):
        found = replicas.by_utilization(2, 50, metrics, requests_of(pods, "", "cpu"), groups, tolerances)
        assert found.replicas == expected


@given(st.lists(st.integers(0, 5000), min_size=1, max_size=20), st.integers(1, 200))
def test_with_all_known_the_load_fits(levels: list[int], wanted: int) -> None:
    """So many replicas as are asked for carry the load at what is wanted, and one fewer do not."""
    pods, metrics = pods_like(len(levels)), sampled(*levels)
    groups = group_pods(pods, metrics, "cpu", NOW)
    requests = requests_of(pods, "", "cpu")
    found = replicas.by_utilization(len(pods), wanted, metrics, requests, groups, Tolerances(0.0, 0.0))
    assert found.replicas * wanted >= found.utilization * len(pods) - 1e-6
    assert (found.replicas - 1) * wanted < found.utilization * len(pods) + 1e-6


# Pods


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        pytest.param(pod(), False, id="ready for long"),
        pytest.param(pod(ready=""), True, id="says nothing"),
        pytest.param(pod(age=100, ready_for=90), False, id="young, ready throughout the window"),
        pytest.param(pod(age=100, ready_for=59), True, id="young, ready within the window"),
        pytest.param(pod(age=100, ready_for=60), False, id="young, ready for exactly the window"),
        pytest.param(pod(age=299, ready="False", ready_for=100), True, id="young, not ready"),
        pytest.param(pod(age=300, ready="False", ready_for=200), False, id="old, was ready once"),
        pytest.param(pod(age=300, ready="False", ready_for=280), True, id="old, never ready"),
        pytest.param(pod(age=300, ready_for=10), False, id="old, ready again"),
    ],
)
def test_unready(given: Object, expected: bool) -> None:
    assert is_unready(given, PodMetric(1, NOW, 60), NOW) is expected


def test_groups() -> None:
    pods = pods_like(2, STARTING, PENDING, FAILED, DELETING, {})
    groups = group_pods(pods, sampled(1, 1, 1, None, 1, 1, None), "cpu", NOW)
    assert groups == (2, {"2", "3"}, {"6"}, {"4", "5"})
    assert group_pods(pods, sampled(1, 1, 1), "memory", NOW).unready == {"3"}


def resourced(containers: dict[str, Object], init: dict[str, Object] | None = None, **spec: Any) -> Object:
    def made(each: dict[str, Object], **more: str) -> list[Object]:
        return [{"name": name, "resources": {"requests": asked}, **more} for name, asked in each.items()]

    sidecars = made(init or {}, restartPolicy="Always")
    return {"metadata": {"name": "p"}, "spec": {"containers": made(containers), "initContainers": sidecars, **spec}}


@pytest.mark.parametrize(
    ("given", "container", "expected"),
    [
        pytest.param(resourced({"a": {"cpu": "1"}, "b": {"cpu": "200m"}}), "", 1200, id="all"),
        pytest.param(resourced({"a": {"cpu": "1"}, "b": {"cpu": "200m"}}), "b", 200, id="one"),
        pytest.param(resourced({"a": {"cpu": "1"}, "b": {}}), "a", 1000, id="another requests nothing"),
        pytest.param(resourced({"a": {"cpu": "1"}}, {"s": {"cpu": "50m"}}), "", 1050, id="with a sidecar"),
        pytest.param(resourced({"a": {"cpu": "1"}}, {"s": {"cpu": "50m"}}), "s", 50, id="a sidecar"),
        pytest.param(
            resourced({"a": {}}, resources={"requests": {"cpu": "2"}}, overhead={"cpu": "100m"}),
            "",
            2100,
            id="of the pod",
        ),
        pytest.param(resourced({"a": {"cpu": "1"}}, resources={"requests": {"memory": "1Gi"}}), "", 1000, id="of both"),
        pytest.param(
            resourced({"a": {"cpu": "1"}}, resources={"requests": {"cpu": "2"}}), "a", 1000, id="one, whatever the pod"
        ),
        pytest.param(
            resourced({"a": {"cpu": "1"}, "b": {}}),
            "",
            "missing request for cpu in container b of Pod p",
            id="one requests nothing",
        ),
        pytest.param(resourced({"a": {"cpu": "1"}}), "c", "container c not found in Pod p", id="no such container"),
        pytest.param(
            resourced({"a": {}}, resources={"requests": {"memory": "1Gi"}}),
            "",
            "missing pod-level request for cpu in Pod p",
            id="not of the pod either",
        ),
    ],
)
def test_requests(given: Object, container: str, expected: int | str) -> None:
    if isinstance(expected, int):
        assert requests_of([given], container, "cpu") == {"p": expected}
        return
    with pytest.raises(MetricsMissing) as error:
        requests_of([given], container, "cpu")
    assert str(error.value) == expected


# Limits


@pytest.mark.parametrize(
    ("current", "desired", "expected"),
    [
        pytest.param(3, 5, (5, "DesiredWithinRange"), id="within"),
        pytest.param(1, 9, (4, "ScaleUpLimit"), id="few: four at once"),
        pytest.param(3, 9, (6, "ScaleUpLimit"), id="twice as many"),
        pytest.param(8, 12, (10, "TooManyReplicas"), id="too many"),
        pytest.param(8, 0, (2, "TooFewReplicas"), id="too few"),
        pytest.param(8, 2, (2, "DesiredWithinRange"), id="down as far as may be"),
    ],
)
def test_limit(current: int, desired: int, expected: tuple[int, str]) -> None:
    assert limit(current, desired, 2, 10)[:2] == expected


def test_outside() -> None:
    assert outside(5, 2, 10) is None
    assert outside(11, 2, 10) == (10, "Current number of replicas above Spec.MaxReplicas")
    assert outside(1, 2, 10) == (2, "Current number of replicas below Spec.MinReplicas")


def rules(*policies: tuple[str, int, int], select: str = "Max", window: int | None = 0) -> Object:
    made = [{"type": type, "value": value, "periodSeconds": period} for type, value, period in policies]
    return {"selectPolicy": select, "policies": made, "stabilizationWindowSeconds": window}


def events(up: dict[float, int] | None = None, down: dict[float, int] | None = None) -> ScaleEvents:
    """By seconds ago."""

    def made(given: dict[float, int] | None) -> list[ScaleEvent]:
        return [ScaleEvent(change, NOW - ago) for ago, change in (given or {}).items()]

    return ScaleEvents(made(up), made(down))


PODS_4, DOUBLE = ("Pods", 4, 60), ("Percent", 100, 60)


@pytest.mark.parametrize(
    ("current", "given", "past", "expected"),
    [
        pytest.param(10, rules(PODS_4), events(), 14, id="pods"),
        pytest.param(10, rules(DOUBLE), events(), 20, id="percent"),
        pytest.param(3, rules(("Percent", 50, 60)), events(), 5, id="percent is rounded up"),
        pytest.param(10, rules(PODS_4, DOUBLE), events(), 20, id="the most"),
        pytest.param(10, rules(PODS_4, DOUBLE, select="Min"), events(), 14, id="the least"),
        pytest.param(10, rules(PODS_4, select="Disabled"), events(), 10, id="disabled"),
        pytest.param(10, rules(PODS_4), events({30: 3}), 11, id="some were added"),
        pytest.param(10, rules(PODS_4), events({60: 3}), 14, id="some were added before"),
        pytest.param(10, rules(PODS_4), events({30: 3}, {20: 2}), 13, id="some were taken away too"),
        pytest.param(20, rules(DOUBLE), events({30: 10}), 20, id="doubled already"),
        pytest.param(10, rules(PODS_4, ("Pods", 1, 10)), events({30: 4}), 11, id="periods of their own"),
    ],
)
def test_scale_up_limit(current: int, given: Object, past: ScaleEvents, expected: int) -> None:
    assert scale_up_limit(current, given, past, NOW) == expected


@pytest.mark.parametrize(
    ("current", "given", "past", "expected"),
    [
        pytest.param(10, rules(PODS_4), events(), 6, id="pods"),
        pytest.param(10, rules(("Percent", 20, 60)), events(), 8, id="percent"),
        pytest.param(5, rules(("Percent", 50, 60)), events(), 2, id="percent is rounded down"),
        pytest.param(10, rules(PODS_4, ("Percent", 10, 60)), events(), 6, id="the most"),
        pytest.param(10, rules(PODS_4, ("Percent", 10, 60), select="Min"), events(), 9, id="the least"),
        pytest.param(10, rules(PODS_4, select="Disabled"), events(), 10, id="disabled"),
        pytest.param(10, rules(PODS_4), events(down={59: 3}), 9, id="some were taken away"),
        pytest.param(10, rules(PODS_4), events({30: 2}, {20: 3}), 7, id="some were added too"),
        pytest.param(10, rules(("Percent", 100, 15)), events(), 0, id="all"),
    ],
)
def test_scale_down_limit(current: int, given: Object, past: ScaleEvents, expected: int) -> None:
    assert scale_down_limit(current, given, past, NOW) == expected


@pytest.mark.parametrize(
    ("desired", "past", "expected"),
    [
        pytest.param(10, events(), (10, "DesiredWithinRange"), id="nothing"),
        pytest.param(13, events(), (13, "DesiredWithinRange"), id="up"),
        pytest.param(15, events(), (14, "ScaleUpLimit"), id="up too fast"),
        pytest.param(19, events({100: 4}), (14, "ScaleUpLimit"), id="up again"),
        pytest.param(15, events({30: 5}), (10, "ScaleUpLimit"), id="not now"),
        pytest.param(7, events(), (8, "ScaleDownLimit"), id="down too fast"),
        pytest.param(9, events(), (9, "DesiredWithinRange"), id="down"),
        pytest.param(7, events(down={30: 9}), (10, "ScaleDownLimit"), id="not down now"),
    ],
)
def test_limit_by_behavior(desired: int, past: ScaleEvents, expected: tuple[int, str]) -> None:
    behavior = {"scaleUp": rules(PODS_4), "scaleDown": rules(("Pods", 2, 60))}
    assert limit_by_behavior(10, desired, 1, 16, behavior, past, NOW)[:2] == expected


@pytest.mark.parametrize(
    ("desired", "expected"),
    [
        pytest.param(30, (12, "TooManyReplicas"), id="too many"),
        pytest.param(1, (9, "TooFewReplicas"), id="too few"),
    ],
)
def test_minimum_and_maximum_go_before(desired: int, expected: tuple[int, str]) -> None:
    behavior = {"scaleUp": rules(DOUBLE), "scaleDown": rules(DOUBLE)}
    assert limit_by_behavior(10, desired, 9, 12, behavior, events(), NOW)[:2] == expected


def test_scale_events_are_kept_as_long_as_asked_for() -> None:
    behavior = {"scaleUp": rules(PODS_4, ("Pods", 1, 120)), "scaleDown": rules(PODS_4)}
    past = events({121: 1, 120: 2, 30: 3}, {61: 1})
    past.record(behavior, 5, 8, NOW)
    past.record(behavior, 8, 6, NOW)
    assert [event.change for event in past.up] == [2, 3, 3]
    assert [event.change for event in past.down] == [2]
    past.record(None, 6, 7, NOW)
    assert len(past.up) == 3


# Stabilization


def recommended(recent: dict[float, int]) -> Recommendations:
    """By seconds ago."""
    return Recommendations([Recommendation(count, NOW - ago) for ago, count in recent.items()])


@pytest.mark.parametrize(
    ("recent", "desired", "expected"),
    [
        pytest.param({}, 5, 5, id="the first"),
        pytest.param({100: 8, 50: 6}, 5, 8, id="down: the highest of late"),
        pytest.param({300: 8, 50: 6}, 5, 8, id="down: just within the window"),
        pytest.param({301: 8, 50: 6}, 5, 6, id="down: out of the window"),
        pytest.param({100: 3}, 5, 5, id="up at once"),
    ],
)
def test_stabilize(recent: dict[float, int], desired: int, expected: int) -> None:
    memory = recommended(recent)
    assert memory.stabilize(desired, NOW).replicas == expected
    assert memory.recent[-1] == (desired, NOW)
    assert all(each.time >= NOW - 300 for each in memory.recent)


@pytest.mark.parametrize(
    ("recent", "desired", "up", "down", "expected"),
    [
        pytest.param({}, 7, 0, 300, (7, "ScaleUpStabilized"), id="the first, up"),
        pytest.param({}, 3, 0, 300, (3, "ScaleDownStabilized"), id="the first, down"),
        pytest.param({50: 2, 20: 9}, 7, 0, 300, (7, "ScaleUpStabilized"), id="up at once"),
        pytest.param({50: 6, 20: 9}, 7, 60, 300, (6, "ScaleUpStabilized"), id="up: the lowest of late"),
        pytest.param({50: 2, 20: 9}, 7, 60, 300, (5, "ScaleUpStabilized"), id="up: the lowest is below"),
        pytest.param({60: 6, 20: 9}, 7, 60, 300, (7, "ScaleUpStabilized"), id="up: out of the window"),
        pytest.param({50: 4, 20: 2}, 3, 0, 300, (4, "ScaleDownStabilized"), id="down: the highest of late"),
        pytest.param({50: 9, 20: 2}, 3, 0, 300, (5, "ScaleDownStabilized"), id="down: the highest is above"),
        pytest.param({50: 9}, 3, 0, 0, (3, "ScaleDownStabilized"), id="down at once"),
        pytest.param({299: 9}, 3, 0, None, (5, "ScaleDownStabilized"), id="down: the default"),
        pytest.param({300: 9}, 3, 0, None, (3, "ScaleDownStabilized"), id="down: out of the default"),
    ],
)
def test_stabilize_by_behavior(
    recent: dict[float, int], desired: int, up: int, down: int | None, expected: tuple[int, str]
) -> None:
    memory = recommended(recent)
    behavior = {"scaleUp": rules(PODS_4, window=up), "scaleDown": rules(PODS_4, window=down)}
    assert memory.stabilize_by_behavior(5, desired, behavior, NOW)[:2] == expected
    assert memory.recent[-1] == (desired, NOW)


@given(st.lists(st.tuples(st.integers(0, 400), st.integers(1, 20)), max_size=20), st.integers(1, 20))
def test_nobody_is_scaled_below_what_was_recommended(recent: list[tuple[int, int]], desired: int) -> None:
    memory = recommended(dict(recent))
    found = memory.stabilize(desired, NOW).replicas
    assert found >= desired
    assert found == max([desired, *(count for ago, count in dict(recent).items() if ago <= 300)])


def test_the_beginning_is_recommended() -> None:
    memory = Recommendations()
    memory.begin(5, NOW)
    memory.begin(9, NOW)
    assert memory.stabilize(2, NOW).replicas == 5


# Decisions and status

RATES = {"scaleUp": rules(PODS_4), "scaleDown": rules(("Pods", 1, 60))}
QUICK = {"scaleUp": rules(PODS_4), "scaleDown": rules(("Pods", 9, 60))}


@pytest.mark.parametrize(
    ("proposed", "recent", "behavior", "expected"),
    [
        pytest.param(5, {}, None, (5, "ReadyForNewScale", "False DesiredWithinRange", ""), id="stays"),
        pytest.param(8, {}, None, (8, "ReadyForNewScale", "False DesiredWithinRange", "m above target"), id="up"),
        pytest.param(
            40, {}, None, (10, "ReadyForNewScale", "True ScaleUpLimit", "m above target"), id="up, not so fast"
        ),
        pytest.param(
            3,
            {60: 5},
            None,
            (5, "ScaleDownStabilized", "False DesiredWithinRange", "All metrics below target"),
            id="down later",
        ),
        pytest.param(
            1, {}, None, (2, "ReadyForNewScale", "True TooFewReplicas", "All metrics below target"), id="the fewest"
        ),
        pytest.param(
            12, {}, RATES, (9, "ReadyForNewScale", "True ScaleUpLimit", "m above target"), id="up by behavior"
        ),
        pytest.param(
            3,
            {},
            RATES,
            (4, "ReadyForNewScale", "True ScaleDownLimit", "All metrics below target"),
            id="down by behavior",
        ),
        pytest.param(
            3,
            {},
            QUICK,
            (3, "ReadyForNewScale", "False DesiredWithinRange", "All metrics below target"),
            id="down at once",
        ),
    ],
)
def test_decide(
    proposed: int, recent: dict[float, int], behavior: Object | None, expected: tuple[int, str, str, str]
) -> None:
    """Of 5 replicas."""
    spec = {"maxReplicas": 20, **({"behavior": behavior} if behavior else {})}
    status = Status({}, rfc3339(NOW))
    found = decide(spec, 5, Proposal(proposed, "m"), Memory(recommended(recent)), status, 2, NOW)
    able, limited = status.tree["conditions"]
    assert (found.replicas, able["reason"], f"{limited['status']} {limited['reason']}", found.reason) == expected


def test_status_keeps_its_conditions_and_when_it_scaled() -> None:
    earlier = rfc3339(NOW - 60)
    condition = {"type": "AbleToScale", "status": "True", "reason": "R", "message": "m", "lastTransitionTime": earlier}
    before = {
        "currentReplicas": 2,
        "desiredReplicas": 3,
        "lastScaleTime": earlier,
        "observedGeneration": 7,
        "currentMetrics": None,
        "conditions": [condition],
    }
    status = Status({"status": before}, rfc3339(NOW))
    assert not status.changed
    status.set_replicas(0, None, [])
    kept = {"desiredReplicas": 3, "currentMetrics": None, "lastScaleTime": earlier, "conditions": [condition]}
    assert status.tree == kept
    status.set_condition("AbleToScale", True, "Other", "m")
    assert status.tree["conditions"] == [{**condition, "reason": "Other"}]
    status.set_condition("AbleToScale", False, "Other", "m")
    status.set_replicas(3, 4, [{"type": ""}], rescaled=True)
    assert status.tree == {
        "currentReplicas": 3,
        "desiredReplicas": 4,
        "currentMetrics": [{"type": ""}],
        "lastScaleTime": rfc3339(NOW),
        "conditions": [{**condition, "status": "False", "reason": "Other", "lastTransitionTime": rfc3339(NOW)}],
    }


# Selectors


def test_selectors() -> None:
    one, other, far = (NamespacedName("ns", "one"), NamespacedName("ns", "other"), NamespacedName("far", "one"))
    known, pods = Selectors(), [pod()]
    for each in (one, other, far):
        known.add(each)
    assert known.controlling("ns", pods) == []
    known.put(one, parse("app=web"))
    known.put(far, everything())
    assert known.controlling("ns", pods) == [one]
    known.add(one)
    known.put(other, parse("app in (web, db)"))
    assert known.controlling("ns", pods) == [one, other]
    assert known.controlling("ns", []) == []
    known.remove(one)
    known.put(one, everything())
    assert known.controlling("ns", pods) == [other]


@pytest.mark.parametrize(
    ("resource", "milli", "expected"),
    [
        ("cpu", 250, "250m"),
        ("cpu", 2000, "2"),
        ("memory", 64 * 2**20 * 1000, "64Mi"),
        ("memory", 1500, "1500m"),
        ("example.com/gpu", 3000, "3"),
    ],
)
def test_amounts(resource: str, milli: int, expected: str) -> None:
    assert amount_text(resource, milli) == expected
