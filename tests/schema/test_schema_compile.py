"""What the tables say of the kinds, and how it compiles."""

from __future__ import annotations

import pytest

from minikube_py.api.schema import facts
from minikube_py.api.schema.schema import Schema
from minikube_py.api.schema.types import Type
from minikube_py.api.schema.zero import zero
from minikube_py.machinery.gvr import GroupVersionKind

CORE = "io.k8s.api.core.v1."


@pytest.fixture(scope="module")
def schema() -> Schema:
    return Schema()


def definition(schema: Schema, name: str) -> Type:
    found = schema.definition(name)
    assert found is not None
    return found


def walk(type: Type, seen: set[str]) -> None:
    if type.name in seen:
        return
    if type.name:
        seen.add(type.name)
    assert (type.elem is not None) == (type.shape in ("list", "map")) or "JSONSchemaPropsOr" in type.name
    for field in type.fields.values():
        assert field.json
        walk(field.type, seen)
    if type.elem is not None:
        walk(type.elem, seen)


@pytest.mark.parametrize("version", facts.VERSIONS)
def test_every_kind_compiles(version: str) -> None:
    schema = Schema(version)
    seen: set[str] = set()
    for gvk in schema.kinds():
        type = schema.type_for(gvk)
        assert type is not None
        walk(type, seen)
        zero(type)
    assert len(seen) > 400


def test_every_definition_has_exactly_the_fields_that_its_version_publishes() -> None:
    for version in ("1.25", "1.31", "1.36", "1.37"):
        schema = Schema(version)
        for name in schema.names():
            type, raw = definition(schema, name), schema.raw(name) or {}
            if type.shape == "struct":
                assert set(type.fields) == set(raw.get("properties", {})), name


@pytest.mark.parametrize("version", ["1.24", "1.38", "2.1", "", "latest"])
def test_unknown_versions_are_refused(version: str) -> None:
    with pytest.raises(ValueError, match="unknown Kubernetes version"):
        Schema(version)


@pytest.mark.parametrize("version", ["1.36", "v1.36", "1.36.2", "v1.36.0"])
def test_versions_may_name_a_patch(version: str) -> None:
    assert Schema(version).version == "1.36"


@pytest.mark.parametrize(
    ("version", "gvk", "known"),
    [
        pytest.param("1.25", ("autoscaling", "v2beta2", "HorizontalPodAutoscaler"), True, id="last in 1.25"),
        pytest.param("1.26", ("autoscaling", "v2beta2", "HorizontalPodAutoscaler"), False, id="gone in 1.26"),
        pytest.param("1.33", ("resource.k8s.io", "v1", "ResourceClaim"), False, id="not yet in 1.33"),
        pytest.param("1.34", ("resource.k8s.io", "v1", "ResourceClaim"), True, id="since 1.34"),
        pytest.param("1.36", ("", "v1", "PodList"), True, id="lists"),
        pytest.param("1.36", ("apps", "v1", "DeleteOptions"), True, id="options of a group"),
        pytest.param("1.36", ("admission.k8s.io", "v1", "AdmissionReview"), True, id="not published"),
        pytest.param("1.36", ("", "v1", "PodExecOptions"), True, id="options not published"),
        pytest.param("1.36", ("apiregistration.k8s.io", "v1", "APIService"), True, id="of the aggregator"),
        pytest.param("1.36", ("", "v1", "Nope"), False, id="unknown kind"),
        pytest.param("1.36", ("example.com", "v1", "Widget"), False, id="unknown group"),
    ],
)
def test_kinds_of_a_version(version: str, gvk: tuple[str, str, str], known: bool) -> None:
    assert (Schema(version).type_for(GroupVersionKind(*gvk)) is not None) is known


def test_fields_come_with_their_version() -> None:
    name = f"{CORE}PodSpec"
    assert "resources" not in definition(Schema("1.29"), name).fields
    assert "resources" in definition(Schema("1.34"), name).fields


def test_go_names_and_openapi_names_are_each_others_inverse(schema: Schema) -> None:
    for name in schema.names():
        assert facts.openapi_name(facts.go_name(name)) == name
    assert facts.go_name(f"{CORE}PodSpec") == "k8s.io/api/core/v1.PodSpec"


def test_inlined_structs_are_flattened_in_order(schema: Schema) -> None:
    pod = definition(schema, f"{CORE}Pod")
    assert list(pod.fields) == ["kind", "apiVersion", "metadata", "spec", "status"]
    volume = definition(schema, f"{CORE}Volume").fields
    assert next(iter(volume)) == "name"
    assert (volume["hostPath"].number, volume["hostPath"].embedded) == (1, (2,))
    assert volume["hostPath"].inlined == ("VolumeSource",)
    assert volume["name"].embedded == ()
    assert (pod.fields["kind"].embedded, pod.fields["kind"].inlined) == ((), ("TypeMeta",))
    container = definition(schema, f"{CORE}EphemeralContainer").fields
    assert container["image"].embedded == (1,)
    assert container["targetContainerName"].number == 2


@pytest.mark.parametrize(
    ("name", "field", "expected"),
    [
        pytest.param("core.v1.PodSpec", "containers", ("list", "map", ("name",)), id="map list"),
        pytest.param("core.v1.ServiceSpec", "ports", ("list", "map", ("port", "protocol")), id="two keys"),
        pytest.param("core.v1.Container", "command", ("list", "atomic", ()), id="atomic"),
        pytest.param("core.v1.PodStatus", "podIPs", ("list", "map", ("ip",)), id="pod IPs"),
    ],
)
def test_how_lists_merge(schema: Schema, name: str, field: str, expected: tuple[str, str, tuple[str, ...]]) -> None:
    type = definition(schema, f"io.k8s.api.{name}").fields[field].type
    assert (type.shape, type.list_type, type.map_keys) == expected


def test_lists_of_old_versions_merge_by_their_patch_strategy() -> None:
    finalizers = definition(Schema("1.25"), "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta").fields["finalizers"]
    assert (finalizers.type.list_type, finalizers.type.map_keys) == ("set", ())


def test_maps_may_be_atomic(schema: Schema) -> None:
    service = definition(schema, f"{CORE}ServiceSpec").fields
    assert service["selector"].type.map_type == "atomic"
    assert definition(schema, f"{CORE}ObjectReference").map_type == "atomic"
    assert definition(schema, f"{CORE}ConfigMap").fields["data"].type.map_type == "granular"


def test_patch_strategies(schema: Schema) -> None:
    spec = definition(schema, f"{CORE}PodSpec").fields
    assert (spec["volumes"].patch_strategies, spec["volumes"].patch_merge_key) == (
        frozenset(("merge", "retainKeys")),
        "name",
    )
    assert definition(schema, "io.k8s.api.apps.v1.DeploymentSpec").fields["strategy"].patch_strategies == {"retainKeys"}


@pytest.mark.parametrize(
    ("name", "field", "expected"),
    [
        pytest.param("core.v1.Pod", "spec", ("v1.PodSpec", False, False), id="struct is never omitted"),
        pytest.param("core.v1.PodSpec", "affinity", ("v1.Affinity", True, True), id="pointer to a struct"),
        pytest.param("core.v1.PodSpec", "containers", ("[]v1.Container", False, False), id="list"),
        pytest.param("core.v1.ResourceRequirements", "limits", ("v1.ResourceList", False, True), id="named map"),
        pytest.param("core.v1.Secret", "data", ("map[string][]uint8", False, True), id="map of bytes"),
        pytest.param("core.v1.Secret", "type", ("v1.SecretType", False, True), id="named string"),
        pytest.param(
            "authorization.v1.SubjectAccessReviewSpec",
            "extra",
            ("map[string]v1.ExtraValue", False, True),
            id="named list",
        ),
        pytest.param("apps.v1.DeploymentSpec", "replicas", ("int32", True, True), id="pointer to a number"),
    ],
)
def test_go_types(schema: Schema, name: str, field: str, expected: tuple[str, bool, bool]) -> None:
    found = definition(schema, f"io.k8s.api.{name}").fields[field]
    assert (found.type.go, found.pointer, found.omitempty) == expected


@pytest.mark.parametrize(("version", "omitted"), [("1.33", False), ("1.34", True), ("1.37", True)])
def test_creation_timestamps_that_are_not_set(version: str, omitted: bool) -> None:
    meta = definition(Schema(version), "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta")
    assert meta.fields["creationTimestamp"].omitempty is omitted


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        pytest.param("core.v1.Pod", {"metadata": {}, "spec": {"containers": None}, "status": {}}, id="Pod"),
        pytest.param(
            "apps.v1.Deployment",
            {
                "metadata": {},
                "spec": {
                    "selector": None,
                    "template": {"metadata": {}, "spec": {"containers": None}},
                    "strategy": {},
                },
                "status": {},
            },
            id="Deployment",
        ),
        pytest.param("core.v1.Service", {"metadata": {}, "spec": {}, "status": {"loadBalancer": {}}}, id="Service"),
        pytest.param("rbac.v1.Role", {"metadata": {}, "rules": None}, id="Role"),
        pytest.param("core.v1.ResourceFieldSelector", {"resource": "", "divisor": "0"}, id="quantity"),
        pytest.param(
            "core.v1.Event",
            {
                "metadata": {},
                "involvedObject": {},
                "source": {},
                "firstTimestamp": None,
                "lastTimestamp": None,
                "eventTime": None,
                "reportingComponent": "",
                "reportingInstance": "",
            },
            id="Event",
        ),
    ],
)
def test_zero_values(schema: Schema, name: str, expected: object) -> None:
    assert zero(definition(schema, f"io.k8s.api.{name}")) == expected


def test_raw_definitions_are_new_at_each_call(schema: Schema) -> None:
    first = schema.raw(f"{CORE}Pod")
    assert first is not None
    assert first == schema.raw(f"{CORE}Pod")
    assert first is not schema.raw(f"{CORE}Pod")
    assert first["x-kubernetes-group-version-kind"] == [{"group": "", "kind": "Pod", "version": "v1"}]
    assert schema.raw("nope") is None
