"""What each plugin says of a node."""

from __future__ import annotations

from typing import Any

import pytest

from minikube_py.controllers.scheduler.framework import Event, Plugin, Rejection, fewest, fit_error, most
from minikube_py.controllers.scheduler.nodeinfo import NodeInfo
from minikube_py.controllers.scheduler.plugins.nodeaffinity import NODE_AFFINITY
from minikube_py.controllers.scheduler.plugins.nodedeclaredfeatures import NODE_DECLARED_FEATURES
from minikube_py.controllers.scheduler.plugins.nodename import NODE_NAME
from minikube_py.controllers.scheduler.plugins.nodeports import NODE_PORTS
from minikube_py.controllers.scheduler.plugins.noderesources import NODE_RESOURCES_FIT
from minikube_py.controllers.scheduler.plugins.nodeunschedulable import NODE_UNSCHEDULABLE
from minikube_py.controllers.scheduler.plugins.tainttoleration import TAINT_TOLERATION
from minikube_py.controllers.scheduler.podclass import PodClass
from minikube_py.controllers.scheduler.podrequests import Requests, pod_requests
from minikube_py.machinery.declaredfeatures import ALL
from minikube_py.machinery.gvr import Object
from tests.scheduler.pods import container, node, pod, pod_info

MI = 1024 * 1024


def info(made: Object, *pods: Object) -> NodeInfo:
    found = NodeInfo(made["metadata"]["name"], 1)
    found.set_node(made)
    for number, each in enumerate(pods):
        found.add_pod(pod_info(each, str(number)))
    return found


def verdict(plugin: Plugin, wanted: Object, on: NodeInfo) -> tuple[str, ...]:
    assert plugin.filter is not None
    check = plugin.filter(PodClass(wanted["spec"]))
    rejection = check(on) if check is not None else None
    return rejection.reasons if rejection is not None else ()


TAINT = {"key": "gpu", "value": "yes", "effect": "NoSchedule"}
UNTOLERATED = ("node(s) had untolerated taint(s)",)


@pytest.mark.parametrize(
    ("tolerations", "taints", "expected"),
    [
        pytest.param([], [], (), id="none"),
        pytest.param([], [TAINT], UNTOLERATED, id="untolerated"),
        pytest.param([], [{**TAINT, "effect": "NoExecute"}], UNTOLERATED, id="no-execute"),
        pytest.param([], [{**TAINT, "effect": "PreferNoSchedule"}], (), id="only-preferred"),
        pytest.param([{"operator": "Exists"}], [TAINT], (), id="tolerates-everything"),
        pytest.param([{"key": "gpu", "operator": "Exists"}], [TAINT], (), id="by-key"),
        pytest.param([{"key": "gpu", "value": "yes"}], [TAINT], (), id="equal-is-the-default"),
        pytest.param([{"key": "gpu", "value": "no"}], [TAINT], UNTOLERATED, id="other-value"),
        pytest.param([{"key": "tpu", "operator": "Exists"}], [TAINT], UNTOLERATED, id="other-key"),
        pytest.param([{"operator": "Exists", "effect": "NoExecute"}], [TAINT], UNTOLERATED, id="other-effect"),
        pytest.param(
            [{"key": "level", "operator": "Gt", "value": "3"}],
            [{"key": "level", "value": "5", "effect": "NoSchedule"}],
            (),
            id="greater",
        ),
        pytest.param(
            [{"key": "level", "operator": "Lt", "value": "3"}],
            [{"key": "level", "value": "5", "effect": "NoSchedule"}],
            UNTOLERATED,
            id="not-less",
        ),
    ],
)
def test_taints(tolerations: list[Object], taints: list[Object], expected: tuple[str, ...]) -> None:
    assert verdict(TAINT_TOLERATION, pod(tolerations=tolerations), info(node("n", taints=taints))) == expected


CORDONED = ("node(s) were unschedulable",)
CORDON_TOLERATED = [{"key": "node.kubernetes.io/unschedulable", "operator": "Exists", "effect": "NoSchedule"}]


@pytest.mark.parametrize(
    ("spec", "unschedulable", "expected"),
    [
        pytest.param({}, False, (), id="schedulable"),
        pytest.param({}, True, CORDONED, id="cordoned"),
        pytest.param({"tolerations": CORDON_TOLERATED}, True, (), id="tolerated"),
    ],
)
def test_unschedulable(spec: Object, unschedulable: bool, expected: tuple[str, ...]) -> None:
    assert verdict(NODE_UNSCHEDULABLE, pod(**spec), info(node("n", unschedulable=unschedulable))) == expected


RESTARTS_ALL = container(restartPolicyRules=[{"action": "RestartAllContainers", "exitCodes": {"operator": "In"}}])
FEATURE_LACKING = ("node(s) didn't match Pod's required features",)


@pytest.mark.parametrize(
    ("spec", "declared", "expected"),
    [
        pytest.param({}, [], (), id="nothing-needed"),
        pytest.param({"containers": [RESTARTS_ALL]}, [], FEATURE_LACKING, id="not-declared"),
        pytest.param({"containers": [RESTARTS_ALL]}, list(ALL), (), id="declared"),
        pytest.param({"initContainers": [RESTARTS_ALL]}, ["Other"], FEATURE_LACKING, id="an-init-container"),
    ],
)
def test_declared_features(spec: Object, declared: list[str], expected: tuple[str, ...]) -> None:
    made = node("here")
    made["status"]["declaredFeatures"] = declared
    assert verdict(NODE_DECLARED_FEATURES, pod(**spec), info(made)) == expected


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        pytest.param(None, ["A"], True, id="a-new-node"),
        pytest.param(["A"], ["A", "B"], True, id="more-features"),
        pytest.param(["A"], ["A"], False, id="the-same"),
    ],
)
def test_what_helps_a_pod_that_lacks_features(old: list[str] | None, new: list[str], *, expected: bool) -> None:
    before, after = ({"status": {"declaredFeatures": each}} if each is not None else None for each in (old, new))
    assert NODE_DECLARED_FEATURES.hint is not None
    assert NODE_DECLARED_FEATURES.hint(pod(), Event("Node", before, after)) is expected


def test_node_name() -> None:
    assert verdict(NODE_NAME, pod(nodeName="n"), info(node("n"))) == ()
    assert verdict(NODE_NAME, pod(nodeName="m"), info(node("n"))) == ("node(s) didn't match the requested node name",)


def required(*terms: Object) -> Object:
    wanted = {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": terms}}
    return {"affinity": {"nodeAffinity": wanted}}


def expression(key: str, operator: str, *values: str) -> Object:
    return {"key": key, "operator": operator, "values": list(values)}


def by_label(*expressions: Object) -> Object:
    return {"matchExpressions": list(expressions)}


@pytest.mark.parametrize(
    ("spec", "fits"),
    [
        pytest.param({}, True, id="none"),
        pytest.param({"nodeSelector": {"zone": "a"}}, True, id="selector"),
        pytest.param({"nodeSelector": {"zone": "b"}}, False, id="selector-of-another"),
        pytest.param({"nodeSelector": {"zone": "a", "disk": "ssd"}}, False, id="selector-in-part"),
        pytest.param(required(by_label(expression("zone", "In", "a", "b"))), True, id="in"),
        pytest.param(required(by_label(expression("zone", "NotIn", "a"))), False, id="not-in"),
        pytest.param(required(by_label(expression("zone", "Exists"))), True, id="exists"),
        pytest.param(required(by_label(expression("disk", "DoesNotExist"))), True, id="does-not-exist"),
        pytest.param(required(by_label(expression("cores", "Gt", "4"))), True, id="greater"),
        pytest.param(required(by_label(expression("cores", "Lt", "4"))), False, id="not-less"),
        pytest.param(
            required(by_label(expression("zone", "In", "b")), by_label(expression("cores", "Exists"))),
            True,
            id="terms-are-ored",
        ),
        pytest.param(
            required(by_label(expression("zone", "In", "b"), expression("cores", "Exists"))),
            False,
            id="expressions-are-anded",
        ),
        pytest.param(required({}), False, id="empty-term"),
        pytest.param(required({"matchFields": [expression("metadata.name", "In", "n")]}), True, id="by-name"),
        pytest.param(required({"matchFields": [expression("metadata.name", "NotIn", "n")]}), False, id="not-by-name"),
    ],
)
def test_node_affinity(spec: Object, fits: bool) -> None:
    on = info(node("n", labels={"zone": "a", "cores": "8"}))
    expected = () if fits else ("node(s) didn't match Pod's node affinity/selector",)
    assert verdict(NODE_AFFINITY, pod(**spec), on) == expected


@pytest.mark.parametrize(
    ("terms", "expected"),
    [
        pytest.param([], None, id="none"),
        pytest.param([{"matchFields": [expression("metadata.name", "In", "n")]}], {"n"}, id="one"),
        pytest.param(
            [
                {"matchFields": [expression("metadata.name", "In", "n")]},
                {"matchFields": [expression("metadata.name", "In", "m")]},
            ],
            {"m", "n"},
            id="either",
        ),
        pytest.param(
            [{"matchFields": [expression("metadata.name", "In", "n")]}, by_label(expression("zone", "Exists"))],
            None,
            id="or-any",
        ),
    ],
)
def test_named_nodes(terms: list[Object], expected: set[str] | None) -> None:
    assert NODE_AFFINITY.node_names is not None
    assert NODE_AFFINITY.node_names(PodClass(pod(**required(*terms))["spec"])) == expected


def port(number: int, address: str = "", protocol: str = "TCP") -> Object:
    return pod(containers=[container(ports=[{"hostPort": number, "hostIP": address, "protocol": protocol}])])


@pytest.mark.parametrize(
    ("wanted", "used", "fits"),
    [
        pytest.param(port(80), port(81), True, id="other-port"),
        pytest.param(port(80), port(80), False, id="same"),
        pytest.param(port(80), port(80, protocol="UDP"), True, id="other-protocol"),
        pytest.param(port(80, "10.0.0.1"), port(80, "10.0.0.2"), True, id="other-address"),
        pytest.param(port(80, "10.0.0.1"), port(80), False, id="all-addresses-taken"),
        pytest.param(port(80), port(80, "10.0.0.1"), False, id="all-addresses-wanted"),
    ],
)
def test_ports(wanted: Object, used: Object, fits: bool) -> None:
    expected = () if fits else ("node(s) didn't have free ports for the requested pod ports",)
    assert verdict(NODE_PORTS, wanted, info(node("n"), used)) == expected


@pytest.mark.parametrize(
    ("requests", "made", "expected"),
    [
        pytest.param({"cpu": "2", "memory": "4Gi"}, {}, (), id="fits"),
        pytest.param({"cpu": "3"}, {}, ("Insufficient cpu",), id="cpu"),
        pytest.param({"cpu": "2", "memory": "7Gi"}, {}, ("Insufficient memory",), id="memory"),
        pytest.param({"ephemeral-storage": "11Gi"}, {}, ("Insufficient ephemeral-storage",), id="storage"),
        pytest.param({"example.com/gpu": "1"}, {}, ("Insufficient example.com/gpu",), id="no-such-resource"),
        pytest.param({"example.com/gpu": "2"}, {"scalars": {"example.com/gpu": "2"}}, (), id="extended"),
        pytest.param({}, {"pods": "1"}, ("Too many pods",), id="pods"),
        pytest.param(
            {"cpu": "9", "memory": "9Gi"},
            {"pods": "1"},
            ("Too many pods", "Insufficient cpu", "Insufficient memory"),
            id="all",
        ),
    ],
)
def test_resources(requests: dict[str, str], made: Any, expected: tuple[str, ...]) -> None:
    other = pod("other", requests={"cpu": "1500m", "memory": "2Gi"})
    assert verdict(NODE_RESOURCES_FIT, pod(requests=requests), info(node("n", **made), other)) == expected


def test_what_no_node_could_hold_cannot_be_resolved() -> None:
    assert NODE_RESOURCES_FIT.filter is not None
    on = info(node("n"), pod("other", requests={"cpu": "3"}))
    small, big = (NODE_RESOURCES_FIT.filter(PodClass(pod(requests={"cpu": cpu})["spec"])) for cpu in ("2", "5"))
    assert small is not None and big is not None
    assert small(on) == Rejection(("Insufficient cpu",), True)
    assert big(on) == Rejection(("Insufficient cpu",), False)


def test_least_allocated() -> None:
    assert NODE_RESOURCES_FIT.score is not None
    score = NODE_RESOURCES_FIT.score(PodClass(pod(requests={"cpu": "1", "memory": "1Gi"})["spec"]))
    assert score is not None
    assert score(info(node("n"), pod("other", requests={"cpu": "1", "memory": "1Gi"}))) == (50 + 75) // 2
    assert score(info(node("n"), pod("other", requests={"cpu": "4", "memory": "1Gi"}))) == 75 // 2
    assert score(info(node("n"), pod("other"))) == ((4000 - 1100) * 100 // 4000 + (8192 - 1224) * 100 // 8192) // 2


REQUESTS: list[Any] = [
    pytest.param(pod(requests={"cpu": "250m", "memory": "64Mi"}), (250, 64 * MI, 0, ()), id="one"),
    pytest.param(
        pod(containers=[container("a", requests={"cpu": "1"}), container("b", requests={"cpu": "500m"})]),
        (1500, 0, 0, ()),
        id="sum",
    ),
    pytest.param(
        pod(
            containers=[container(requests={"cpu": "200m"})],
            initContainers=[
                container("first", requests={"cpu": "100m"}, restartPolicy="Always"),
                container("second", requests={"cpu": "300m"}),
                container("third", requests={"cpu": "50m"}, restartPolicy="Always"),
            ],
        ),
        (400, 0, 0, ()),
        id="init-containers-and-sidecars",
    ),
    pytest.param(pod(requests={"cpu": "1"}, overhead={"cpu": "100m"}), (1100, 0, 0, ()), id="overhead"),
    pytest.param(pod(requests={"cpu": "1"}, resources={"requests": {"cpu": "3"}}), (3000, 0, 0, ()), id="pod-level"),
    pytest.param(
        pod(requests={"example.com/gpu": "2", "hugepages-2Mi": "4Mi"}),
        (0, 0, 0, (("example.com/gpu", 2), ("hugepages-2Mi", 4 * MI))),
        id="scalars",
    ),
]


@pytest.mark.parametrize(("wanted", "expected"), REQUESTS)
def test_requests(wanted: Object, expected: tuple[int, int, int, Any]) -> None:
    assert tuple(pod_requests(wanted["spec"]))[:4] == expected


def test_missing_requests_count_when_scoring() -> None:
    found: Requests = pod_requests(pod(containers=[container("a"), container("b", requests={"cpu": "1"})])["spec"])
    assert (found.scored_cpu, found.scored_memory) == (1100, 400 * MI)


@pytest.mark.parametrize(
    ("normalize", "raws", "expected"),
    [
        pytest.param(most, [1, 3, 0], [33, 100, 0], id="more"),
        pytest.param(most, [0, 0], [0, 0], id="more-of-nothing"),
        pytest.param(fewest, [1, 3, 0], [67, 0, 100], id="fewer"),
        pytest.param(fewest, [0, 0], [100, 100], id="fewer-of-nothing"),
    ],
)
def test_normalized(normalize: Any, raws: list[int], expected: list[int]) -> None:
    assert normalize(raws) == expected


CPU, TAINTED = Rejection(("Insufficient cpu",), True), Rejection(UNTOLERATED)


@pytest.mark.parametrize(
    ("total", "rejections", "expected"),
    [
        pytest.param(
            3,
            [CPU, TAINTED, CPU],
            "0/3 nodes are available: 1 node(s) had untolerated taint(s), 2 Insufficient cpu.",
            id="both",
        ),
        pytest.param(
            1,
            [Rejection(("Insufficient memory", "Insufficient cpu"))],
            "0/1 nodes are available: 1 Insufficient cpu, 1 Insufficient memory.",
            id="reasons-are-sorted",
        ),
        pytest.param(3, [CPU], "0/3 nodes are available: 1 Insufficient cpu, 2 absent.", id="not-all-asked"),
        pytest.param(0, [], "0/0 nodes are available:", id="none"),
    ],
)
def test_messages(total: int, rejections: list[Rejection], expected: str) -> None:
    assert fit_error(total, rejections, "absent") == expected
