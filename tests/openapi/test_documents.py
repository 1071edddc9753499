"""The OpenAPI documents: what they say of paths, definitions, defaults and enums."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from minikube_py.api.catalog import Catalog
from minikube_py.api.openapi import OpenAPI
from minikube_py.api.openapi.operations import identifier, tag
from minikube_py.api.schema.schema import Schema

META = "io.k8s.apimachinery.pkg.apis.meta.v1"
DEPLOYMENT = "/apis/apps/v1/namespaces/{namespace}/deployments/{name}"


@pytest.fixture(scope="module")
def openapi() -> OpenAPI:
    return OpenAPI(Catalog(Schema("1.36")), "1.36")


@pytest.fixture(scope="module")
def apps(openapi: OpenAPI) -> dict[str, Any]:
    return _v3(openapi, "apis/apps/v1")


@pytest.fixture(scope="module")
def core(openapi: OpenAPI) -> dict[str, Any]:
    return _v3(openapi, "api/v1")


@pytest.fixture(scope="module")
def swagger(openapi: OpenAPI) -> dict[str, Any]:
    tree: dict[str, Any] = orjson.loads(openapi.v2().json)
    return tree


def _v3(openapi: OpenAPI, name: str) -> dict[str, Any]:
    document = openapi.v3(name)
    assert document is not None
    tree: dict[str, Any] = orjson.loads(document.json)
    return tree


def _names(parameters: list[dict[str, Any]]) -> list[str]:
    return [parameter["name"] for parameter in parameters]


def test_the_index_lists_documents_by_the_hash_of_their_content(openapi: OpenAPI) -> None:
    paths = orjson.loads(openapi.index().json)["paths"]
    assert {"api", "api/v1", "apis", "apis/apps", "apis/apps/v1", "version", "openid/v1/jwks"} <= paths.keys()
    document = openapi.v3("apis/apps/v1")
    assert document is not None
    assert paths["apis/apps/v1"] == {"serverRelativeURL": f"/openapi/v3/apis/apps/v1?hash={document.tag}"}
    assert len(document.tag) == 128
    assert document.tag == document.tag.upper()


def test_a_document_is_closed(apps: dict[str, Any]) -> None:
    """Everything it refers to is in it."""
    text = orjson.dumps(apps).decode()
    wanted = {part.partition('"')[0] for part in text.split('"#/components/schemas/')[1:]}
    assert wanted <= apps["components"]["schemas"].keys()
    assert apps["openapi"] == "3.0.0"
    assert apps["info"] == {"title": "Kubernetes", "version": "1.36"}


@pytest.mark.parametrize(
    ("path", "method", "operation", "action", "text"),
    [
        pytest.param("/apis/apps/v1/", "get", "getAppsV1APIResources", None, "get available resources", id="discovery"),
        pytest.param(
            "/apis/apps/v1/deployments",
            "get",
            "listAppsV1DeploymentForAllNamespaces",
            "list",
            "list or watch objects of kind Deployment",
            id="list all",
        ),
        pytest.param(
            DEPLOYMENT, "get", "readAppsV1NamespacedDeployment", "get", "read the specified Deployment", id="get"
        ),
        pytest.param(
            DEPLOYMENT,
            "patch",
            "patchAppsV1NamespacedDeployment",
            "patch",
            "partially update the specified Deployment",
            id="patch",
        ),
        pytest.param(
            f"{DEPLOYMENT}/scale",
            "put",
            "replaceAppsV1NamespacedDeploymentScale",
            "put",
            "replace scale of the specified Deployment",
            id="subresource",
        ),
        pytest.param(
            "/apis/apps/v1/namespaces/{namespace}/deployments",
            "delete",
            "deleteAppsV1CollectionNamespacedDeployment",
            "deletecollection",
            "delete collection of Deployment",
            id="deletecollection",
        ),
        pytest.param(
            "/apis/apps/v1/watch/deployments",
            "get",
            "watchAppsV1DeploymentListForAllNamespaces",
            "watchlist",
            "watch individual changes to a list of Deployment. deprecated: use the 'watch' parameter with a list "
            "operation instead.",
            id="watch",
        ),
    ],
)
def test_operations(
    apps: dict[str, Any], path: str, method: str, operation: str, action: str | None, text: str
) -> None:
    found = apps["paths"][path][method]
    assert (found["operationId"], found.get("x-kubernetes-action"), found["description"]) == (operation, action, text)
    assert found["tags"] == ["apps_v1"]


@pytest.mark.parametrize(
    ("path", "method", "operation", "kind"),
    [
        pytest.param("pods/{name}/exec", "post", "connectCoreV1PostNamespacedPodExec", "PodExecOptions", id="exec"),
        pytest.param(
            "pods/{name}/proxy/{path}",
            "head",
            "connectCoreV1HeadNamespacedPodProxyWithPath",
            "PodProxyOptions",
            id="proxy",
        ),
        pytest.param("pods/{name}/log", "get", "readCoreV1NamespacedPodLog", "Pod", id="log"),
        pytest.param("pods/{name}/eviction", "post", "createCoreV1NamespacedPodEviction", "Eviction", id="eviction"),
        pytest.param(
            "serviceaccounts/{name}/token",
            "post",
            "createCoreV1NamespacedServiceAccountToken",
            "TokenRequest",
            id="token",
        ),
    ],
)
def test_operations_that_reach_further(core: dict[str, Any], path: str, method: str, operation: str, kind: str) -> None:
    found = core["paths"][f"/api/v1/namespaces/{{namespace}}/{path}"][method]
    assert found["operationId"] == operation
    assert found["x-kubernetes-group-version-kind"]["kind"] == kind


def test_parameters_that_all_operations_share_are_the_paths(apps: dict[str, Any]) -> None:
    path = apps["paths"][DEPLOYMENT]
    assert _names(path["parameters"]) == ["name", "namespace", "pretty"]
    assert path["parameters"][0]["description"] == "name of the Deployment"
    assert _names(path["patch"]["parameters"]) == ["dryRun", "fieldManager", "fieldValidation", "force"]
    assert "parameters" not in path["get"]
    assert len(apps["paths"]["/apis/apps/v1/deployments"]["parameters"]) == 12


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        pytest.param("apps.v1.Deployment#spec", {}, id="struct"),
        pytest.param("apps.v1.DeploymentSpec#paused", None, id="omitted when empty"),
        pytest.param("apps.v1.DeploymentSpec#replicas", None, id="pointer"),
        pytest.param("core.v1.ContainerPort#containerPort", 0, id="number"),
        pytest.param("core.v1.Container#name", "", id="string"),
        pytest.param("core.v1.ContainerStatus#ready", False, id="bool"),
        pytest.param("core.v1.ContainerPort#protocol", "TCP", id="marked"),
        pytest.param("core.v1.ContainerStateRunning#startedAt", None, id="time"),
    ],
)
def test_defaults(core: dict[str, Any], apps: dict[str, Any], field: str, expected: Any) -> None:
    definition, _, json = field.partition("#")
    schemas = core["components"]["schemas"] | apps["components"]["schemas"]
    assert schemas[f"io.k8s.api.{definition}"]["properties"][json].get("default") == expected


def test_references_with_anything_beside_them_are_in_all_of(apps: dict[str, Any]) -> None:
    spec = apps["components"]["schemas"]["io.k8s.api.apps.v1.Deployment"]["properties"]["spec"]
    assert spec["allOf"] == [{"$ref": "#/components/schemas/io.k8s.api.apps.v1.DeploymentSpec"}]
    assert "$ref" not in spec


def test_enums(core: dict[str, Any]) -> None:
    schemas = core["components"]["schemas"]
    protocol = schemas["io.k8s.api.core.v1.ContainerPort"]["properties"]["protocol"]
    assert protocol["enum"] == ["SCTP", "TCP", "UDP"]
    assert protocol["description"].endswith(' - `"UDP"` is the UDP protocol.')
    modes = schemas["io.k8s.api.core.v1.PersistentVolumeSpec"]["properties"]["accessModes"]
    assert modes["items"]["enum"][0] == "ReadOnlyMany"


def test_options_of_every_group_name_the_documents_own(apps: dict[str, Any]) -> None:
    kinds = apps["components"]["schemas"][f"{META}.DeleteOptions"]["x-kubernetes-group-version-kind"]
    assert [(kind["group"], kind["version"]) for kind in kinds] == [("", "v1"), ("apps", "v1")]


def test_types_that_are_one_of_two(core: dict[str, Any], swagger: dict[str, Any]) -> None:
    name = "io.k8s.apimachinery.pkg.util.intstr.IntOrString"
    found = core["components"]["schemas"][name]
    assert found["oneOf"] == [{"type": "integer"}, {"type": "string"}]
    assert "type" not in found
    assert swagger["definitions"][name]["type"] == "string"


def test_swagger(swagger: dict[str, Any]) -> None:
    patch = swagger["paths"][DEPLOYMENT]["patch"]
    assert patch["consumes"][-1] == "application/apply-patch+yaml"
    assert patch["produces"] == ["application/json", "application/yaml", "application/vnd.kubernetes.protobuf"]
    assert patch["parameters"][0] == {"$ref": "#/parameters/body-78PwaGsr"}
    assert patch["parameters"][2] == {"$ref": "#/parameters/fieldManager-7c6nTn1T"}
    assert patch["parameters"][3]["name"] == "fieldValidation"
    spec = swagger["definitions"]["io.k8s.api.apps.v1.Deployment"]["properties"]["spec"]
    assert spec["$ref"] == "#/definitions/io.k8s.api.apps.v1.DeploymentSpec"
    assert "default" not in spec
    assert swagger["security"] == [{"BearerToken": []}]


def test_parameters_that_a_version_lacks() -> None:
    apps = _v3(OpenAPI(Catalog(Schema("1.30")), "1.30"), "apis/apps/v1")
    names = _names(apps["paths"]["/apis/apps/v1/deployments"]["parameters"])
    assert "sendInitialEvents" in names
    assert "shardSelector" not in names


@pytest.mark.parametrize(
    ("group", "version", "expected"),
    [
        pytest.param("", "v1", ("core_v1", "Core"), id="core"),
        pytest.param("rbac.authorization.k8s.io", "v1", ("rbacAuthorization_v1", "RbacAuthorization"), id="dots"),
        pytest.param("stable.my-group.com", "v1beta1", ("stableMyGroupCom_v1beta1", "StableMyGroupCom"), id="dashes"),
    ],
)
def test_identifiers(group: str, version: str, expected: tuple[str, str]) -> None:
    assert (tag(group, version), identifier(group.removesuffix(".k8s.io") or "core")) == expected
