"""Which requests on custom resources there are, and how others are refused: not as those on built-in ones, which a
router of another kind takes (apiextensions-apiserver/pkg/apiserver/customresource_handler.go).
"""

from __future__ import annotations

from minikube_py.api.requestinfo import RequestInfo
from minikube_py.api.resource import Resource
from minikube_py.machinery import errors

_MANY = ("list", "watch")
_NAMED = ("update", "patch")
_VERBS = frozenset(("get", "list", "watch", "create", "update", "patch", "delete", "deletecollection"))
_SUBRESOURCE_VERBS = frozenset(("get", "update", "patch"))


def is_routed(resource: Resource, info: RequestInfo) -> bool:
    """Whether the path fits the scope; lists and watches of namespaced kinds go over all namespaces, too."""
    if not resource.namespaced:
        return not info.namespace
    return bool(info.namespace) or info.verb in _MANY


def custom_verb(resource: Resource, info: RequestInfo) -> str:
    """The verb of a request. Raises StatusError 400, 404 and 405."""
    verb = info.verb
    if info.subresource:
        if info.subresource not in resource.subresource_by_name:
            raise errors.not_found(resource.group_resource, info.name)
        if verb not in _SUBRESOURCE_VERBS:
            raise errors.method_not_supported(resource.group_resource, verb)
        return verb
    if verb not in _VERBS:
        raise errors.method_not_supported(resource.group_resource, verb)
    if verb in _NAMED and not info.name:
        raise errors.bad_request("name must be provided")
    if verb == "create" and verb not in resource.verbs:
        refused = errors.method_not_supported(resource.group_resource, verb)
        refused.message = f"{verb} not allowed while custom resource definition is terminating"
        raise refused
    return verb
