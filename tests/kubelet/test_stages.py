"""Lives of pods, status by status."""

from __future__ import annotations

from typing import Any

import pytest

from minikube_py.controllers.kubelet import backoff
from minikube_py.controllers.kubelet.behaviour import Behaviour
from minikube_py.controllers.kubelet.memory import BackOff
from minikube_py.machinery.gvr import Object
from tests.kubelet.lives import Living, behaving, conditions, states
from tests.scheduler.pods import container, pod

READY = {
    "PodReadyToStartContainers": "True",
    "Initialized": "True",
    "Ready": "True",
    "ContainersReady": "True",
    "PodScheduled": "True",
}
NOW = "2026-01-01T00:00:00Z"


def two(**more: Any) -> Object:
    return pod(containers=[container("a"), container("b")], **more)


def test_a_running_pods_status() -> None:
    mount = {"name": "token", "mountPath": "/var/run", "readOnly": True}
    made = container(
        "web",
        image="nginx:1.27",
        resources={"requests": {"cpu": "100m"}, "limits": {"cpu": "1"}},
        volumeMounts=[mount],
        securityContext={"runAsUser": 1000},
    )
    living = Living(pod(containers=[made], securityContext={"fsGroup": 7}))
    status = living.at(0)
    [running] = status.pop("containerStatuses")
    assert running.pop("containerID").startswith("containerd://")
    assert running.pop("imageID").startswith("docker.io/library/nginx@sha256:")
    assert running == {
        "name": "web",
        "state": {"running": {"startedAt": NOW}},
        "lastState": {},
        "ready": True,
        "started": True,
        "restartCount": 0,
        "image": "docker.io/library/nginx:1.27",
        "resources": made["resources"],
        "allocatedResources": {"cpu": "100m"},
        "volumeMounts": [{**mount, "recursiveReadOnly": "Disabled"}],
        "user": {"linux": {"uid": 1000, "gid": 0, "supplementalGroups": [0, 7]}},
    }
    since = dict.fromkeys(READY, NOW) | {"PodScheduled": "2025-12-31T23:59:59Z"}
    fixed = {"observedGeneration": 1, "status": "True", "lastProbeTime": None}
    assert status == {
        "observedGeneration": 1,
        "phase": "Running",
        "conditions": [{"type": type, **fixed, "lastTransitionTime": when} for type, when in since.items()],
        "hostIP": "172.18.0.2",
        "hostIPs": [{"ip": "172.18.0.2"}],
        "podIP": "10.244.0.2",
        "podIPs": [{"ip": "10.244.0.2"}],
        "startTime": NOW,
        "qosClass": "BestEffort",
        "resources": {"requests": {"cpu": "100m"}, "limits": {"cpu": "1"}},
        "allocatedResources": {"cpu": "100m"},
    }
    assert living.wait is None


def test_older_kubelets_write_less() -> None:
    status = Living(pod(), version="1.28").at(0)
    assert "observedGeneration" not in status and "hostIPs" not in status and "resources" not in status
    assert conditions(status).keys() == READY.keys() - {"PodReadyToStartContainers"}
    assert {"user", "resources"}.isdisjoint(status["containerStatuses"][0])


def test_what_happens_is_told() -> None:
    made = pod(containers=[container("a"), container("b", image="x:latest", imagePullPolicy="Always")])
    living = Living(made)
    living.at(0)
    living.delete()
    living.at(1)
    assert living.events == [
        'spec.containers{a} Pulled: Container image "web:1" already present on machine and can be accessed by the pod',
        "spec.containers{a} Created: Container created",
        "spec.containers{a} Started: Container started",
        'spec.containers{b} Pulling: Pulling image "x:latest"',
        'spec.containers{b} Pulled: Successfully pulled image "x:latest" in 0s (0s including waiting). '
        "Image size: 0 bytes.",
        "spec.containers{b} Created: Container created",
        "spec.containers{b} Started: Container started",
        "spec.containers{a} Killing: Stopping container a",
        "spec.containers{b} Killing: Stopping container b",
    ]


def test_creating_takes_its_time() -> None:
    living = Living(two(), behaving(a=Behaviour(start=2, ready=3)))
    status = living.at(0)
    assert (status["phase"], living.wait) == ("Pending", 2)
    assert states(status) == {"a": "waiting ContainerCreating", "b": "running ready"}
    assert conditions(status)["ContainersReady"] == "False ContainersNotReady"
    ready = next(each for each in status["conditions"] if each["type"] == "Ready")
    assert ready["message"] == "containers with unready status: [a]"
    assert states(living.at(2)) == {"a": "running", "b": "running ready"}
    assert living.wait == 3
    status = living.at(5)
    assert conditions(status) == READY and living.wait is None
    ready = next(each for each in status["conditions"] if each["type"] == "Ready")
    assert ready["lastTransitionTime"] == "2026-01-01T00:00:05Z"


def test_nothing_runs_yet() -> None:
    status = Living(pod(), behaving(web=Behaviour(start=2))).at(0)
    assert (status["phase"], states(status)) == ("Pending", {"web": "waiting ContainerCreating"})
    assert status["containerStatuses"][0] == {
        "name": "web",
        "state": {"waiting": {"reason": "ContainerCreating"}},
        "lastState": {},
        "ready": False,
        "started": False,
        "restartCount": 0,
        "image": "web:1",
        "imageID": "",
    }


def test_init_containers_run_one_by_one_and_sidecars_beside_them() -> None:
    init = [container("first"), container("side", restartPolicy="Always"), container("second")]
    living = Living(pod(initContainers=init), behaving(first=Behaviour(run=1), second=Behaviour(run=1)))
    status = living.at(0)
    waiting = "waiting PodInitializing"
    assert states(status) == {"first": "running", "side": waiting, "second": waiting, "web": waiting}
    assert (status["phase"], conditions(status)["Initialized"]) == ("Pending", "False ContainersNotInitialized")
    initialized = next(each for each in status["conditions"] if each["type"] == "Initialized")
    assert initialized["message"] == "containers with incomplete status: [first side second]"
    assert states(living.at(1)) == {
        "first": "terminated 0 ready",
        "side": "running ready",
        "second": "running",
        "web": waiting,
    }
    status = living.at(2)
    assert states(status)["second"] == "terminated 0 ready" and states(status)["web"] == "running ready"
    assert (status["phase"], conditions(status)) == ("Running", READY)


@pytest.mark.parametrize(
    ("policy", "code", "phase", "reason"),
    [
        pytest.param("Never", 0, "Succeeded", "PodCompleted", id="succeeded"),
        pytest.param("Never", 1, "Failed", "PodFailed", id="failed"),
        pytest.param("OnFailure", 0, "Succeeded", "PodCompleted", id="on-failure-succeeded"),
    ],
)
def test_pods_that_end(policy: str, code: int, phase: str, reason: str) -> None:
    side = container("side", restartPolicy="Always")
    living = Living(pod(restartPolicy=policy, initContainers=[side]), behaving(web=Behaviour(run=5, exit_code=code)))
    assert (living.at(0)["phase"], living.wait) == ("Running", 5)
    status = living.at(5)
    assert (status["phase"], living.wait) == (phase, None)
    assert states(status) == {"side": "terminated 0", "web": f"terminated {code}"}
    assert conditions(status)["Ready"] == f"False {reason}"
    assert conditions(status)["PodReadyToStartContainers"] == "False"
    [ended] = status["containerStatuses"]
    assert ended["state"]["terminated"]["reason"] == ("Error" if code else "Completed")
    assert living.at(6) == status


def test_what_exits_is_restarted_with_longer_and_longer_pauses() -> None:
    living = Living(pod(restartPolicy="Always"), behaving(web=Behaviour(run=1, exit_code=2)))
    living.at(0)
    [again] = living.at(1)["containerStatuses"]
    assert (again["restartCount"], states({"containerStatuses": [again]})) == (1, {"web": "running ready"})
    assert again["lastState"]["terminated"]["exitCode"] == 2
    status = living.at(2)
    assert (status["phase"], states(status), living.wait) == ("Running", {"web": "waiting CrashLoopBackOff"}, 10)
    message = "back-off 10s restarting failed container=web pod=a_default(u)"
    assert status["containerStatuses"][0]["state"]["waiting"]["message"] == message
    assert living.events[-1].endswith("BackOff: Back-off restarting failed container web in pod a_default(u)")
    assert living.at(12)["containerStatuses"][0]["restartCount"] == 2
    living.at(13)
    assert living.wait == 20


def test_back_off_has_a_limit() -> None:
    found: BackOff | None = None
    delays = []
    for number in range(7):
        found = backoff.longer(found, number, number)
        delays.append(found.delay)
    assert delays == [10, 20, 40, 80, 160, 300, 300]


def test_a_failed_init_container_fails_the_pod_that_restarts_nothing() -> None:
    made = pod(restartPolicy="Never", initContainers=[container("first")])
    status = Living(made, behaving(first=Behaviour(run=0, exit_code=1))).at(0)
    assert (status["phase"], states(status)) == ("Failed", {"first": "terminated 1", "web": "waiting PodInitializing"})


def test_deadline() -> None:
    living = Living(pod(activeDeadlineSeconds=30))
    living.at(0)
    assert living.wait == 30
    status = living.at(30)
    assert (status["phase"], status["reason"]) == ("Failed", "DeadlineExceeded")
    assert states(status) == {"web": "terminated 0"}
    assert status["message"] == "Pod was active on the node longer than the specified deadline"


@pytest.mark.parametrize(
    ("policy", "stop", "grace", "wait", "expected"),
    [
        pytest.param("Always", 0, 30, None, ("Succeeded", "terminated 0"), id="at-once"),
        pytest.param("Always", 5, 30, 5, ("Succeeded", "terminated 0"), id="in-time"),
        pytest.param("Always", 50, 30, 30, ("Failed", "terminated 137"), id="killed"),
        pytest.param("Never", 5, 30, 5, ("Failed", "terminated 143"), id="interrupted"),
        pytest.param("Always", 5, 0, 2, ("Failed", "terminated 137"), id="no-grace"),
    ],
)
def test_deletion(policy: str, stop: float, grace: int, wait: float | None, expected: tuple[str, str]) -> None:
    living = Living(pod(restartPolicy=policy), behaving(web=Behaviour(stop=stop)))
    living.at(0)
    living.delete(grace)
    status = living.at(1)
    assert living.wait == wait
    if wait is not None:
        assert (status["phase"], living.gone) == ("Running", False)
        status = living.at(1 + wait)
    assert (status["phase"], states(status)["web"], living.gone) == (*expected, True)


def test_a_pod_that_never_ran_just_goes() -> None:
    living = Living(pod(), behaving(web=Behaviour(start=60)))
    living.at(0)
    living.delete()
    living.at(1)
    assert living.gone and not [each for each in living.events if "Killing" in each]


def test_a_new_image_restarts_its_container() -> None:
    living = Living(two())
    living.at(0)
    spec = {"containers": [container("a", image="web:2"), container("b")]}
    living.pod = {**living.pod, "spec": spec, "metadata": {**living.pod["metadata"], "generation": 2}}
    status = living.at(1)
    first, second = status["containerStatuses"]
    assert (first["image"], first["restartCount"], second["restartCount"]) == ("docker.io/library/web:2", 1, 0)
    assert status["observedGeneration"] == 2
    assert "spec.containers{a} Killing: Container a definition changed, will be restarted" in living.events


def test_ephemeral_containers_join() -> None:
    living = Living(pod())
    living.at(0)
    living.pod = {**living.pod, "spec": {**living.pod["spec"], "ephemeralContainers": [container("debug")]}}
    status = living.at(1)
    assert states(status) == {"web": "running ready", "debug": "running"}
    assert conditions(status) == READY


def test_readiness_gates_hold_readiness_back() -> None:
    living = Living(pod(readinessGates=[{"conditionType": "example.com/up"}]))
    status = living.at(0)
    assert conditions(status)["Ready"] == "False ReadinessGatesNotReady"
    assert conditions(status)["ContainersReady"] == "True"
    gate = {"type": "example.com/up", "status": "True", "lastTransitionTime": NOW}
    living.pod["status"] = {**status, "conditions": [gate, *status["conditions"]]}
    status = living.at(1)
    assert conditions(status)["Ready"] == "True" and status["conditions"][0] == gate


def test_pods_on_the_hosts_network_have_its_address() -> None:
    assert Living(pod(hostNetwork=True)).at(0)["podIP"] == "172.18.0.2"


def test_without_an_address_nothing_starts() -> None:
    living = Living(pod())
    for number in range(253):
        living.host.network.allocate(str(number))
    status = living.at(0)
    assert (status["phase"], living.wait) == ("Pending", 10)
    assert "podIP" not in status
    assert living.events == [
        "FailedCreatePodSandBox: Failed to create pod sandbox: rpc error: code = Unknown desc = "
        "failed to setup network for sandbox: no IP addresses available in range set: 10.244.0.0/24"
    ]
    living.host.network.release("7")
    assert living.at(10)["podIP"] == "10.244.0.9"
