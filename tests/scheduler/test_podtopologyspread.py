"""PodTopologySpread: which nodes a constraint leaves, and which are better."""

from __future__ import annotations

from typing import Any

import pytest

from minikube_py.controllers.scheduler.plugins.podtopologyspread import (
    POD_TOPOLOGY_SPREAD,
    Arguments,
    pod_topology_spread,
)
from minikube_py.machinery.gvr import Object
from tests.scheduler.board import Board
from tests.scheduler.pods import node, pod

ZONE, HOST = "topology.kubernetes.io/zone", "kubernetes.io/hostname"
SKEWED = "node(s) didn't match pod topology spread constraints"
UNLABELLED = f"{SKEWED} (missing required label)"

NODES = {"a1": {ZONE: "a"}, "a2": {ZONE: "a"}, "b1": {ZONE: "b"}, "b2": {ZONE: "b"}}


def web(**metadata: Any) -> Object:
    return pod(metadata={"labels": {"app": "web"}, **metadata})


def constraint(key: str = ZONE, skew: int = 1, action: str = "DoNotSchedule", **more: Any) -> Object:
    selector = {"matchLabels": {"app": "web"}}
    return {"maxSkew": skew, "topologyKey": key, "whenUnsatisfiable": action, "labelSelector": selector, **more}


def spread(*constraints: Object, labels: dict[str, str] | None = None, **spec: Any) -> Object:
    metadata = {"labels": labels if labels is not None else {"app": "web"}}
    return pod(topologySpreadConstraints=list(constraints), metadata=metadata, **spec)


def on(**numbers: int) -> list[tuple[str, Object]]:
    return [(name, web()) for name, number in numbers.items() for _ in range(number)]


@pytest.mark.parametrize(
    ("wanted", "board", "expected"),
    [
        pytest.param(spread(constraint()), Board(NODES), {}, id="nobody-there"),
        pytest.param(
            spread(constraint()), Board(NODES, on(a1=1)), {"a1": SKEWED, "a2": SKEWED}, id="one-zone-has-more"
        ),
        pytest.param(spread(constraint()), Board(NODES, on(a1=1, b2=1)), {}, id="even"),
        pytest.param(spread(constraint(skew=2)), Board(NODES, on(a1=1)), {}, id="within-the-skew"),
        pytest.param(
            spread(constraint(), labels={"app": "other"}), Board(NODES, on(a1=1)), {}, id="does-not-select-itself"
        ),
        pytest.param(
            spread(constraint(HOST)),
            Board(NODES, on(a1=1, a2=1, b1=1)),
            {"a1": SKEWED, "a2": SKEWED, "b1": SKEWED},
            id="over-nodes",
        ),
        pytest.param(
            spread(constraint(), constraint(HOST)),
            Board(NODES, on(a1=1, b1=1, b2=1)),
            {"b1": SKEWED, "b2": SKEWED, "a1": SKEWED},
            id="two-constraints",
        ),
        pytest.param(
            spread(constraint()), Board({**NODES, "plain": {}}), {"plain": UNLABELLED}, id="a-node-without-zone"
        ),
        pytest.param(
            spread(constraint()),
            Board(NODES, [("a1", web(deletionTimestamp="2026-01-01T00:00:00Z"))]),
            {},
            id="pods-that-leave-do-not-count",
        ),
        pytest.param(
            spread(constraint()),
            Board(NODES, [("a1", web(namespace="other"))]),
            {},
            id="nor-those-of-other-namespaces",
        ),
        pytest.param(
            spread(constraint(minDomains=3)),
            Board(NODES, on(a1=1, b1=1)),
            dict.fromkeys(NODES, SKEWED),
            id="too-few-domains",
        ),
        pytest.param(spread(constraint(minDomains=2)), Board(NODES, on(a1=1, b1=1)), {}, id="enough-domains"),
        pytest.param(
            spread(constraint(), nodeSelector={ZONE: "a"}),
            Board(NODES, on(a1=1)),
            {},
            id="zones-that-are-not-selected-do-not-count",
        ),
        pytest.param(
            spread(constraint(nodeAffinityPolicy="Ignore"), nodeSelector={ZONE: "a"}),
            Board(NODES, on(a1=1)),
            {"a1": SKEWED, "a2": SKEWED},
            id="unless-affinity-is-ignored",
        ),
        pytest.param(
            spread(constraint(matchLabelKeys=["revision"]), labels={"app": "web", "revision": "2"}),
            Board(NODES, on(a1=1)),
            {},
            id="only-pods-of-its-revision-count",
        ),
        pytest.param(
            spread(constraint(action="ScheduleAnyway")), Board(NODES, on(a1=3)), {}, id="a-wish-refuses-nothing"
        ),
    ],
)
def test_filter(wanted: Object, board: Board, expected: dict[str, str]) -> None:
    assert board.refusals(wanted, POD_TOPOLOGY_SPREAD) == dict(sorted(expected.items()))


TAINTED = [{"key": "k", "effect": "NoSchedule"}]


@pytest.mark.parametrize(
    ("policy", "expected"),
    [pytest.param("Ignore", {"a": SKEWED}, id="ignored"), pytest.param("Honor", {}, id="honored")],
)
def test_tainted_nodes_count_by_policy(policy: str, expected: dict[str, str]) -> None:
    nodes = [node("a", labels={ZONE: "a"}), node("b", labels={ZONE: "b"}, taints=TAINTED)]
    assert Board(nodes, on(a=1)).refusals(spread(constraint(nodeTaintsPolicy=policy)), POD_TOPOLOGY_SPREAD) == expected


@pytest.mark.parametrize(
    ("wanted", "board", "expected"),
    [
        pytest.param(
            spread(constraint(action="ScheduleAnyway")),
            Board(NODES, on(a1=2, b1=1)),
            {"a1": 33, "a2": 33, "b1": 100, "b2": 100},
            id="zones",
        ),
        pytest.param(
            spread(constraint(HOST, action="ScheduleAnyway")),
            Board(NODES, on(a1=2, b1=1)),
            {"a1": 0, "a2": 100, "b1": 50, "b2": 100},
            id="nodes",
        ),
        pytest.param(
            spread(constraint(action="ScheduleAnyway")),
            Board({**NODES, "plain": {}}, on(a1=1)),
            {"a1": 0, "a2": 0, "b1": 100, "b2": 100, "plain": 0},
            id="a-node-without-zone-is-last",
        ),
        pytest.param(
            spread(constraint(action="ScheduleAnyway", skew=5)),
            Board(NODES, on(a1=1)),
            {"a1": 80, "a2": 80, "b1": 100, "b2": 100},
            id="a-greater-skew-weighs-less",
        ),
        pytest.param(
            spread(constraint(action="ScheduleAnyway")), Board(NODES), dict.fromkeys(NODES, 100), id="nobody-there"
        ),
        pytest.param(web(), Board(NODES, on(a1=2)), None, id="nothing-asked"),
    ],
)
def test_score(wanted: Object, board: Board, expected: dict[str, int] | None) -> None:
    assert board.scores(wanted, POD_TOPOLOGY_SPREAD) == expected


SERVICE = {"metadata": {"name": "web", "namespace": "default"}, "spec": {"selector": {"app": "web"}}}
OWNER = {
    "apiVersion": "apps/v1",
    "kind": "ReplicaSet",
    "metadata": {"name": "web", "namespace": "default"},
    "spec": {"selector": {"matchLabels": {"app": "web"}}},
}
REFERENCE = {"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "web", "uid": "1", "controller": True}


@pytest.mark.parametrize(
    ("wanted", "options"),
    [
        pytest.param(web(), {"services": [SERVICE]}, id="service"),
        pytest.param(web(ownerReferences=[REFERENCE]), {"owners": [OWNER]}, id="owner"),
    ],
)
def test_defaults_spread_from_what_selects_the_pod(wanted: Object, options: Any) -> None:
    board = Board({**NODES, "plain": {}}, on(a1=1), **options)
    scores = board.scores(wanted, POD_TOPOLOGY_SPREAD)
    assert scores is not None
    assert scores["a1"] < scores["a2"] < scores["b1"] == scores["b2"] < scores["plain"] == 100


def test_defaults_of_a_profile() -> None:
    given = Arguments(({"maxSkew": 1, "topologyKey": ZONE, "whenUnsatisfiable": "DoNotSchedule"},), system=False)
    board = Board(NODES, on(a1=1), services=[SERVICE])
    assert board.refusals(web(), pod_topology_spread(given)) == {"a1": SKEWED, "a2": SKEWED}
    assert board.refusals(pod(), pod_topology_spread(given)) == {}
