"""Binding and evicting pods, and what admission adds to them."""

from __future__ import annotations

from typing import Any

import pytest

from minikube_py.api.kinds.podspec.budgets import BUDGETS
from minikube_py.api.local import LocalClient
from minikube_py.machinery.errors import StatusError
from minikube_py.machinery.gvr import GroupVersionResource, Object
from minikube_py.machinery.wellknown import NODES, PODS, PRIORITY_CLASSES, SERVICE_ACCOUNTS
from tests.kinds.pods import NAMESPACE, container, new_client, pod

BINDINGS = GroupVersionResource("", "v1", "bindings")


async def created(body: Object) -> tuple[LocalClient, Object]:
    client = await new_client()
    return client, await client.create(PODS, body, namespace=NAMESPACE)


def binding(node: str = "n", name: str = "p", **metadata: Any) -> Object:
    target = {"kind": "Node", "name": node}
    return {"apiVersion": "v1", "kind": "Binding", "metadata": {"name": name, **metadata}, "target": target}


async def bind(client: LocalClient, body: Object) -> Object:
    return await client.create(PODS, body, namespace=NAMESPACE, name="p", subresource="binding")


async def test_binding() -> None:
    client, _ = await created(pod())
    assert (await bind(client, binding(labels={"l": "1"}, annotations={"a": "1"})))["status"] == "Success"
    bound = await client.get(PODS, NAMESPACE, "p")
    assert bound["spec"]["nodeName"] == "n"
    assert (bound["metadata"]["labels"], bound["metadata"]["annotations"]) == ({"l": "1"}, {"a": "1"})
    assert bound["metadata"]["generation"] == 1
    (condition,) = bound["status"]["conditions"]
    assert (condition["type"], condition["status"]) == ("PodScheduled", "True")


async def test_binding_by_the_resource_of_its_own() -> None:
    client, _ = await created(pod())
    await client.create(BINDINGS, binding(), namespace=NAMESPACE)
    assert (await client.get(PODS, NAMESPACE, "p"))["spec"]["nodeName"] == "n"


async def test_a_bound_pod_carries_its_nodes_topology() -> None:
    client, _ = await created(pod())
    zone = {"topology.kubernetes.io/zone": "z", "other": "x"}
    await client.create(NODES, {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "n", "labels": zone}})
    await bind(client, binding())
    labels = (await client.get(PODS, NAMESPACE, "p"))["metadata"]["labels"]
    assert labels == {"topology.kubernetes.io/zone": "z"}


@pytest.mark.parametrize(
    ("spec", "body", "code", "message"),
    [
        pytest.param({}, binding(name="q"), 400, "name in URL does not match name in Binding object", id="name"),
        pytest.param({}, binding(""), 500, "target.name: Required value", id="no target"),
        pytest.param(
            {"nodeName": "m"},
            binding(),
            409,
            'Operation cannot be fulfilled on pods/binding "p": pod p is already assigned to node "m"',
            id="bound",
        ),
        pytest.param(
            {"schedulingGates": [{"name": "g"}]},
            binding(),
            409,
            'Operation cannot be fulfilled on pods/binding "p": pod p has non-empty .spec.schedulingGates',
            id="gated",
        ),
    ],
)
async def test_bindings_that_are_refused(spec: Object, body: Object, code: int, message: str) -> None:
    client, _ = await created(pod(**spec))
    with pytest.raises(StatusError) as caught:
        await bind(client, body)
    assert (caught.value.code, caught.value.message) == (code, message)


async def test_a_binding_of_another_pod_of_that_name() -> None:
    client, _ = await created(pod())
    with pytest.raises(StatusError, match="Precondition failed: UID in precondition: x, UID in object meta"):
        await bind(client, binding(uid="x"))


async def evict(client: LocalClient, **options: Any) -> Object:
    body: Object = {"apiVersion": "policy/v1", "kind": "Eviction", "metadata": {"name": "p"}}
    if options:
        body["deleteOptions"] = options
    return await client.create(PODS, body, namespace=NAMESPACE, name="p", subresource="eviction")


async def running(client: LocalClient, *, ready: bool = True) -> None:
    conditions = [{"type": "Ready", "status": "True" if ready else "False"}]
    patch = {"status": {"phase": "Running", "conditions": conditions}}
    await client.patch(PODS, NAMESPACE, "p", patch, subresource="status")


async def budget(client: LocalClient, name: str = "b", spec: Object | None = None, **status: int) -> None:
    selector = {"matchLabels": {"app": "web"}}
    body = {
        "apiVersion": "policy/v1",
        "kind": "PodDisruptionBudget",
        "metadata": {"name": name},
        "spec": {"minAvailable": 1, "selector": selector, **(spec or {})},
    }
    await client.create(BUDGETS, body, namespace=NAMESPACE)
    if status:
        await client.patch(BUDGETS, NAMESPACE, name, {"status": status}, subresource="status")


WEB = {"labels": {"app": "web"}}


async def test_evicting_a_pod_without_budget() -> None:
    client, _ = await created(pod(nodeName="n"))
    await running(client)
    await evict(client, gracePeriodSeconds=7)
    evicted = await client.get(PODS, NAMESPACE, "p")
    assert evicted["metadata"]["deletionGracePeriodSeconds"] == 7
    ready, target = evicted["status"]["conditions"]
    assert ready["type"] == "Ready"
    assert target == {
        "type": "DisruptionTarget",
        "status": "True",
        "lastProbeTime": None,
        "lastTransitionTime": target["lastTransitionTime"],
        "reason": "EvictionByEvictionAPI",
        "message": "Eviction API: evicting",
    }


async def test_a_dry_run_evicts_nothing() -> None:
    client, made = await created(pod(nodeName="n"))
    await evict(client, dryRun=["All"])
    assert await client.get(PODS, NAMESPACE, "p") == made


@pytest.mark.parametrize(
    ("status", "message", "retry"),
    [
        pytest.param({}, "The disruption budget b is still being processed by the server.", 10, id="unobserved"),
        pytest.param(
            {"observedGeneration": 1, "currentHealthy": 1, "desiredHealthy": 1},
            "The disruption budget b needs 1 healthy pods and has 1 currently",
            None,
            id="needed",
        ),
        pytest.param(
            {"observedGeneration": 1, "currentHealthy": 2, "desiredHealthy": 1},
            "The disruption budget b does not allow evicting pods currently",
            None,
            id="used up",
        ),
    ],
)
async def test_budgets_that_forbid(status: dict[str, int], message: str, retry: int | None) -> None:
    client, _ = await created(pod(metadata=WEB, nodeName="n"))
    await running(client)
    counts = {"disruptionsAllowed": 0, "currentHealthy": 0, "desiredHealthy": 0, "expectedPods": 1}
    await budget(client, **{**counts, **status})
    with pytest.raises(StatusError) as caught:
        await evict(client)
    assert (caught.value.code, caught.value.retry_after) == (429, retry)
    assert caught.value.causes == [{"reason": "DisruptionBudget", "message": message}]


async def test_an_eviction_is_counted() -> None:
    client, _ = await created(pod(metadata=WEB, nodeName="n"))
    await running(client)
    await budget(client, observedGeneration=1, disruptionsAllowed=1, currentHealthy=2, desiredHealthy=1, expectedPods=2)
    await evict(client)
    status = (await client.get(BUDGETS, NAMESPACE, "b"))["status"]
    assert (status["disruptionsAllowed"], list(status["disruptedPods"])) == (0, ["p"])
    assert [(c["type"], c["status"], c["reason"]) for c in status["conditions"]] == [
        ("DisruptionAllowed", "False", "InsufficientPods")
    ]


@pytest.mark.parametrize(
    ("spec", "status"),
    [
        pytest.param({"unhealthyPodEvictionPolicy": "AlwaysAllow"}, {}, id="the budget says so"),
        pytest.param({}, {"observedGeneration": 1, "currentHealthy": 1, "desiredHealthy": 1}, id="enough are healthy"),
    ],
)
async def test_unhealthy_pods_may_go(spec: Object, status: dict[str, int]) -> None:
    client, _ = await created(pod(metadata=WEB, nodeName="n"))
    await running(client, ready=False)
    counts = {"disruptionsAllowed": 0, "currentHealthy": 0, "desiredHealthy": 0, "expectedPods": 1}
    await budget(client, spec=spec, **{**counts, **status})
    await evict(client)
    assert "deletionTimestamp" in (await client.get(PODS, NAMESPACE, "p"))["metadata"]


async def test_two_budgets() -> None:
    client, _ = await created(pod(metadata=WEB, nodeName="n"))
    await running(client)
    await budget(client, "b")
    await budget(client, "c")
    with pytest.raises(StatusError, match="more than one PodDisruptionBudget"):
        await evict(client)


async def test_admission_completes_a_pod() -> None:
    _, made = await created(pod(initContainers=[container("i")]))
    spec = made["spec"]
    name = spec["volumes"][0]["name"]
    mount = {"name": name, "readOnly": True, "mountPath": "/var/run/secrets/kubernetes.io/serviceaccount"}
    assert name.startswith("kube-api-access-")
    assert [c["volumeMounts"] for c in (*spec["containers"], *spec["initContainers"])] == [[mount], [mount]]
    assert (spec["serviceAccountName"], spec["serviceAccount"]) == ("default", "default")
    assert (spec["priority"], spec["preemptionPolicy"]) == (0, "PreemptLowerPriority")
    assert [(toleration["key"], toleration["tolerationSeconds"]) for toleration in spec["tolerations"]] == [
        ("node.kubernetes.io/not-ready", 300),
        ("node.kubernetes.io/unreachable", 300),
    ]


async def test_a_pod_that_wants_no_token() -> None:
    _, made = await created(pod(automountServiceAccountToken=False))
    assert "volumes" not in made["spec"]


async def test_pull_secrets_of_the_account() -> None:
    client = await new_client()
    account = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "a"}}
    await client.create(SERVICE_ACCOUNTS, {**account, "imagePullSecrets": [{"name": "s"}]}, namespace=NAMESPACE)
    made = await client.create(PODS, pod(serviceAccountName="a"), namespace=NAMESPACE)
    assert made["spec"]["imagePullSecrets"] == [{"name": "s"}]


@pytest.mark.parametrize(
    ("spec", "why"),
    [
        pytest.param(
            {"serviceAccountName": "x"},
            f'error looking up service account {NAMESPACE}/x: serviceaccount "x" not found',
            id="account",
        ),
        pytest.param({"priorityClassName": "x"}, "no PriorityClass with name x was found", id="class"),
        pytest.param(
            {"priority": 5},
            "the integer value of priority (5) must not be provided in pod spec; priority admission controller "
            "computed 0 from the given PriorityClass name",
            id="priority",
        ),
        pytest.param({"runtimeClassName": "x"}, 'pod rejected: RuntimeClass "x" not found', id="runtime"),
        pytest.param(
            {"overhead": {"cpu": "1"}},
            "pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead",
            id="overhead",
        ),
    ],
)
async def test_admission_refuses(spec: Object, why: str) -> None:
    with pytest.raises(StatusError) as caught:
        await created(pod(**spec))
    assert (caught.value.code, caught.value.message) == (403, f'pods "p" is forbidden: {why}')


async def test_priority_classes() -> None:
    client = await new_client()
    kind = {"apiVersion": "scheduling.k8s.io/v1", "kind": "PriorityClass"}
    await client.create(PRIORITY_CLASSES, {**kind, "metadata": {"name": "high"}, "value": 100})
    await client.create(PRIORITY_CLASSES, {**kind, "metadata": {"name": "usual"}, "value": 7, "globalDefault": True})
    high = await client.create(PODS, pod("h", priorityClassName="high"), namespace=NAMESPACE)
    usual = await client.create(PODS, pod("u"), namespace=NAMESPACE)
    assert (high["spec"]["priority"], usual["spec"]["priority"]) == (100, 7)
    assert usual["spec"]["priorityClassName"] == "usual"
    with pytest.raises(StatusError, match="PriorityClass usual is already marked as default"):
        await client.create(PRIORITY_CLASSES, {**kind, "metadata": {"name": "x"}, "value": 1, "globalDefault": True})
