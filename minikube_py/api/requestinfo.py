"""What a request asks for, read from its method, path and query alone (apiserver's RequestInfoFactory).

GET /apis/apps/v1/namespaces/n/deployments/d/scale   get, deployments/scale named d in n
GET /api/v1/pods?watch=1                             watch, pods
GET /api/v1/watch/namespaces/n/pods                  watch, pods in n
GET /api/v1/namespaces/n                             get, namespaces named n in n
GET /version                                         no resource
"""

from __future__ import annotations

from typing import NamedTuple

from minikube_py.api.options import Query, list_options, parse_bool
from minikube_py.machinery import fieldselector, labels
from minikube_py.machinery.errors import StatusError
from minikube_py.machinery.names import path_segment_name

_VERBS = {"GET": "get", "HEAD": "get", "POST": "create", "PUT": "update", "PATCH": "patch", "DELETE": "delete"}
_SPECIAL_VERBS = ("watch", "proxy")
_NAMESPACE_SUBRESOURCES = ("status", "finalize")
_SELECTING_VERBS = ("list", "watch", "deletecollection")
_LONG_VERBS = ("watch", "proxy")
_LONG_SUBRESOURCES = ("attach", "exec", "proxy", "log", "portforward")


class RequestInfo(NamedTuple):
    """One request; what does not apply is empty."""

    is_resource: bool
    path: str
    verb: str
    """get, list, watch, create, update, patch, delete, deletecollection or proxy; for what is no resource
    the method in lower case."""
    api_prefix: str = ""
    """"api" or "apis"."""
    group: str = ""
    version: str = ""
    namespace: str = ""
    """A namespace is within itself: /api/v1/namespaces/n has both namespace n and name n."""
    resource: str = ""
    subresource: str = ""
    name: str = ""
    """Also set by list, watch and deletecollection whose fieldSelector asks for one metadata.name."""
    parts: tuple[str, ...] = ()
    """The path from the resource on: resource, name, subresource and what the subresource is given."""
    field_selector: str = ""
    label_selector: str = ""
    """Both of list, watch and deletecollection only, and not of paths below /watch/."""

    @property
    def is_long_running(self) -> bool:
        """Whether it may go on for as long as both sides like (apiserver's filters/longrunning.go)."""
        return self.is_resource and (self.verb in _LONG_VERBS or self.subresource in _LONG_SUBRESOURCES)


class BadPath(ValueError):
    """A special verb without anything after it: upstream answers 500 in plain text."""


def request_info(method: str, path: str, query: Query) -> RequestInfo:
    """Read a request. `path` is unescaped. Raises BadPath."""
    parts = path.strip("/").split("/")
    count = len(parts)
    prefix = parts[0]
    if count < 3 or (prefix != "api" and (prefix != "apis" or count < 4)):
        # upstream has looked at the prefix of /apis/apps/v1 already
        return RequestInfo(False, path, method.lower(), prefix if count == 3 and prefix == "apis" else "")
    start = 3 if prefix == "apis" else 2
    group = parts[1] if start == 3 else ""
    version = parts[start - 1]
    special = parts[start] in _SPECIAL_VERBS
    if special:
        verb = parts[start]
        start += 1
        if start == count:
            raise BadPath(f"unable to determine kind and namespace from url, {path}")
    else:
        verb = _VERBS.get(method, "")

    namespace = ""
    if parts[start] == "namespaces" and start + 1 < count:
        namespace = parts[start + 1]
        if start + 2 < count and parts[start + 2] not in _NAMESPACE_SUBRESOURCES:
            start += 2
    rest = tuple(parts[start:])
    name = rest[1] if len(rest) > 1 else ""
    subresource = rest[2] if len(rest) > 2 and verb != "proxy" else ""

    if not name and verb == "get":
        verb, name = _many(query) if query else ("list", "")
    if not name and verb == "delete":
        verb = "deletecollection"
    fields = selected = ""
    if query and not special and verb in _SELECTING_VERBS:
        fields, selected = query.get("fieldSelector", ""), query.get("labelSelector", "")
    return RequestInfo(
        True, path, verb, prefix, group, version, namespace, rest[0], subresource, name, rest, fields, selected
    )


def _many(query: Query) -> tuple[str, str]:
    """The verb of a read of no single name, and the name its fieldSelector asks for.

    Where any list option does not parse, upstream goes by `watch` alone.
    """
    verb = "watch" if "watch" in query and parse_bool(query["watch"]) else "list"
    if "metadata.name" not in query.get("fieldSelector", ""):
        return verb, ""
    try:
        options = list_options(query)
        labels.parse(options.label_selector)
        name = fieldselector.parse(options.field_selector).requires_exact_match("metadata.name")
    except (StatusError, ValueError):
        return verb, ""
    return verb, name if name and not path_segment_name(name) else ""
