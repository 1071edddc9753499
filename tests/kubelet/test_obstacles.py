"""Containers that cannot be started: their images, their environment, their volumes."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from minikube_py.controllers.kubelet.behaviour import NEVER, Behaviour
from minikube_py.controllers.kubelet.obstacles import invalid_name, pull_error
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.meta import uid
from minikube_py.machinery.wellknown import (
    CONFIG_MAPS,
    EVENTS,
    PERSISTENT_VOLUME_CLAIMS,
    PERSISTENT_VOLUMES,
    PODS,
    SECRETS,
)
from tests.kubelet.lives import Living, behaving, states
from tests.kubelet.test_kubelet import run
from tests.scheduler.pods import PodWorld, container, pod

NOT_FOUND = (
    'rpc error: code = NotFound desc = failed to pull and unpack image "docker.io/library/web:1": '
    'failed to resolve reference "docker.io/library/web:1": docker.io/library/web:1: not found'
)


def waiting(status: Object, number: int = 0) -> tuple[str, str]:
    found = status["containerStatuses"][number]["state"]["waiting"]
    return found["reason"], found.get("message", "")


def test_a_failing_pull_backs_off() -> None:
    life = Living(pod(), behaving(web=Behaviour(pull=NEVER)))
    status = life.at(0)
    assert (status["phase"], waiting(status), life.wait) == ("Pending", ("ErrImagePull", NOT_FOUND), 1)
    assert life.told() == [
        'Pulling: Pulling image "web:1"',
        f'Failed: Failed to pull image "web:1": {NOT_FOUND}',
        "Failed: Error: ErrImagePull",
    ]
    message = f'Back-off pulling image "web:1": ErrImagePull: {NOT_FOUND}'
    assert (waiting(life.at(1)), life.wait) == (("ImagePullBackOff", message), 9)
    assert life.told() == ['BackOff: Back-off pulling image "web:1"', "Failed: Error: ImagePullBackOff"]
    assert (waiting(life.at(10))[0], life.wait) == ("ErrImagePull", 1)
    life.at(11)
    assert life.wait == 19


def test_pulls_are_tried_every_five_minutes_in_the_end() -> None:
    life = Living(pod(), behaving(web=Behaviour(pull=NEVER)))
    now, tried = 0.0, []
    while len(tried) < 8:
        if waiting(life.at(now))[0] == "ErrImagePull":
            tried.append(now)
        assert life.wait is not None
        now += life.wait
    pauses = [later - earlier for earlier, later in itertools.pairwise(tried)]
    assert pauses == [10, 20, 40, 80, 160, 300, 300]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param({"pull": "never"}, {}, id="the-annotation-goes"),
        pytest.param({"pull.web": "never"}, {"pull.other": "never"}, id="it-names-another"),
    ],
)
def test_a_pull_that_would_succeed_now_does(before: dict[str, str], after: dict[str, str]) -> None:
    life = Living(pod())
    life.pod["metadata"]["annotations"] = {f"minikube-py/{key}": text for key, text in before.items()}
    life.at(0), life.at(1)
    life.pod["metadata"] = {
        **life.pod["metadata"],
        "annotations": {f"minikube-py/{key}": text for key, text in after.items()},
    }
    status = life.at(2)
    assert (states(status), status["containerStatuses"][0]["restartCount"]) == ({"web": "running ready"}, 0)


def test_another_image_heals_and_a_bad_one_breaks() -> None:
    life = Living(pod(containers=[container(image="registry.invalid/web:1")]))
    assert waiting(life.at(0))[0] == "ErrImagePull"
    life.change(containers=[container(image="web:2")])
    assert states(life.at(1)) == {"web": "running ready"}
    life.change(containers=[container(image="registry.invalid/web:3")])
    [status] = life.at(2)["containerStatuses"]
    assert status["state"]["waiting"]["reason"] == "ErrImagePull"
    assert status["lastState"]["terminated"]["exitCode"] == 0 and status["restartCount"] == 0
    life.change(containers=[container(image="registry.invalid/web:4")])
    life.at(3)
    assert 'Pulling: Pulling image "registry.invalid/web:4"' in life.told("Pulling")
    life.change(containers=[container(image="web:5")])
    [status] = life.at(4)["containerStatuses"]
    assert ("running" in status["state"], status["restartCount"]) == (True, 1)


def test_a_slow_pull() -> None:
    life = Living(pod(), behaving(web=Behaviour(pull=20, start=1)))
    assert (waiting(life.at(0)), life.wait) == (("ContainerCreating", ""), 21)
    assert states(life.at(21)) == {"web": "running ready"}
    assert life.told("Pulling", "Pulled") == [
        'Pulling: Pulling image "web:1"',
        'Pulled: Successfully pulled image "web:1" in 20s (20s including waiting). Image size: 0 bytes.',
    ]


@pytest.mark.parametrize(
    ("made", "expected", "events"),
    [
        pytest.param(
            container(image="Web:1"),
            (
                "InvalidImageName",
                'Failed to apply default image tag "Web:1": couldn\'t parse image name "Web:1": '
                "invalid reference format: repository name must be lowercase",
            ),
            [
                'InspectFailed: Failed to apply default image tag "Web:1": couldn\'t parse image name "Web:1": '
                "invalid reference format: repository name must be lowercase",
                "Failed: Error: InvalidImageName",
            ],
            id="invalid-name",
        ),
        pytest.param(
            container(image="registry.invalid/web:1", imagePullPolicy="Never"),
            (
                "ErrImageNeverPull",
                'Container image "registry.invalid/web:1" is not present with pull policy of Never',
            ),
            [
                'ErrImageNeverPull: Container image "registry.invalid/web:1" is not present with pull policy of Never',
                "Failed: Error: ErrImageNeverPull",
            ],
            id="never-pull",
        ),
    ],
)
def test_images_that_are_not_even_pulled(made: Object, expected: tuple[str, str], events: list[str]) -> None:
    life = Living(pod(containers=[made]))
    assert (waiting(life.at(0)), life.wait, life.told()) == (expected, None, events)
    assert (waiting(life.at(60)), life.told()) == (expected, [])
    life.change(containers=[container()])
    assert states(life.at(61)) == {"web": "running ready"}


@pytest.mark.parametrize(
    ("image", "valid"),
    [
        pytest.param("web", True, id="bare"),
        pytest.param("localhost:5000/a/b_c-d.e:v1.2_3-4", True, id="all-there-is"),
        pytest.param("Registry.Example/web:V1", True, id="hosts-and-tags-may-be-upper-case"),
        pytest.param("web@sha256:" + "a" * 64, True, id="digest"),
        pytest.param("web:", False, id="no-tag"),
        pytest.param("web:1:2", False, id="two-tags"),
        pytest.param("-web", False, id="dash"),
        pytest.param("we b", False, id="space"),
        pytest.param("a/B", False, id="upper-case"),
    ],
)
def test_names_of_images(image: str, valid: bool) -> None:
    assert (invalid_name(image) == "") is valid


def test_what_is_nowhere_is_not_looked_up() -> None:
    assert pull_error("registry.invalid/a/web:1") == (
        "rpc error: code = Unknown desc = failed to pull and unpack image "
        '"registry.invalid/a/web:1": failed to resolve reference "registry.invalid/a/web:1": failed to do request: '
        'Head "https://registry.invalid/v2/a/web/manifests/1": dial tcp: lookup registry.invalid: no such host'
    )


# Environment and volumes

CONFIG: dict[str, Any] = {"configMapKeyRef": {"name": "settings", "key": "mode"}}


def reading(**source: Any) -> Object:
    return container(env=[{"name": "MODE", "valueFrom": source}])


@pytest.mark.parametrize(
    ("made", "objects", "message"),
    [
        pytest.param(
            reading(**CONFIG), {("configmaps", "settings"): None}, 'configmap "settings" not found', id="configmap"
        ),
        pytest.param(
            reading(secretKeyRef={"name": "s", "key": "k"}),
            {("secrets", "s"): None},
            'secret "s" not found',
            id="secret",
        ),
        pytest.param(
            reading(**CONFIG),
            {("configmaps", "settings"): {"data": {"other": ""}}},
            "couldn't find key mode in ConfigMap default/settings",
            id="key",
        ),
        pytest.param(
            reading(secretKeyRef={"name": "s", "key": "k"}),
            {("secrets", "s"): {}},
            "couldn't find key k in Secret default/s",
            id="secret-key",
        ),
        pytest.param(
            container(envFrom=[{"configMapRef": {"name": "settings"}}]),
            {("configmaps", "settings"): None},
            'configmap "settings" not found',
            id="all-of-one",
        ),
        pytest.param(
            reading(configMapKeyRef={**CONFIG["configMapKeyRef"], "optional": True}),
            {("configmaps", "settings"): None},
            "",
            id="optional",
        ),
        pytest.param(reading(**CONFIG), {("configmaps", "settings"): {"data": {"mode": ""}}}, "", id="there"),
    ],
)
def test_environment(made: Object, objects: dict[tuple[str, str], Object | None], message: str) -> None:
    life = Living(pod(containers=[made]))
    life.objects = objects
    status = life.at(0)
    if not message:
        assert states(status) == {"web": "running ready"}
        return
    assert (status["phase"], waiting(status)) == ("Pending", ("CreateContainerConfigError", message))
    assert life.told("Failed") == [f"Failed: Error: {message}"] and life.wait == 10
    life.at(5)
    assert life.told() == []
    life.objects = {key: {"data": {"mode": "fast", "k": "v"}} for key in objects}
    assert states(life.at(9)) == {"web": "running ready"}


def mounting(expression: str, value: Object) -> Object:
    return container(
        env=[{"name": "MODE", **value}],
        volumeMounts=[{"name": "v", "mountPath": "/v", "subPathExpr": expression}],
    )


@pytest.mark.parametrize(
    ("made", "message"),
    [
        pytest.param(mounting("$(MODE)/$(NO)", {}), "missing value for MODE, NO", id="missing"),
        pytest.param(
            mounting("$(MODE)", {"valueFrom": {"fieldRef": {"fieldPath": "metadata.annotations['fast']"}}}),
            "missing value for MODE",
            id="no-such-annotation",
        ),
        pytest.param(
            mounting("$(MODE)", {"value": "/tmp"}), "error SubPath `/tmp` must not be an absolute path", id="absolute"
        ),
        pytest.param(
            mounting("a/$(MODE)", {"value": ".."}),
            "unable to provision SubPath `a/..`: must not contain '..'",
            id="above",
        ),
        pytest.param(
            container(securityContext={"runAsUser": 0}),
            'container\'s runAsUser breaks non-root policy (pod: "a_default(u)", container: web)',
            id="root",
        ),
    ],
)
def test_subpaths_and_users(made: Object, message: str) -> None:
    life = Living(pod(containers=[made], securityContext={"runAsNonRoot": True}, volumes=[{"name": "v"}]))
    status = life.at(0)
    assert (status["phase"], waiting(status)) == ("Pending", ("CreateContainerConfigError", message))
    assert life.told("Failed") == [f"Failed: Error: {message}"] and life.wait == 10


def test_a_subpath_that_comes_to_lead_somewhere() -> None:
    field = {"valueFrom": {"fieldRef": {"fieldPath": "metadata.annotations['fast']"}}}
    life = Living(pod(containers=[mounting("$(MODE)/$(WEB_SERVICE_HOST)", field)], volumes=[{"name": "v"}]))
    assert states(life.at(0)) == {"web": "waiting CreateContainerConfigError"}
    life.pod["metadata"] = {**life.pod["metadata"], "annotations": {"fast": "yes"}}
    assert states(life.at(1)) == {"web": "running ready"}


BOUND = {"metadata": {"name": "disk", "uid": "u"}, "spec": {"volumeName": "pv"}, "status": {"phase": "Bound"}}


def claim_error(why: str) -> str:
    return (
        "Unable to attach or mount volumes: unmounted volumes=[v], unattached volumes=[], "
        f"failed to process volumes=[v]: error processing PVC default/disk: {why}"
    )


@pytest.mark.parametrize(
    ("volume", "objects", "message"),
    [
        pytest.param(
            {"configMap": {"name": "settings"}},
            {("configmaps", "settings"): None},
            'MountVolume.SetUp failed for volume "v" : configmap "settings" not found',
            id="configmap",
        ),
        pytest.param(
            {"secret": {"secretName": "s"}},
            {("secrets", "s"): None},
            'MountVolume.SetUp failed for volume "v" : secret "s" not found',
            id="secret",
        ),
        pytest.param(
            {"configMap": {"name": "settings", "items": [{"key": "a", "path": "a"}]}},
            {("configmaps", "settings"): {"data": {"b": ""}}},
            'MountVolume.SetUp failed for volume "v" : configmap references non-existent config key: a',
            id="key",
        ),
        pytest.param(
            {"projected": {"sources": [{"secret": {"name": "s", "items": [{"key": "a", "path": "a"}]}}]}},
            {("secrets", "s"): {}},
            'MountVolume.SetUp failed for volume "v" : references non-existent secret key: a',
            id="projected",
        ),
        pytest.param(
            {"persistentVolumeClaim": {"claimName": "disk"}},
            {("persistentvolumeclaims", "disk"): None},
            claim_error('failed to fetch PVC from API server: persistentvolumeclaims "disk" not found'),
            id="no-claim",
        ),
        pytest.param(
            {"persistentVolumeClaim": {"claimName": "disk"}},
            {("persistentvolumeclaims", "disk"): {**BOUND, "status": {"phase": "Pending"}}},
            claim_error("PVC is not bound"),
            id="claim-not-bound",
        ),
        pytest.param(
            {"persistentVolumeClaim": {"claimName": "disk"}},
            {("persistentvolumeclaims", "disk"): BOUND, ("persistentvolumes", "pv"): None},
            claim_error('failed to fetch PV pv from API server: persistentvolumes "pv" not found'),
            id="no-volume",
        ),
        pytest.param(
            {"persistentVolumeClaim": {"claimName": "disk"}},
            {("persistentvolumeclaims", "disk"): BOUND, ("persistentvolumes", "pv"): {"spec": {}}},
            claim_error(
                "found PV object pv but it has a nil pv.Spec.ClaimRef indicating it is not yet bound to the claim"
            ),
            id="volume-not-bound",
        ),
        pytest.param(
            {"persistentVolumeClaim": {"claimName": "disk"}},
            {
                ("persistentvolumeclaims", "disk"): BOUND,
                ("persistentvolumes", "pv"): {"spec": {"claimRef": {"uid": "other"}}},
            },
            claim_error("found PV object pv but its pv.Spec.ClaimRef.UID other does not point to claim.UID u"),
            id="volume-of-another",
        ),
    ],
)
def test_volumes(volume: Object, objects: dict[tuple[str, str], Object | None], message: str) -> None:
    life = Living(pod(volumes=[{"name": "v", **volume}]))
    life.objects = objects
    status = life.at(0)
    assert (status["phase"], states(status)) == ("Pending", {"web": "waiting ContainerCreating"})
    assert "podIP" not in status and life.told() == [f"FailedMount: {message}"]
    life.at(0.4)
    assert life.told() == []
    there = {**BOUND, "data": {"a": "1"}}
    there["spec"] = {**there["spec"], "claimRef": {"uid": "u"}}
    life.objects = dict.fromkeys(objects, there)
    assert states(life.at(2)) == {"web": "running ready"}


async def test_pods_go_on_once_what_they_wait_for_is_there(world: PodWorld) -> None:
    run(world)
    await world.settle()
    volumes = [{"name": "v", "secret": {"secretName": "s"}}]
    await world.create(
        pod("mounts", volumes=volumes),
        pod("reads", containers=[reading(**CONFIG)]),
        pod("claims", nodeName="node-1", volumes=[{"name": "v", "persistentVolumeClaim": {"claimName": "disk"}}]),
    )
    await world.settle()
    phases = [each["status"]["phase"] for each in (await world.client.list(PODS)).items]
    assert phases == ["Pending"] * 3
    metadata = {"namespace": "default"}
    await world.client.create(SECRETS, {"metadata": {"name": "s", **metadata}})
    await world.client.create(CONFIG_MAPS, {"metadata": {"name": "settings", **metadata}})
    await world.client.patch(CONFIG_MAPS, "default", "settings", {"data": {"mode": "fast"}})
    spec = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}, "volumeName": "pv"}
    claim = {"metadata": {"name": "disk", **metadata}, "spec": spec}
    reference = {**metadata, "name": "disk", "uid": uid(await world.client.create(PERSISTENT_VOLUME_CLAIMS, claim))}
    spec = {"accessModes": ["ReadWriteOnce"], "capacity": {"storage": "1Gi"}, "hostPath": {"path": "/disk"}}
    volume = {"metadata": {"name": "pv"}, "spec": {**spec, "claimRef": reference}}
    await world.client.create(PERSISTENT_VOLUMES, volume)
    bound = {"status": {"phase": "Bound"}}
    await world.client.patch(PERSISTENT_VOLUME_CLAIMS, "default", "disk", bound, subresource="status")
    await world.settle()
    phases = [each["status"]["phase"] for each in (await world.client.list(PODS)).items]
    assert phases == ["Running"] * 3
    told = [each for each in await world.events() if "Failed" in each]
    assert 'mounts FailedMount: MountVolume.SetUp failed for volume "v" : secret "s" not found' in told
    assert 'reads Failed: Error: configmap "settings" not found' in told


async def test_what_is_there_is_seen_though_the_caches_lag(world: PodWorld) -> None:
    run(world)
    await world.settle()
    await world.client.create(SECRETS, {"metadata": {"name": "s", "namespace": "default"}})
    await world.create(pod(nodeName="node-1", volumes=[{"name": "v", "secret": {"secretName": "s"}}]))
    await world.settle()
    assert (await world.get())["status"]["phase"] == "Running"
    assert not [each for each in await world.events() if "FailedMount" in each]


async def test_what_is_said_of_a_volume_again_is_one_event_that_counts(world: PodWorld) -> None:
    run(world)
    await world.settle()
    await world.create(pod(nodeName="node-1", volumes=[{"name": "v", "secret": {"secretName": "s"}}]))
    seen: list[tuple[int, str, str]] = []
    for seconds in (0, 2, 10):
        await world.advance(seconds)
        [event] = [each for each in (await world.client.list(EVENTS)).items if each["reason"] == "FailedMount"]
        seen.append((event["count"], event["metadata"]["uid"], event["firstTimestamp"]))
    assert [count for count, _, _ in seen] == [1, 3, 5]  # at once, after 0.5 s, 1.5 s, 3.5 s and 7.5 s
    assert len({(uid, first) for _, uid, first in seen}) == 1


def test_a_volume_is_waited_for_longer_and_longer() -> None:
    volume = {"name": "v", "configMap": {"name": "c"}}
    living = Living(pod(volumes=[volume]))
    living.objects = {("configmaps", "c"): None}
    now, waits = 0.0, []
    for _ in range(11):
        living.at(now)
        assert living.told() == ['FailedMount: MountVolume.SetUp failed for volume "v" : configmap "c" not found']
        assert living.wait is not None
        waits.append(living.wait)
        now += living.wait
    assert [round(each, 3) for each in waits] == [0.5, 1, 2, 4, 8, 16, 32, 64, 122, 122, 122]
    living.objects = {("configmaps", "c"): {"data": {}}}
    living.at(now)
    assert living.wait is None and not living.told("FailedMount")


def test_an_environment_is_tried_again_and_again() -> None:
    living = Living(pod(containers=[container(envFrom=[{"configMapRef": {"name": "c"}}])]))
    living.objects = {("configmaps", "c"): None}
    for now in (0, 10, 20):
        living.at(now)
        assert living.told("Failed") == ['Failed: Error: configmap "c" not found'] and living.wait == 10
        living.at(now + 5)
        assert living.told() == []
    living.objects = {("configmaps", "c"): {"data": {}}}
    assert states(living.at(21)) == {"web": "running ready"} and living.wait is None
