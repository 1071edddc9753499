"""The kubelet's smaller parts."""

from __future__ import annotations

import dataclasses

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minikube_py.api.nodes import LogOptions
from minikube_py.client.indexer import Indexer, Lister
from minikube_py.controllers.kubelet.behaviour import Behaviour
from minikube_py.controllers.kubelet.cri.images import Images
from minikube_py.controllers.kubelet.cri.runtime import ContainerRuntime
from minikube_py.controllers.kubelet.cri.serviceproxy import Caches
from minikube_py.controllers.kubelet.image import image_id, normalized
from minikube_py.controllers.kubelet.logs import read_log
from minikube_py.controllers.kubelet.network import Exhausted, PodNetwork
from minikube_py.controllers.kubelet.nodes import numbered
from minikube_py.controllers.kubelet.pace import BURST, Pace
from minikube_py.controllers.kubelet.podresources import pod_resources
from minikube_py.machinery.clock import Clock, VirtualClock
from minikube_py.machinery.errors import StatusError
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.random import Random
from minikube_py.store import Store
from tests.fake_client import FakeClient
from tests.kubelet.lives import Living, behaving
from tests.scheduler.pods import container, pod

DIGEST = "sha256:" + "a" * 64


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        pytest.param("nginx", "docker.io/library/nginx:latest", id="bare"),
        pytest.param("nginx:1.27", "docker.io/library/nginx:1.27", id="tag"),
        pytest.param("acme/web", "docker.io/acme/web:latest", id="user"),
        pytest.param("registry.k8s.io/pause:3.10", "registry.k8s.io/pause:3.10", id="registry"),
        pytest.param("localhost/web", "localhost/web:latest", id="localhost"),
        pytest.param("localhost:5000/web", "localhost:5000/web:latest", id="port"),
        pytest.param(f"nginx@{DIGEST}", f"docker.io/library/nginx@{DIGEST}", id="digest"),
        pytest.param(f"nginx:1.27@{DIGEST}", f"docker.io/library/nginx@{DIGEST}", id="tag-and-digest"),
    ],
)
def test_images(image: str, expected: str) -> None:
    assert normalized(image) == expected
    name, _, digest = image_id(expected).partition("@sha256:")
    assert expected in (f"{name}:{expected.rpartition(':')[2]}", f"{name}@sha256:{digest}") and len(digest) == 64


def test_addresses_are_not_used_again_before_their_turn() -> None:
    network = PodNetwork("10.244.3.0/29")
    assert [network.allocate(uid) for uid in "abc"] == ["10.244.3.2", "10.244.3.3", "10.244.3.4"]
    assert network.allocate("a") == "10.244.3.2"
    network.release("a")
    assert [network.allocate(uid) for uid in "def"] == ["10.244.3.5", "10.244.3.6", "10.244.3.2"]
    with pytest.raises(Exhausted):
        network.allocate("g")


def test_known_addresses_are_reserved() -> None:
    network = PodNetwork("10.244.0.0/24")
    network.reserve("a", "10.244.0.2")
    network.reserve("b", "192.168.0.1")
    assert network.allocate("c") == "10.244.0.3"
    assert network.allocate("a") == "10.244.0.2"


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 9)), max_size=60))
@settings(deadline=None, max_examples=60)
def test_no_address_is_held_twice(steps: list[tuple[bool, int]]) -> None:
    network = PodNetwork("10.244.0.0/28")
    held: dict[int, str] = {}
    for take, number in steps:
        if take:
            held[number] = network.allocate(str(number))
        else:
            network.release(str(number))
            held.pop(number, None)
        assert len(set(held.values())) == len(held)


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        pytest.param(1, ("node-1", "172.18.0.2", "10.244.0.0/24", "v1.36.0"), id="first"),
        pytest.param(257, ("node-257", "172.18.1.2", "10.245.0.0/24", "v1.36.0"), id="many"),
    ],
)
def test_numbered_nodes(number: int, expected: tuple[str, ...]) -> None:
    assert dataclasses.astuple(numbered(number, "1.36"))[:4] == expected


GUARANTEED = {"requests": {"cpu": "500m", "memory": "1Gi"}, "limits": {"cpu": "500m", "memory": "1Gi"}}


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        pytest.param(pod()["spec"], {"resources": {}}, id="none"),
        pytest.param(
            pod(containers=[container("a", resources=GUARANTEED), container("b", resources=GUARANTEED)])["spec"],
            {
                "resources": {"requests": {"cpu": "1", "memory": "2Gi"}, "limits": {"cpu": "1", "memory": "2Gi"}},
                "allocatedResources": {"cpu": "1", "memory": "2Gi"},
            },
            id="sum",
        ),
        pytest.param(
            pod(containers=[container("a", resources=GUARANTEED), container("b")])["spec"],
            {
                "resources": {"requests": {"cpu": "500m", "memory": "1Gi"}},
                "allocatedResources": {"cpu": "500m", "memory": "1Gi"},
            },
            id="no-limit-where-one-has-none",
        ),
        pytest.param(
            pod(resources={"requests": {"cpu": "2"}}, requests={"cpu": "1"})["spec"],
            {"resources": {"requests": {"cpu": "2"}}, "allocatedResources": {"cpu": "2"}},
            id="pod-level",
        ),
    ],
)
def test_pod_resources(spec: Object, expected: Object) -> None:
    assert pod_resources(spec) == expected


# Logs


def crashed() -> Object:
    living = Living(pod(), behaving(web=Behaviour(run=60, exit_code=2)))
    living.at(0)
    living.at(60)
    return living.pod


def nothing_runs(clock: Clock) -> ContainerRuntime:
    store = Store()
    none = Caches(Lister(Indexer()), Lister(Indexer()))
    return ContainerRuntime(FakeClient(store, clock, Random(7)), clock, Images({}), NoNodes(), lambda pod: None, none)


class NoNodes:
    """Implements Nodes."""

    def node_of(self, address: str) -> str:
        return ""

    def is_node(self, address: str) -> bool:
        return False

    def forwarded(self, address: str, port: int) -> tuple[str, int]:
        return address, port

    def answer(self, address: str, port: int) -> None:
        return None

    def allocatable(self, node: str) -> dict[str, str]:
        return {}


STARTED = "simulated container web of image docker.io/library/web:1 started"
EXITED = "simulated container web exited with 2"


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        pytest.param({}, f"{STARTED}\n", id="running"),
        pytest.param({"previous": True}, f"{STARTED}\n{EXITED}\n", id="previous"),
        pytest.param({"previous": True, "tail_lines": 1}, f"{EXITED}\n", id="tail"),
        pytest.param({"tail_lines": 0}, "", id="no-tail"),
        pytest.param({"limit_bytes": 9}, "simulated", id="limit"),
        pytest.param({"timestamps": True}, f"2026-01-01T00:01:00.000000000Z {STARTED}\n", id="timestamps"),
        pytest.param({"since_seconds": 10}, f"{STARTED}\n", id="since"),
        pytest.param({"previous": True, "since_seconds": 10}, f"{EXITED}\n", id="since-after-its-start"),
        pytest.param({"since_seconds": 1}, "", id="since-after-all"),
    ],
)
async def test_logs(options: Object, expected: str) -> None:
    clock = VirtualClock()
    clock.advance_to(clock.now() + 65)
    pieces = read_log(nothing_runs(clock), clock, crashed(), LogOptions("web", **options))
    assert b"".join([piece async for piece in pieces]) == expected.encode()


@pytest.mark.parametrize(
    ("options", "behaviour", "message"),
    [
        pytest.param(
            LogOptions("web"),
            Behaviour(start=9),
            'container "web" in pod "a" is waiting to start: ContainerCreating',
            id="waiting",
        ),
        pytest.param(
            LogOptions("web", previous=True),
            Behaviour(),
            'previous terminated container "web" in pod "a" not found',
            id="no-previous",
        ),
        pytest.param(
            LogOptions("db"), Behaviour(), 'container "db" in pod "a" is not available', id="no-such-container"
        ),
    ],
)
async def test_logs_that_there_are_not(options: LogOptions, behaviour: Behaviour, message: str) -> None:
    living = Living(pod(), behaving(web=behaviour))
    living.at(0)
    with pytest.raises(StatusError) as raised:
        read_log(nothing_runs(VirtualClock()), VirtualClock(), living.pod, options)
    assert (raised.value.code, raised.value.reason, raised.value.message) == (400, "BadRequest", message)


# Pace


def test_pods_fail_at_once_up_to_a_number_and_then_one_by_one() -> None:
    pace = Pace()
    assert [pace.turn(100) for _ in range(BURST + 2)] == [100] * BURST + [101, 102]
    assert [pace.turn(105) for _ in range(5)] == [105, 105, 105, 106, 107]
    assert [pace.turn(1000) for _ in range(BURST + 1)] == [1000] * BURST + [1001]
