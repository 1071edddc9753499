"""Operations: what a resource's verbs look like in OpenAPI v3, path by path.

Upstream: apiserver/pkg/endpoints/installer.go (routes), endpoints/openapi/openapi.go (operation ids and tags).
"""

from __future__ import annotations

from typing import Any

from minikube_py.api.openapi.definitions import GVKS, META, V3
from minikube_py.api.openapi.parameters import BY_ACTION, CUSTOM_BY_ACTION, Parameter, Parameters, hoist
from minikube_py.api.resource import Resource, Subresource
from minikube_py.api.schema.schema import Schema
from minikube_py.machinery.gvr import GroupVersionKind

Paths = dict[str, dict[str, Any]]
"""By path, operations by HTTP method and `parameters`."""

MEDIA_TYPES = ("application/json", "application/yaml", "application/vnd.kubernetes.protobuf")
WATCH_TYPES = ("application/json;stream=watch", "application/vnd.kubernetes.protobuf;stream=watch")
CUSTOM_MEDIA_TYPES = ("application/json", "application/yaml")
PATCH_TYPES = (
    "application/json-patch+json",
    "application/merge-patch+json",
    "application/strategic-merge-patch+json",
    "application/apply-patch+yaml",
)
CUSTOM_PATCH_TYPES = ("application/json-patch+json", "application/merge-patch+json", "application/apply-patch+yaml")

_STRING = {"type": "string"}
_CONNECT = ("attach", "exec", "portforward", "proxy")
_PROXY_METHODS = ("delete", "get", "head", "options", "patch", "post", "put")
_CONNECT_METHODS = {"create": "post", "get": "get"}
_DEPRECATED = "deprecated: use the 'watch' parameter with a list operation instead"


class Operations:
    """Writes the paths of the resources of one Kubernetes version."""

    def __init__(self, schema: Schema) -> None:
        self._schema = schema
        self._parameters = Parameters(int(schema.version.partition(".")[2]))

    def paths(self, resource: Resource) -> Paths:
        """All paths of a resource and its subresources."""
        return _ResourcePaths(resource, self._schema, self._parameters).write()


def model_name(kind: GroupVersionKind) -> str:
    """The definition's name of a custom kind: "com.example.stable.v1.CronTab"."""
    return f"{'.'.join(reversed(kind.group.split('.')))}.{kind.version}.{kind.kind}"


def identifier(text: str, capitalize: bool = True) -> str:
    """Letters and digits alone, in camel case: "RbacAuthorization" of "rbac.authorization"."""
    found = []
    for index, char in enumerate(text):
        if char.isalpha() or char == "_" or (index and char.isdigit()):
            found.append(char.upper() if capitalize else char)
            capitalize = False
        else:
            capitalize = True
    return "".join(found)


def tag(group: str, version: str) -> str:
    return f"{identifier(group.removesuffix('.k8s.io') or 'core', False)}_{identifier(version, False)}"


def responses(schema: Any, media_types: tuple[str, ...], *codes: str) -> dict[str, Any]:
    """The same answer for each code, and 401."""
    texts = {"200": "OK", "201": "Created", "202": "Accepted"}
    content = {media_type: {"schema": schema} for media_type in media_types}
    found: dict[str, Any] = {code: {"content": content, "description": texts[code]} for code in codes}
    found["401"] = {"description": "Unauthorized"}
    return found


def reference(name: str) -> dict[str, str]:
    return {"$ref": V3 + name}


def _article(noun: str) -> str:
    if noun.endswith("s") and not noun.endswith("ss"):
        return " "
    return " an " if noun[0].lower() in "aeiou" else " a "


class _ResourcePaths:
    def __init__(self, resource: Resource, schema: Schema, parameters: Parameters) -> None:
        self._resource = resource
        self._schema = schema
        self._parameters = parameters
        group, version = resource.group, resource.version
        self._prefix = f"/apis/{group}/{version}" if group else f"/api/{version}"
        self._root = f"{self._prefix}/namespaces/{{namespace}}" if resource.namespaced else self._prefix
        self._id = identifier(group.removesuffix(".k8s.io") or "core") + identifier(version)
        self._tag = tag(group, version)
        self._scope = "Namespaced" if resource.namespaced else ""
        self._media_types = CUSTOM_MEDIA_TYPES if resource.custom else MEDIA_TYPES
        self._table = CUSTOM_BY_ACTION if resource.custom else BY_ACTION
        self._object = reference(self._definition(resource.gvk))
        self._paths: Paths = {}

    def write(self) -> Paths:
        resource = self._resource
        verbs = frozenset(resource.verbs)
        collection = f"{self._root}/{resource.plural}"
        if "list" in verbs and resource.namespaced:
            self._list(f"{self._prefix}/{resource.plural}", f"list{resource.kind}ForAllNamespaces", "watch" in verbs)
        self._collection(collection, verbs)
        self._item(f"{collection}/{{name}}", verbs)
        for subresource in resource.subresources:
            self._subresource(f"{collection}/{{name}}/{subresource.name}", subresource)
        if "watch" in verbs and not resource.custom:
            self._watches(verbs)
        for path in self._paths.values():
            hoist(path)
        return self._paths

    # -- groups of operations ------------------------------------------------------------------------------------

    def _collection(self, path: str, verbs: frozenset[str]) -> None:
        kind, scope = self._resource.kind, self._scope
        if "list" in verbs:
            self._list(path, f"list{scope}{kind}", "watch" in verbs)
        if "create" in verbs:
            text = f"create{_article(kind)}{kind}"
            answer = self._answer(self._object, "200", "201", "202")
            self._add(path, "post", "post", f"create{scope}{kind}", text, answer, body=self._object)
        if "deletecollection" in verbs:
            text = f"delete collection of {kind}"
            answer = self._answer(reference(f"{META}.Status"), "200")
            body = None if self._resource.custom else reference(f"{META}.DeleteOptions")
            name = f"deleteCollection{scope}{kind}"
            self._add(path, "delete", "deletecollection", name, text, answer, body=body)

    def _item(self, path: str, verbs: frozenset[str]) -> None:
        kind = self._resource.kind
        self._changes(path, verbs, f"{self._scope}{kind}", f"the specified {kind}", self._object, self._resource.gvk)
        if "delete" in verbs:
            deleted = self._object if self._returns_deleted() else reference(f"{META}.Status")
            answer = self._answer(deleted, "200", "202")
            text = f"delete{_article(kind)}{kind}"
            body = reference(f"{META}.DeleteOptions")
            self._add(path, "delete", "delete", f"delete{self._scope}{kind}", text, answer, body=body)

    def _subresource(self, path: str, subresource: Subresource) -> None:
        parent, name = self._resource.kind, subresource.name
        # a custom resource's scale is named and described as the custom resource's own
        kind = subresource.kind or self._resource.gvk
        shown = self._resource.gvk if self._resource.custom else kind
        schema = reference(self._definition(kind)) if subresource.kind is not None else self._object
        title = f"{self._scope}{parent}{name.title()}"
        verbs = frozenset(subresource.verbs)
        if name in _CONNECT and not self._resource.custom:
            self._connect(path, subresource)
            return
        if name == "log":
            self._log(path, title)
            return
        self._changes(path, verbs, title, f"{name} of the specified {parent}", schema, shown)
        if "create" in verbs:
            text = f"create {name} of{_article(parent)}{parent}"
            answer = self._answer(schema, "200", "201", "202")
            self._add(path, "post", "post", f"create{title}", text, answer, body=schema, kind=shown)

    def _changes(
        self, path: str, verbs: frozenset[str], title: str, what: str, schema: Any, kind: GroupVersionKind
    ) -> None:
        """get, put and patch."""
        if "get" in verbs:
            self._add(path, "get", "get", f"read{title}", f"read {what}", self._answer(schema, "200"), kind=kind)
        if "update" in verbs:
            answer = self._answer(schema, "200", "201")
            self._add(path, "put", "put", f"replace{title}", f"replace {what}", answer, body=schema, kind=kind)
        if "patch" in verbs:
            answer = self._answer(schema, "200") if self._resource.custom else self._answer(schema, "200", "201")
            body = reference(f"{META}.Patch")
            text = f"partially update {what}"
            self._add(path, "patch", "patch", f"patch{title}", text, answer, body=body, kind=kind)

    def _list(self, path: str, name: str, watch: bool) -> None:
        resource = self._resource
        list_kind = resource.gvk._replace(kind=resource.list_kind)
        text = f"list {'' if resource.custom or not watch else 'or watch '}objects of kind {resource.kind}"
        media_types = self._media_types if resource.custom else (*MEDIA_TYPES, *WATCH_TYPES)
        answer = responses(reference(self._definition(list_kind)), media_types, "200")
        self._add(path, "get", "list", name, text, answer)

    def _watches(self, verbs: frozenset[str]) -> None:
        """The deprecated paths below /watch/."""
        resource = self._resource
        kind, plural = resource.kind, resource.plural
        watch = self._prefix + "/watch"
        root = f"{watch}/namespaces/{{namespace}}" if resource.namespaced else watch
        answer = responses(reference(f"{META}.WatchEvent"), (*MEDIA_TYPES, *WATCH_TYPES), "200")
        text = f"watch individual changes to a list of {kind}. {_DEPRECATED}."
        if "list" in verbs:
            self._add(f"{root}/{plural}", "get", "watchlist", f"watch{self._scope}{kind}List", text, answer)
            if resource.namespaced:
                name = f"watch{kind}ListForAllNamespaces"
                self._add(f"{watch}/{plural}", "get", "watchlist", name, text, answer)
        text = (
            f"watch changes to an object of kind {kind}. {_DEPRECATED}, filtered to a single item with the "
            "'fieldSelector' parameter."
        )
        self._add(f"{root}/{plural}/{{name}}", "get", "watch", f"watch{self._scope}{kind}", text, answer)

    def _connect(self, path: str, subresource: Subresource) -> None:
        parent, name = self._resource.kind, subresource.name
        kind = subresource.kind or GroupVersionKind("", "v1", f"{parent}{name.title()}Options")
        methods: tuple[str, ...] = _PROXY_METHODS
        if name != "proxy":
            methods = tuple(_CONNECT_METHODS[verb] for verb in subresource.verbs if verb in _CONNECT_METHODS)
        for suffix, ending in (("", ""), ("/{path}", "WithPath")) if name == "proxy" else (("", ""),):
            for method in methods:
                title = f"connect{method.title()}{self._scope}{parent}{name.title()}{ending}"
                text = f"connect {method.upper()} requests to {name} of {parent}"
                answer = responses(_STRING, ("*/*",), "200")
                self._add(path + suffix, method, "connect", title, text, answer, kind=kind, options=kind.kind)

    def _log(self, path: str, title: str) -> None:
        text = f"read log of the specified {self._resource.kind}"
        answer = responses(_STRING, ("text/plain", *self._media_types), "200")
        self._add(path, "get", "get", f"read{title}", text, answer, options="PodLogOptions")

    # -- one operation -------------------------------------------------------------------------------------------

    def _add(
        self,
        path: str,
        method: str,
        action: str,
        name: str,
        text: str,
        answer: dict[str, Any],
        *,
        body: Any = None,
        kind: GroupVersionKind | None = None,
        options: str = "",
    ) -> None:
        """`name` begins with the operation's verb: "readNamespacedPod"."""
        verb = next(verb for verb in _OPERATION_VERBS if name.startswith(verb))
        shown = kind or self._resource.gvk
        operation: dict[str, Any] = {
            "description": text,
            "operationId": f"{verb}{self._id}{name[len(verb) :]}",
            "parameters": self._query(path, action, shown, options),
            "responses": answer,
            "tags": [self._tag],
            "x-kubernetes-action": action,
            GVKS: {"group": shown.group, "kind": shown.kind, "version": shown.version},
        }
        if body is not None:
            operation["requestBody"] = self._body(method, body)
        self._paths.setdefault(path, {})[method] = operation

    def _query(self, path: str, action: str, kind: GroupVersionKind, options: str) -> list[Parameter]:
        parameters = self._parameters
        found = parameters.options(options) if options else parameters.of(action, self._table)
        if action != "connect":
            found.append(parameters.pretty)
        if "{name}" in path:
            found.append(parameters.path("name", kind.kind))
        found.extend(parameters.path(name) for name in ("namespace", "path") if f"{{{name}}}" in path)
        return found

    def _body(self, method: str, schema: dict[str, str]) -> dict[str, Any]:
        custom = self._resource.custom
        media_types: tuple[str, ...] = CUSTOM_MEDIA_TYPES if custom else ("*/*",)
        if method == "patch":
            media_types = CUSTOM_PATCH_TYPES if custom else PATCH_TYPES
        body: dict[str, Any] = {"content": {media_type: {"schema": schema} for media_type in media_types}}
        if not schema["$ref"].endswith(".DeleteOptions"):
            body["required"] = True
        return body

    def _answer(self, schema: Any, *codes: str) -> dict[str, Any]:
        return responses(schema, self._media_types, *codes)

    def _definition(self, kind: GroupVersionKind) -> str:
        return self._schema.name_of(kind) or model_name(kind)

    def _returns_deleted(self) -> bool:
        # a namespace's deletion answers with it, though upstream's documents do not say so
        return self._resource.strategy.returns_deleted_object and self._resource.kind != "Namespace"


_OPERATION_VERBS = ("read", "replace", "patch", "delete", "watch", "connect", "list", "create")
