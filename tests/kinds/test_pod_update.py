"""How pods may change: by an update, through subresources, and on their way out."""

from __future__ import annotations

from typing import Any

import pytest

from minikube_py.api.local import LocalClient
from minikube_py.machinery.errors import StatusError
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.wellknown import NODES, PODS
from tests.kinds.pods import NAMESPACE, container, new_client, pod

IMMUTABLE = (
    "Forbidden: pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,"
    "`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),"
    "`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)\n@@ -"
)


async def created(body: Object) -> tuple[LocalClient, Object]:
    client = await new_client()
    return client, await client.create(PODS, body, namespace=NAMESPACE)


async def patched(client: LocalClient, patch: Object, subresource: str = "") -> Object:
    return await client.patch(PODS, NAMESPACE, "p", patch, subresource=subresource)


async def refusals(client: LocalClient, patch: Object, subresource: str = "") -> list[str]:
    with pytest.raises(StatusError) as caught:
        await patched(client, patch, subresource)
    return [f"{cause['field']}: {cause['message']}" for cause in caught.value.causes]


@pytest.mark.parametrize(
    ("before", "patch"),
    [
        pytest.param({}, {"containers": [container(image="nginx:2")]}, id="image"),
        pytest.param({}, {"activeDeadlineSeconds": 9}, id="a deadline"),
        pytest.param({"activeDeadlineSeconds": 9}, {"activeDeadlineSeconds": 3}, id="an earlier deadline"),
        pytest.param({"schedulingGates": [{"name": "a"}]}, {"schedulingGates": []}, id="fewer gates"),
        pytest.param(
            {"schedulingGates": [{"name": "a"}], "nodeSelector": {"a": "1"}},
            {"nodeSelector": {"b": "2"}},
            id="a gated pod's node selector grows",
        ),
    ],
)
async def test_what_may_change(before: Object, patch: Object) -> None:
    client, made = await created(pod(automountServiceAccountToken=False, **before))
    changed = await patched(client, {"spec": patch})
    assert (made["metadata"]["generation"], changed["metadata"]["generation"]) == (1, 2)


@pytest.mark.parametrize(
    ("before", "patch", "expected"),
    [
        pytest.param(
            {},
            {"containers": [container(), container("d")]},
            ["spec.containers: Forbidden: pod updates may not add or remove containers"],
            id="containers",
        ),
        pytest.param(
            {"activeDeadlineSeconds": 3},
            {"activeDeadlineSeconds": 9},
            ["spec.activeDeadlineSeconds: Invalid value: 9: must be less than or equal to previous value"],
            id="a later deadline",
        ),
        pytest.param(
            {"schedulingGates": [{"name": "a"}]},
            {"schedulingGates": [{"name": "a"}, {"name": "b"}]},
            [
                "spec.schedulingGates[1].name: Forbidden: only deletion is allowed, but found new scheduling gate 'b'",
            ],
            id="more gates",
        ),
        pytest.param(
            {"schedulingGates": [{"name": "a"}], "nodeSelector": {"a": "1"}},
            {"nodeSelector": {"a": "2"}},
            [
                'spec.nodeSelector: Invalid value: {"a":"2"}: only additions to spec.nodeSelector are allowed (no '
                "mutations or deletions)"
            ],
            id="a gated pod's node selector changes",
        ),
    ],
)
async def test_what_may_not_change(before: Object, patch: Object, expected: list[str]) -> None:
    client, _ = await created(pod(**before))
    assert await refusals(client, {"spec": patch}) == expected


@pytest.mark.parametrize(
    "patch",
    [
        pytest.param({"nodeName": "n"}, id="node"),
        pytest.param({"restartPolicy": "Never"}, id="restart policy"),
        pytest.param({"nodeSelector": {"a": "1"}}, id="node selector of a pod without gates"),
    ],
)
async def test_all_else_is_immutable(patch: Object) -> None:
    client, _ = await created(pod())
    (found,) = await refusals(client, {"spec": patch})
    assert found.startswith(f"spec: {IMMUTABLE}")


async def test_tolerations_only_grow() -> None:
    client, made = await created(pod())
    kept = made["spec"]["tolerations"]
    changed = await patched(client, {"spec": {"tolerations": [*kept, {"key": "a", "operator": "Exists"}]}})
    assert len(changed["spec"]["tolerations"]) == 3
    assert "spec.tolerations: Forbidden: existing toleration can not be modified except its tolerationSeconds" in (
        await refusals(client, {"spec": {"tolerations": [{"key": "a", "operator": "Exists", "effect": "NoSchedule"}]}})
    )


async def test_a_finished_container_of_a_pod_that_never_restarts() -> None:
    client, _ = await created(pod(restartPolicy="Never"))
    ended = {"name": "c", "state": {"terminated": {"exitCode": 1}}, "image": "x", "imageID": "", "ready": False}
    await patched(client, {"status": {"containerStatuses": [{**ended, "restartCount": 0}]}}, "status")
    running = {**ended, "restartCount": 1, "state": {"running": {}}}
    assert await refusals(client, {"status": {"containerStatuses": [running]}}, "status") == [
        "status.containerStatuses[0].state: Forbidden: may not be transitioned to non-terminated state"
    ]


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        pytest.param(
            {"qosClass": "Guaranteed"}, ['status.qosClass: Invalid value: "Guaranteed": field is immutable'], id="qos"
        ),
        pytest.param(
            {"podIPs": [{"ip": "1.1.1.1"}, {"ip": "2.2.2.2"}]},
            [
                'status.podIPs: Invalid value: [{"IP":"1.1.1.1"},{"IP":"2.2.2.2"}]: may specify no more than one IP '
                "for each IP family"
            ],
            id="two addresses of one family",
        ),
        pytest.param(
            {"hostIPs": [{"ip": "1.1.1.1"}]},
            ['status.hostIPs[0].ip: Invalid value: "1.1.1.1": must be equal to `hostIP`'],
            id="host IPs",
        ),
        pytest.param(
            {"conditions": [{"type": "a b", "status": "True"}], "nominatedNodeName": "A_"},
            [
                'status.conditions[0].Type: Invalid value: "a b": name part must consist of alphanumeric characters, '
                "'-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or "
                "'my.name',  "
                "or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')",
                'status.nominatedNodeName: Invalid value: "A_": a lowercase RFC 1123 subdomain must consist of lower '
                "case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. "
                "'example.com', regex used for validation is "
                "'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
            ],
            id="conditions and nomination",
        ),
        pytest.param(
            {"resourceClaimStatuses": [{"name": "x"}]},
            [
                'status.resourceClaimStatuses[0].name: Invalid value: "x": must match the name of an entry in '
                "`spec.resourceClaims`"
            ],
            id="claim",
        ),
        pytest.param(
            {
                "containerStatuses": [
                    {
                        "name": "c",
                        "image": "x",
                        "imageID": "",
                        "ready": False,
                        "restartCount": 0,
                        "user": {"linux": {"uid": -1, "gid": 0}},
                        "allocatedResourcesStatus": [
                            {"name": "example.com/gpu", "resources": [{"resourceID": "a", "health": "Ill"}]}
                        ],
                    }
                ]
            },
            [
                "status.containerStatuses[0].user.linux.uid: Invalid value: -1: must be between 0 and 2147483647, "
                "inclusive",
                'status.containerStatuses[0].allocatedResourcesStatus[0].name: Invalid value: "example.com/gpu": must '
                "match one of the container's resource requests",
                "status.containerStatuses[0].allocatedResourcesStatus[0].resources[0].health: Unsupported value: "
                '"Ill": supported values: "Healthy", "Unhealthy", "Unknown"',
            ],
            id="containers",
        ),
    ],
)
async def test_statuses(status: Object, expected: list[str]) -> None:
    client, _ = await created(pod())
    assert await refusals(client, {"status": status}, "status") == expected


async def test_the_status_leaves_the_rest_alone() -> None:
    client, made = await created(pod())
    patch = {
        "metadata": {"labels": {"a": "1"}, "ownerReferences": []},
        "spec": {"nodeName": "n"},
        "status": {"phase": "Running"},
    }
    changed = await patched(client, patch, "status")
    assert changed["spec"] == made["spec"]
    assert changed["status"] == {"phase": "Running", "qosClass": "BestEffort"}


async def test_ephemeral_containers_come_and_stay() -> None:
    client, _ = await created(pod())
    debugger = {"name": "dbg", "image": "busybox"}
    path = "ephemeralcontainers"
    changed = await patched(client, {"spec": {"ephemeralContainers": [debugger], "hostname": "x"}}, path)
    assert changed["spec"]["ephemeralContainers"][0]["imagePullPolicy"] == "Always"
    assert "hostname" not in changed["spec"]
    assert changed["metadata"]["generation"] == 2
    assert await refusals(client, {"spec": {"ephemeralContainers": []}}, path) == [
        'spec.ephemeralContainers: Forbidden: existing ephemeral containers "dbg" may not be removed\n'
    ]


def resources(**requests: str) -> Object:
    return {"spec": {"containers": [{"name": "c", "image": "nginx:1.25", "resources": {"requests": requests}}]}}


async def test_resize() -> None:
    client, _ = await created(pod(containers=[container(resources={"requests": {"cpu": "100m"}})]))
    changed = await patched(client, resources(cpu="200m"), "resize")
    assert changed["spec"]["containers"][0]["resources"] == {"requests": {"cpu": "200m"}}
    assert changed["metadata"]["generation"] == 2
    with_disk = resources(cpu="200m", **{"ephemeral-storage": "1Gi"})
    assert await refusals(client, with_disk, "resize") == [
        "spec: Forbidden: only cpu and memory resources are mutable",
    ]


async def test_a_pod_grows_no_larger_than_its_node() -> None:
    client, _ = await created(pod(nodeName="n", containers=[container(resources={"requests": {"cpu": "100m"}})]))
    await client.create(NODES, {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "n"}})
    with pytest.raises(StatusError, match="cpu, requested: 200, allocatable: 0") as caught:
        await patched(client, resources(cpu="200m"), "resize")
    assert caught.value.causes == [{"reason": "NodeCapacity"}]


@pytest.mark.parametrize(
    ("spec", "phase", "requested", "grace"),
    [
        pytest.param({}, "Pending", None, None, id="on no node: gone"),
        pytest.param({"nodeName": "n"}, "Running", None, 30, id="its own grace"),
        pytest.param({"nodeName": "n"}, "Running", 5, 5, id="the grace that was asked for"),
        pytest.param({"nodeName": "n"}, "Running", 0, None, id="no grace: gone"),
        pytest.param({"nodeName": "n"}, "Succeeded", None, None, id="finished: gone"),
    ],
)
async def test_deletion(spec: Object, phase: str, requested: int | None, grace: int | None) -> None:
    client, _ = await created(pod(**spec))
    if phase != "Pending":
        await patched(client, {"status": {"phase": phase}}, "status")
    options: dict[str, Any] = {} if requested is None else {"grace_period": requested}
    await client.delete(PODS, NAMESPACE, "p", **options)
    if grace is None:
        with pytest.raises(StatusError, match="not found"):
            await client.get(PODS, NAMESPACE, "p")
    else:
        metadata = (await client.get(PODS, NAMESPACE, "p"))["metadata"]
        assert (metadata["deletionGracePeriodSeconds"], metadata["generation"]) == (grace, 2)
