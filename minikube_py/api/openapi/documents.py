"""Documents of OpenAPI v3: one for each group version, and one for each path of discovery."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

import orjson

from minikube_py.api.openapi import crd
from minikube_py.api.openapi.definitions import META, Definitions
from minikube_py.api.openapi.operations import MEDIA_TYPES, Operations, Paths, identifier, reference, responses, tag
from minikube_py.api.resource import Resource
from minikube_py.api.schema.schema import Schema

SECURITY_SCHEMES = {
    "BearerToken": {
        "description": "Bearer Token authentication",
        "in": "header",
        "name": "authorization",
        "type": "apiKey",
    }
}
CUSTOM_INFO = {"title": "Kubernetes CRD Swagger", "version": "v0.1.0"}

_REFERENCE = re.compile(rb'"\$ref":"#/components/schemas/([^"]+)"')
_STRING = {"type": "string"}

FIXED = (".well-known/openid-configuration", "api", "apis", "openid/v1/jwks", "version")
"""Documents that do not depend on what is served."""


class Documents:
    """Writes the documents of one Kubernetes version."""

    def __init__(self, schema: Schema) -> None:
        self.definitions = Definitions(schema)
        self._operations = Operations(schema)
        self.info = {"title": "Kubernetes", "version": schema.version}

    def group_version(self, resources: Sequence[Resource]) -> bytes:
        """The document of a group version from its resources."""
        group, version = resources[0].group, resources[0].version
        paths = self.paths(resources)
        if all(resource.custom for resource in resources):
            return self._custom(resources, paths)
        paths = discovery_paths(group, version) | paths
        written = orjson.dumps(dict(sorted(paths.items())))
        names = _references(written)
        schemas = self.definitions.schemas(names, group, version) | self._custom_definitions(resources)
        return self._document(written, schemas)

    def fixed(self, name: str) -> bytes:
        """One of FIXED, or "apis/apps"."""
        written = orjson.dumps(fixed_paths(name))
        return self._document(written, self.definitions.schemas(_references(written), "", "v1"))

    def paths(self, resources: Iterable[Resource]) -> Paths:
        """The paths of all resources."""
        found: Paths = {}
        for resource in resources:
            found |= self._operations.paths(resource)
        return found

    def _custom(self, resources: Sequence[Resource], paths: Paths) -> bytes:
        """Of a group version that CRDs alone define."""
        written = orjson.dumps(dict(sorted(paths.items())))
        own = self._custom_definitions(resources)
        names = _references(written) | _references(orjson.dumps(own))
        schemas = own | self.definitions.client_schemas(names)
        tree = {
            "openapi": "3.0.0",
            "info": CUSTOM_INFO,
            "paths": orjson.Fragment(written),
            "components": {"schemas": schemas},
        }
        return orjson.dumps(tree)

    def _custom_definitions(self, resources: Iterable[Resource]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for resource in resources:
            if resource.custom:
                found |= crd.definitions(resource, self.definitions)
        return found

    def _document(self, paths: bytes, schemas: dict[str, Any]) -> bytes:
        components: dict[str, Any] = {"schemas": schemas} if schemas else {}
        components["securitySchemes"] = SECURITY_SCHEMES
        tree = {
            "openapi": "3.0.0",
            "info": self.info,
            "paths": orjson.Fragment(paths),
            "components": components,
        }
        return orjson.dumps(tree)


def discovery_paths(group: str, version: str) -> Paths:
    """The path that lists a group version's resources."""
    prefix = f"/apis/{group}/{version}/" if group else f"/api/{version}/"
    name = f"get{identifier(group.removesuffix('.k8s.io') or 'core')}{identifier(version)}APIResources"
    return _page(prefix, "get available resources", name, tag(group, version), f"{META}.APIResourceList")


def fixed_paths(name: str) -> Paths:
    """The path of one of FIXED, or of a group: "apis/apps"."""
    if name == "api":
        return _page("/api/", "get available API versions", "getCoreAPIVersions", "core", f"{META}.APIVersions")
    if name == "apis":
        return _page("/apis/", "get available API versions", "getAPIVersions", "apis", f"{META}.APIGroupList")
    if name == "version":
        text = "get the version information for this server"
        info = "io.k8s.apimachinery.pkg.version.Info"
        return _page("/version/", text, "getCodeVersion", "version", info, ("application/json",))
    if name == "openid/v1/jwks":
        text = "get service account issuer OpenID JSON Web Key Set (contains public token verification keys)"
        types = ("application/jwk-set+json",)
        return _page("/openid/v1/jwks/", text, "getServiceAccountIssuerOpenIDKeyset", "openid", "", types)
    if name == ".well-known/openid-configuration":
        text = "get service account issuer OpenID configuration, also known as the 'OIDC discovery doc'"
        operation = "getServiceAccountIssuerOpenIDConfiguration"
        return _page(f"/{name}/", text, operation, "WellKnown", "", ("application/json",))
    trimmed = name.removeprefix("apis/").removesuffix(".k8s.io")
    operation, label = f"get{identifier(trimmed)}APIGroup", identifier(trimmed, False)
    return _page(f"/{name}/", "get information of a group", operation, label, f"{META}.APIGroup")


def _page(
    path: str, text: str, operation: str, label: str, definition: str, media_types: tuple[str, ...] = MEDIA_TYPES
) -> Paths:
    answer = responses(reference(definition) if definition else _STRING, media_types, "200")
    found = {"description": text, "operationId": operation, "responses": answer, "tags": [label]}
    return {path: {"get": found}}


def _references(written: bytes) -> set[str]:
    return {name.decode() for name in _REFERENCE.findall(written)}
