"""OpenAPI v2: one document of everything that is served, made of the v3 operations.

Upstream: kube-openapi/pkg/builder (openapi.go, parameters.go).
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable

import orjson

from minikube_py.api.openapi import crd
from minikube_py.api.openapi.definitions import V2, V3, Tree
from minikube_py.api.openapi.documents import FIXED, SECURITY_SCHEMES, Documents, discovery_paths, fixed_paths
from minikube_py.api.openapi.operations import CUSTOM_MEDIA_TYPES, Paths
from minikube_py.api.resource import Resource

_REFERENCE = re.compile(rb'"\$ref":"#/definitions/([^"]+)"')
_UNSHARED = frozenset({"name", "fieldValidation", "dryRun"})
"""Parameters that stand in every operation; kubectl before 1.27 looks for them there."""
_ANY = ["*/*"]


def swagger(documents: Documents, resources: Iterable[Resource]) -> bytes:
    """The document of /openapi/v2."""
    known = list(resources)
    writer = _Writer()
    for name in (
        *FIXED,
        *sorted({f"apis/{resource.group}" for resource in known if resource.group and not resource.custom}),
    ):
        writer.pages(fixed_paths(name))
    for group, version in sorted({(resource.group, resource.version) for resource in known if not resource.custom}):
        writer.pages(discovery_paths(group, version))
    for resource in known:
        consumes = list(CUSTOM_MEDIA_TYPES) if resource.custom else _ANY
        writer.operations(documents.paths([resource]), consumes)
    definitions: Tree = {}
    for resource in known:
        if resource.custom:
            definitions |= crd.definitions(resource, documents.definitions, v2=True)
    tree = {
        "swagger": "2.0",
        "info": documents.info,
        "paths": dict(sorted(writer.paths.items())),
        "definitions": definitions,
        "parameters": dict(sorted(writer.shared.items())),
        "securityDefinitions": SECURITY_SCHEMES,
        "security": [{"BearerToken": []}],
    }
    _define(documents, tree)
    return orjson.dumps(tree)


def _define(documents: Documents, tree: Tree) -> None:
    """Add every built-in definition that the document refers to."""
    definitions = tree["definitions"]
    pending = {name.decode() for name in _REFERENCE.findall(orjson.dumps(tree))}
    while pending:
        name = pending.pop()
        if name in definitions:
            continue
        found = documents.definitions.v2(name)
        if found is not None:
            definitions[name] = found
            pending |= {each.decode() for each in _REFERENCE.findall(orjson.dumps(found))}
    tree["definitions"] = dict(sorted(definitions.items()))


class _Writer:
    """Turns v3 operations into v2's, and gathers the parameters that they share."""

    def __init__(self) -> None:
        self.paths: Tree = {}
        self.shared: Tree = {}
        self._names: dict[int, tuple[Tree, Tree]] = {}
        """By identity a v3 parameter, and what stands for it."""

    def pages(self, paths: Paths) -> None:
        for path, item in paths.items():
            produces = list(item["get"]["responses"]["200"]["content"])
            consumes = None if item["get"]["tags"][0] in ("openid", "WellKnown") else produces
            self.paths[path] = {"get": self._operation(item["get"], consumes)}

    def operations(self, paths: Paths, consumes: list[str]) -> None:
        for path, item in paths.items():
            found: Tree = {
                method: self._operation(operation, consumes)
                for method, operation in item.items()
                if method != "parameters"
            }
            if "parameters" in item:
                found["parameters"] = [self._parameter(each) for each in item["parameters"]]
            self.paths[path] = found

    def _operation(self, operation: Tree, consumes: list[str] | None) -> Tree:
        found = {
            key: value for key, value in operation.items() if key not in ("requestBody", "responses", "parameters")
        }
        parameters = [self._parameter(each) for each in operation.get("parameters", [])]
        body = operation.get("requestBody")
        if body is not None:
            consumes = list(body["content"])
            parameters.insert(0, self._body(body))
        if parameters:
            found["parameters"] = parameters
        if consumes is not None:
            found["consumes"] = consumes
        answers = operation["responses"]
        found["produces"] = list(answers["200"]["content"])
        found["responses"] = {code: _response(answer) for code, answer in answers.items()}
        found["schemes"] = ["https"]
        return found

    def _body(self, body: Tree) -> Tree:
        schema = _schema(next(iter(body["content"].values()))["schema"])
        found: Tree = {"name": "body", "in": "body"}
        if body.get("required"):
            found["required"] = True
        found["schema"] = schema
        if not schema["$ref"].startswith(f"{V2}io.k8s.apimachinery"):
            return found
        return self._share(found)

    def _parameter(self, parameter: Tree) -> Tree:
        known = self._names.get(id(parameter))
        if known is None:
            found = {**parameter["schema"], **parameter}
            del found["schema"]
            # in the order in which Go writes it, for the name is a hash of the text
            ordered = {
                key: found[key]
                for key in ("uniqueItems", "type", "description", "name", "in", "required")
                if key in found
            }
            known = parameter, ordered if parameter["name"] in _UNSHARED else self._share(ordered)
            self._names[id(parameter)] = known
        return known[1]

    def _share(self, parameter: Tree) -> Tree:
        name = f"{parameter['name']}-{_hash(orjson.dumps(parameter))}"
        self.shared[name] = parameter
        return {"$ref": f"#/parameters/{name}"}


def _response(answer: Tree) -> Tree:
    found = {"description": answer["description"]}
    content = answer.get("content")
    if content:
        found["schema"] = _schema(next(iter(content.values()))["schema"])
    return found


def _schema(schema: Tree) -> Tree:
    return {"$ref": V2 + schema["$ref"].removeprefix(V3)} if "$ref" in schema else schema


def _hash(text: bytes) -> str:
    """Eight characters of FNV-64 (parameters.go's base64Hash)."""
    found = 0xCBF29CE484222325
    for byte in text.replace(b"<", b"\\u003c").replace(b">", b"\\u003e").replace(b"&", b"\\u0026"):
        found = found * 0x100000001B3 & 0xFFFFFFFFFFFFFFFF ^ byte
    return base64.urlsafe_b64encode(found.to_bytes(8, "big")[:6]).decode()
