"""Discovery: which groups, versions and resources are served - in the classic documents and in the aggregated one.

    /api, /apis                  classic, or aggregated where the client asks for APIGroupDiscoveryList
    /api/v1, /apis/G, /apis/G/V  classic

Upstream: apiserver/pkg/endpoints/discovery, kube-aggregator's handlers for the order of groups.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable

from minikube_py.api.catalog import Catalog
from minikube_py.api.negotiate import PLAIN, Negotiated, is_pretty, negotiate
from minikube_py.api.reply import Reply, Request, encode_tree
from minikube_py.api.resource import Resource, Subresource
from minikube_py.machinery import errors
from minikube_py.machinery.gvr import GroupVersionKind, Object

PRIORITIES = {
    "": 18000,
    "apiregistration.k8s.io": 17900,
    "apps": 17800,
    "events.k8s.io": 17750,
    "authentication.k8s.io": 17700,
    "authorization.k8s.io": 17600,
    "autoscaling": 17500,
    "batch": 17400,
    "certificates.k8s.io": 17300,
    "networking.k8s.io": 17200,
    "policy": 17100,
    "rbac.authorization.k8s.io": 17000,
    "storage.k8s.io": 16800,
    "apiextensions.k8s.io": 16700,
    "admissionregistration.k8s.io": 16700,
    "scheduling.k8s.io": 16600,
    "coordination.k8s.io": 16500,
    "node.k8s.io": 16300,
    "discovery.k8s.io": 16200,
    "resource.k8s.io": 16200,
    "flowcontrol.apiserver.k8s.io": 16100,
    "internal.apiserver.k8s.io": 16000,
    "storagemigration.k8s.io": 15800,
    "metrics.k8s.io": 100,
}
"""The groups' order (APIService groupPriorityMinimum); groups of CRDs come after all of Kubernetes' own."""
CUSTOM_PRIORITY = 1000

_AGGREGATED = "APIGroupDiscoveryList"
_AGGREGATED_GROUP = "apidiscovery.k8s.io"
V2_SINCE, V2BETA1 = 30, range(27, 35)
"""Minor versions: the first with v2, those with v2beta1 (both of the aggregated document)."""


class Discovery:
    """Answers the discovery paths; documents are made once and again after the catalog has changed."""

    def __init__(self, catalog: Catalog, kubernetes: str) -> None:
        self._catalog = catalog
        self._minor = int(kubernetes.split(".")[1])
        self._aggregated: dict[tuple[str, bool], Object] = {}
        catalog.listeners.append(self._aggregated.clear)

    async def answer(self, request: Request) -> Reply | None:
        """None for other paths. Raises StatusError."""
        parts = request.path.strip("/").split("/")
        if parts[0] not in ("api", "apis") or len(parts) > (3 if parts[0] == "apis" else 2):
            return None
        core = parts[0] == "api"
        if len(parts) == 1:
            return self._root(request, core)
        group, version = ("", parts[1]) if core else (parts[1], parts[2] if len(parts) > 2 else "")
        if not self._catalog.has_group(group):
            return None
        document = self._version(group, version) if version else self._group(group)
        if document is None:
            if not self._catalog.has_builtin_group(group):
                return None
            raise errors.unknown_resource()
        # Like /apis, a group's document comes from a bare handler, which takes any method.
        if request.method != "GET" and version:
            raise errors.method_not_allowed()
        return self._reply(request, document)

    def groups(self) -> dict[str, list[str]]:
        """Versions by group, both in their order; the core group is ""."""
        found: dict[str, dict[str, None]] = {}
        for resource in self._catalog:
            found.setdefault(resource.group, {})[resource.version] = None
        order = sorted(found, key=lambda group: (-PRIORITIES.get(group, CUSTOM_PRIORITY), group))
        return {group: sorted(found[group], key=version_order) for group in order}

    # Documents

    def _root(self, request: Request, core: bool) -> Reply:
        # Upstream's /apis is no route but a bare handler, which takes any method.
        if core and request.method != "GET":
            raise errors.method_not_allowed()
        version = self._aggregated_version(request)
        if version:
            return self._aggregated_reply(request, core, version)
        if core:
            address = {"clientCIDR": "0.0.0.0/0", "serverAddress": request.headers.get("Host", "")}
            versions = self.groups().get("", [])
            return self._reply(
                request, {"kind": "APIVersions", "versions": versions, "serverAddressByClientCIDRs": [address]}
            )
        groups = [self._api_group(group, versions) for group, versions in self.groups().items() if group]
        return self._reply(request, {"kind": "APIGroupList", "apiVersion": "v1", "groups": groups})

    def _group(self, group: str) -> Object | None:
        versions = self.groups().get(group)
        if not versions:
            return None
        return {"kind": "APIGroup", "apiVersion": "v1", **self._api_group(group, versions)}

    def _api_group(self, group: str, versions: list[str]) -> Object:
        listed = [{"groupVersion": f"{group}/{version}", "version": version} for version in versions]
        return {"name": group, "versions": listed, "preferredVersion": listed[0]}

    def _version(self, group: str, version: str) -> Object | None:
        resources = self._resources(group, version)
        if not resources:
            return None
        rows = [row for resource in resources for row in _rows(resource)]
        if self._catalog.has_builtin_group(group):
            rows.sort(key=lambda row: str(row["name"]))
        head = {"kind": "APIResourceList", **({"apiVersion": "v1"} if group else {})}
        return {**head, "groupVersion": f"{group}/{version}" if group else version, "resources": rows}

    def _resources(self, group: str, version: str) -> list[Resource]:
        found = [each for each in self._catalog if each.group == group and each.version == version]
        return sorted(found, key=lambda each: each.plural)

    # The aggregated document

    def _aggregated_version(self, request: Request) -> str:
        """ "v2" or "v2beta1" if the client asks for the aggregated document and gets it, else ""."""
        for clause in (request.accept or "").split(","):
            parameters = dict(part.strip().partition("=")[::2] for part in clause.split(";")[1:])
            if parameters.get("as") != _AGGREGATED or parameters.get("g") != _AGGREGATED_GROUP:
                continue
            version = parameters.get("v", "")
            if (version == "v2" and self._minor >= V2_SINCE) or (version == "v2beta1" and self._minor in V2BETA1):
                return version
        return ""

    def _aggregated_reply(self, request: Request, core: bool, version: str) -> Reply:
        document = self._aggregated.get((version, core))
        if document is None:
            groups = ((name, versions) for name, versions in self.groups().items() if (name == "") == core)
            items = [self._aggregated_group(name, versions) for name, versions in groups]
            document = {
                "kind": _AGGREGATED,
                "apiVersion": f"{_AGGREGATED_GROUP}/{version}",
                "metadata": {},
                "items": items,
            }
            self._aggregated[version, core] = document
        tag = f'"{hashlib.sha512(repr(document).encode()).hexdigest().upper()}"'
        headers = [("ETag", tag), ("Vary", "Accept")]
        if tag in request.headers.get("If-None-Match", ""):
            return Reply(304, content_type="", headers=headers)
        body = encode_tree(document, "json", False, self._catalog.schema)
        content_type = f"application/json;g={_AGGREGATED_GROUP};v={version};as={_AGGREGATED}"
        return Reply(200, body, content_type, headers)

    def _aggregated_group(self, group: str, versions: Iterable[str]) -> Object:
        listed = [
            {
                "version": version,
                "resources": [_aggregated_resource(each) for each in self._resources(group, version)],
                "freshness": "Current",
            }
            for version in versions
        ]
        return {"metadata": {"name": group} if group else {}, "versions": listed}

    def _reply(self, request: Request, document: Object) -> Reply:
        negotiated: Negotiated = negotiate(request.accept, PLAIN)
        pretty = is_pretty(negotiated, request.query.get("pretty", ""), request.user_agent)
        body = encode_tree(document, negotiated.media_type, pretty, self._catalog.schema)
        return Reply(200, body, negotiated.content_type)


def version_order(version: str) -> tuple[int, int, int, str]:
    """Kubernetes' order of versions: v2, v1, v1beta1, v1alpha1, then others by name
    (apimachinery/pkg/version CompareKubeAwareVersionStrings)."""
    for stage, word in enumerate(("", "beta", "alpha")):
        major, _, minor = version.removeprefix("v").partition(word) if word else (version.removeprefix("v"), "", "")
        if version.startswith("v") and major.isdigit() and (minor.isdigit() if word else True):
            return (stage, -int(major), -int(minor or 0), "")
    return (3, 0, 0, version)


def storage_version_hash(kind: GroupVersionKind) -> str:
    """What tells a client that the stored version has changed (apiserver/pkg/endpoints/discovery)."""
    digest = hashlib.sha256(f"{kind.group}/{kind.version}/{kind.kind}".encode()).digest()
    return base64.b64encode(digest[:8]).decode()


def _rows(resource: Resource) -> Iterable[Object]:
    row: Object = {
        "name": resource.plural,
        "singularName": resource.singular_name,
        "namespaced": resource.namespaced,
        "kind": resource.kind,
        "verbs": _verbs(resource),
    }
    if resource.short_names:
        row["shortNames"] = list(resource.short_names)
    if resource.categories:
        row["categories"] = list(resource.categories)
    version = resource.storage_version if resource.custom else resource.version
    if version and "get" in resource.verbs and ("create" in resource.verbs or resource.custom):
        row["storageVersionHash"] = storage_version_hash(resource.gvk._replace(version=version))
    yield row
    for subresource in resource.subresources:
        kind = _kind(resource, subresource)
        row = {"name": f"{resource.plural}/{subresource.name}", "singularName": "", "namespaced": resource.namespaced}
        if (kind.group, kind.version) != (resource.group, resource.version):
            row |= {"group": kind.group, "version": kind.version}
        yield {**row, "kind": kind.kind, "verbs": sorted(subresource.verbs)}


def _aggregated_resource(resource: Resource) -> Object:
    row: Object = {
        "resource": resource.plural,
        "responseKind": _response_kind(resource, resource.gvk),
        "scope": "Namespaced" if resource.namespaced else "Cluster",
        "singularResource": resource.singular_name,
        "verbs": _verbs(resource),
    }
    if resource.short_names:
        row["shortNames"] = list(resource.short_names)
    if resource.categories:
        row["categories"] = list(resource.categories)
    if resource.subresources:
        listed = resource.subresources
        if not resource.custom:
            listed = tuple(sorted(listed, key=lambda each: each.name))
        row["subresources"] = [
            {
                "subresource": each.name,
                "responseKind": _response_kind(resource, _kind(resource, each)),
                "verbs": sorted(each.verbs),
            }
            for each in listed
        ]
    return row


def _verbs(resource: Resource) -> list[str]:
    return list(resource.verbs) if resource.custom else sorted(resource.verbs)


def _kind(resource: Resource, subresource: Subresource) -> GroupVersionKind:
    return subresource.kind or resource.gvk


def _response_kind(resource: Resource, kind: GroupVersionKind) -> Object:
    """Group and version are left empty where they are those of a built-in resource."""
    if not resource.custom and (kind.group, kind.version) == (resource.group, resource.version):
        return {"group": "", "version": "", "kind": kind.kind}
    return {"group": kind.group, "version": kind.version, "kind": kind.kind}
