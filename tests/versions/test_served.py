"""--kubernetes-version: kinds, versions, fields, discovery, OpenAPI and /version follow."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from minikube_py.api.reply import Reply
from tests.versions.asking import Ask, tree
from tests.versions.served import FIRST, LAST, served

Start = Callable[[int], Awaitable[Ask]]
MINORS = range(FIRST, LAST + 1)
FLOW = "/apis/flowcontrol.apiserver.k8s.io"
AGGREGATED = "application/json;g=apidiscovery.k8s.io;v={};as=APIGroupDiscoveryList"


def warnings(reply: Reply) -> list[str]:
    return [value for name, value in reply.headers if name == "Warning"]


async def discovered(ask: Ask) -> dict[str, list[dict[str, Any]]]:
    """The resources of each apiVersion in the classic documents."""
    groups = tree(await ask("GET", "/apis"))["groups"]
    paths = ["/api/v1", *(f"/apis/{version['groupVersion']}" for group in groups for version in group["versions"])]
    documents = [tree(await ask("GET", path)) for path in paths]
    return {document["groupVersion"]: document["resources"] for document in documents}


@pytest.mark.parametrize("minor", MINORS)
async def test_serves_what_that_version_serves(start: Start, minor: int) -> None:
    resources = await discovered(await start(minor))
    names = {(version, row["name"]) for version, rows in resources.items() for row in rows if "/" not in row["name"]}
    assert names == served(minor)


@pytest.mark.parametrize("minor", [FIRST, 28, 32, LAST])
async def test_openapi_follows(start: Start, minor: int) -> None:
    ask = await start(minor)
    paths = tree(await ask("GET", "/openapi/v3"))["paths"]
    versions = {api_version for api_version, _ in served(minor)}
    prefixed = {("apis/" if "/" in version else "api/") + version for version in versions}
    assert {path for path in paths if path.startswith("apis/") and path.count("/") == 2} | {"api/v1"} == prefixed
    document = tree(await ask("GET", "/openapi/v2"))
    collections = {path for path in document["paths"] if "{" not in path}
    for api_version, name in served(minor):
        path = f"/{'apis' if '/' in api_version else 'api'}/{api_version}/{name}"
        if "reviews" not in name and name != "bindings":
            assert f"{path}" in collections or f"{path}/" in collections
    assert document["info"]["version"] == f"1.{minor}"


@pytest.mark.parametrize("minor", MINORS)
async def test_every_collection_lists(start: Start, minor: int) -> None:
    ask = await start(minor)
    for api_version, name in served(minor):
        path = f"/{'apis' if '/' in api_version else 'api'}/{api_version}/{name}"
        reply = await ask("GET", path)
        if name == "bindings" or name.endswith("reviews"):
            assert reply.status == 405
        else:
            assert (reply.status, tree(reply)["apiVersion"]) == (200, api_version)


@pytest.mark.parametrize("minor", MINORS)
async def test_version(start: Start, minor: int) -> None:
    info = tree(await (await start(minor))("GET", "/version"))
    assert (info["major"], info["minor"]) == ("1", str(minor))
    assert info["gitVersion"].startswith(f"v1.{minor}.")
    assert ("emulationMinor" in info) == (minor >= 33)


@pytest.mark.parametrize(
    ("minor", "path", "message"),
    [
        pytest.param(25, "/apis/policy/v1beta1/poddisruptionbudgets", "", id="removed before"),
        pytest.param(28, "/apis/networking.k8s.io/v1/servicecidrs", "", id="kind of a later one"),
        pytest.param(28, "/apis/resource.k8s.io/v1/resourceclaims", "404 page not found\n", id="group of a later one"),
        pytest.param(32, f"{FLOW}/v1beta3/flowschemas", "", id="version removed since"),
    ],
)
async def test_what_it_does_not_serve_is_not_found(start: Start, minor: int, path: str, message: str) -> None:
    ask = await start(minor)
    reply = await ask("GET", path)
    assert reply.status == 404
    if message:
        assert reply.body.decode() == message
    else:
        assert tree(reply)["message"] == "the server could not find the requested resource"


@pytest.mark.parametrize(
    ("minor", "old", "path"),
    [
        pytest.param(28, ("autoscaling/v2beta2", "HorizontalPodAutoscaler"), "autoscaling/v2", id="autoscaler"),
        pytest.param(25, ("policy/v1beta1", "PodDisruptionBudget"), "policy/v1", id="budget"),
        pytest.param(27, ("batch/v1beta1", "CronJob"), "batch/v1", id="cron job"),
    ],
)
async def test_objects_of_removed_apis_are_told_so(start: Start, minor: int, old: tuple[str, str], path: str) -> None:
    api_version, kind = old
    body = {"apiVersion": api_version, "kind": kind, "metadata": {"name": "x"}}
    reply = await (await start(minor))("POST", f"/apis/{path}/namespaces/default/{kind.lower()}s", body)
    assert reply.status == 400
    assert api_version in tree(reply)["message"]


@pytest.mark.parametrize(
    ("minor", "path", "text"),
    [
        pytest.param(
            25,
            f"{FLOW}/v1beta1/flowschemas",
            "flowcontrol.apiserver.k8s.io/v1beta1 FlowSchema is deprecated in v1.23+, unavailable in v1.26+; "
            "use flowcontrol.apiserver.k8s.io/v1beta2 FlowSchema",
            id="1.25 flow schemas, v1beta1",
        ),
        pytest.param(25, f"{FLOW}/v1beta2/flowschemas", "", id="1.25 flow schemas, v1beta2"),
        pytest.param(
            28,
            f"{FLOW}/v1beta2/prioritylevelconfigurations",
            "flowcontrol.apiserver.k8s.io/v1beta2 PriorityLevelConfiguration is deprecated in v1.26+, unavailable in "
            "v1.29+; use flowcontrol.apiserver.k8s.io/v1beta3 PriorityLevelConfiguration",
            id="1.28 priority levels, v1beta2",
        ),
        pytest.param(28, f"{FLOW}/v1beta3/flowschemas", "", id="1.28 flow schemas, v1beta3"),
        pytest.param(
            25,
            "/apis/autoscaling/v2beta2/horizontalpodautoscalers",
            "autoscaling/v2beta2 HorizontalPodAutoscaler is deprecated in v1.23+, unavailable in v1.26+; "
            "use autoscaling/v2 HorizontalPodAutoscaler",
            id="1.25 autoscalers",
        ),
        pytest.param(
            26,
            "/apis/storage.k8s.io/v1beta1/csistoragecapacities",
            "storage.k8s.io/v1beta1 CSIStorageCapacity is deprecated in v1.24+, unavailable in v1.27+; "
            "use storage.k8s.io/v1 CSIStorageCapacity",
            id="1.26 storage capacities",
        ),
        pytest.param(32, "/api/v1/endpoints", "", id="1.32 endpoints"),
        pytest.param(
            33,
            "/api/v1/endpoints",
            "v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice",
            id="1.33 endpoints",
        ),
    ],
)
async def test_warns_of_what_goes(start: Start, minor: int, path: str, text: str) -> None:
    reply = await (await start(minor))("GET", path)
    assert reply.status == 200
    assert warnings(reply) == ([f'299 - "{text}"'] if text else [])


@pytest.mark.parametrize("version", ["v2", "v1", "v2beta2"])
async def test_one_autoscaler_in_every_version(start: Start, version: str) -> None:
    ask = await start(25)
    base = "/apis/autoscaling/{}/namespaces/default/horizontalpodautoscalers"
    spec = {"maxReplicas": 3, "scaleTargetRef": {"kind": "Deployment", "name": "web", "apiVersion": "apps/v1"}}
    body = {"apiVersion": f"autoscaling/{version}", "metadata": {"name": "web"}, "spec": spec}
    created = await ask("POST", base.format(version), {**body, "kind": "HorizontalPodAutoscaler"})
    assert created.status == 201, created.body
    for other in ("v1", "v2", "v2beta2"):
        read = tree(await ask("GET", base.format(other) + "/web"))
        assert (read["apiVersion"], read["spec"]["maxReplicas"]) == (f"autoscaling/{other}", 3)
        wide = read["spec"].get("metrics", [{}])[0].get("resource", {}).get("target", {})
        assert read["spec"].get("targetCPUUtilizationPercentage", wide.get("averageUtilization")) == 80


@pytest.mark.parametrize("minor", [pytest.param(minor, id=f"1.{minor}") for minor in (25, 27, 28, 29, 31, 32, 37)])
async def test_priority_levels_in_every_version(start: Start, minor: int) -> None:
    """Before 1.29 the version that is stored is not served, and shares have had two names."""
    ask = await start(minor)
    versions = [version.rpartition("/")[2] for version, name in served(minor) if name == "prioritylevelconfigurations"]
    for version in versions:
        shares = "assuredConcurrencyShares" if version in ("v1beta1", "v1beta2") else "nominalConcurrencyShares"
        spec = {"type": "Limited", "limited": {shares: 7, "limitResponse": {"type": "Reject"}}}
        kind = {"apiVersion": f"flowcontrol.apiserver.k8s.io/{version}", "kind": "PriorityLevelConfiguration"}
        body = {**kind, "metadata": {"name": f"made-as-{version}"}, "spec": spec}
        created = await ask("POST", f"{FLOW}/{version}/prioritylevelconfigurations", body)
        assert created.status == 201, created.body
        assert tree(created)["spec"]["limited"][shares] == 7
    for version in versions:
        items = tree(await ask("GET", f"{FLOW}/{version}/prioritylevelconfigurations"))["items"]
        made = [each for each in items if each["metadata"]["name"].startswith("made-as-")]
        shares = "assuredConcurrencyShares" if version in ("v1beta1", "v1beta2") else "nominalConcurrencyShares"
        assert [each["spec"]["limited"][shares] for each in made] == [7] * len(versions)


@pytest.mark.parametrize(("minor", "there"), [(32, False), (33, True)])
async def test_pods_can_be_resized_since_33(start: Start, minor: int, there: bool) -> None:
    ask = await start(minor)
    assert ("pods/resize" in {row["name"] for row in (await discovered(ask))["v1"]}) == there
    message = tree(await ask("GET", "/api/v1/namespaces/default/pods/x/resize"))["message"]
    assert message == ('pods "x" not found' if there else "the server could not find the requested resource")


@pytest.mark.parametrize(
    ("minor", "version", "kind"),
    [
        pytest.param(26, "v2beta1", "APIGroupList", id="not yet"),
        pytest.param(27, "v2beta1", "APIGroupDiscoveryList", id="beta"),
        pytest.param(29, "v2", "APIGroupList", id="beta only"),
        pytest.param(30, "v2", "APIGroupDiscoveryList", id="both"),
        pytest.param(36, "v2beta1", "APIGroupList", id="beta no more"),
    ],
)
async def test_aggregated_discovery(start: Start, minor: int, version: str, kind: str) -> None:
    accept = AGGREGATED.format(version) + ",application/json"
    assert tree(await (await start(minor))("GET", "/apis", Accept=accept))["kind"] == kind


@pytest.mark.parametrize(
    ("minor", "known"),
    [pytest.param(27, False, id="1.27"), pytest.param(29, True, id="1.29")],
)
async def test_fields_follow(start: Start, minor: int, known: bool) -> None:
    """Containers got a restartPolicy in 1.28."""
    container = {"name": "c", "image": "i", "restartPolicy": "Always"}
    spec = {"containers": [{"name": "main", "image": "i"}], "initContainers": [container]}
    body = {"apiVersion": "v1", "kind": "PodTemplate", "metadata": {"name": "x"}, "template": {"spec": spec}}
    path = "/api/v1/namespaces/default/podtemplates?fieldValidation=Strict"
    reply = await (await start(minor))("POST", path, body)
    assert (reply.status == 201) == known, reply.body
