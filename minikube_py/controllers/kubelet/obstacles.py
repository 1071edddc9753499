"""Why a container cannot be started: its image (pkg/kubelet/images/image_manager.go), what its environment refers to
(kubelet_pods.go makeEnvironmentVariables), its subpaths, its user."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from minikube_py.controllers.kubelet.behaviour import NEVER
from minikube_py.controllers.kubelet.image import normalized
from minikube_py.controllers.kubelet.life import Life, Objects
from minikube_py.controllers.kubelet.securitycontext import root_problem
from minikube_py.controllers.kubelet.subpaths import subpath_problem
from minikube_py.machinery.gvr import Object

INVALID, NEVER_PULL, PULL = "InvalidImageName", "ErrImageNeverPull", "ErrImagePull"
PULL_BACK_OFF, CONFIG = "ImagePullBackOff", "CreateContainerConfigError"
PULLS = (PULL, PULL_BACK_OFF)


class Obstacle(NamedTuple):
    """A waiting container's reason and message."""

    reason: str
    message: str


def obstacle(life: Life, container: Object) -> Obstacle | None:
    """The first of those that stand in its way."""
    return image_obstacle(life, container) or config_obstacle(life, container)


# Images

_PART = "[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*"
_HOST = r"(?:[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)*(?::[0-9]+)?"
_DIGEST = r"[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}"
_REFERENCE = re.compile(
    rf"(?P<name>(?:{_HOST}/)?{_PART}(?:/{_PART})*)(?::(?P<tag>[A-Za-z0-9_][\w.-]{{0,127}}))?(?:@{_DIGEST})?", re.ASCII
)
"""What names an image (distribution/reference regexp.go)."""

NOWHERE = ".invalid"
"""The end of hosts' names that are never resolved (RFC 2606)."""


def image_obstacle(life: Life, container: Object) -> Obstacle | None:
    image = container["image"]
    invalid = invalid_name(image)
    if invalid:
        return Obstacle(INVALID, f'Failed to apply default image tag "{image}": {invalid}')
    if life.behaviour(container).pull < NEVER and not _is_nowhere(image):
        return None
    if container.get("imagePullPolicy") == "Never":
        return Obstacle(NEVER_PULL, f'Container image "{image}" is not present with pull policy of Never')
    return Obstacle(PULL, pull_error(image))


@lru_cache(maxsize=1024)
def invalid_name(image: str) -> str:
    """What is wrong with it, or "" (util/parsers ParseImageName)."""
    if _REFERENCE.fullmatch(image):
        return ""
    lower = _REFERENCE.fullmatch(image.lower())
    why = "repository name must be lowercase" if lower else "invalid reference format"
    return f'couldn\'t parse image name "{image}": invalid reference format' + (f": {why}" if lower else "")


def _is_nowhere(image: str) -> bool:
    return NOWHERE in image and image.partition("/")[0].partition(":")[0].endswith(NOWHERE)


@lru_cache(maxsize=1024)
def pull_error(image: str) -> str:
    """In the words of containerd."""
    name = normalized(image)
    doing = f'failed to pull and unpack image "{name}": failed to resolve reference "{name}"'
    if not _is_nowhere(image):
        return f"rpc error: code = NotFound desc = {doing}: {name}: not found"
    host, _, path = name.partition("/")
    repository, _, tag = path.rpartition(":")
    request = f'failed to do request: Head "https://{host}/v2/{repository}/manifests/{tag}"'
    lookup = f"dial tcp: lookup {host.partition(':')[0]}: no such host"
    return f"rpc error: code = Unknown desc = {doing}: {request}: {lookup}"


# Environment


def config_obstacle(life: Life, container: Object) -> Obstacle | None:
    problem = (
        _missing(container, life.objects, life.pod["metadata"]["namespace"])
        or subpath_problem(life.pod_now, container, life.objects)
        or root_problem(life.pod, container)
    )
    return Obstacle(CONFIG, problem) if problem else None


class Reference(NamedTuple):
    """Of an environment to an object, or to one of its keys."""

    plural: str
    name: str
    key: str | None
    optional: bool


_SOURCES = (("configMapKeyRef", "configmaps"), ("secretKeyRef", "secrets"))
_ENVIRONMENTS = (("configMapRef", "configmaps"), ("secretRef", "secrets"))
_KINDS = {"configmaps": ("configmap", "ConfigMap"), "secrets": ("secret", "Secret")}


def environment(container: Object) -> Iterator[Reference]:
    for source in container.get("envFrom") or ():
        for field, plural in _ENVIRONMENTS:
            if field in source:
                yield Reference(plural, source[field].get("name", ""), None, bool(source[field].get("optional")))
    for variable in container.get("env") or ():
        value: Object = variable.get("valueFrom") or {}
        for field, plural in _SOURCES:
            if field in value:
                found = value[field]
                yield Reference(plural, found.get("name", ""), found["key"], bool(found.get("optional")))


def _missing(container: Object, objects: Objects, namespace: str) -> str:
    """What of its environment there is not; what was not looked up is taken to be there."""
    for reference in environment(container):
        known = (reference.plural, reference.name)
        if reference.optional or known not in objects:
            continue
        found = objects[known]
        lower, kind = _KINDS[reference.plural]
        if found is None:
            return f'{lower} "{reference.name}" not found'
        if reference.key is not None and not _has_key(found, reference.key):
            return f"couldn't find key {reference.key} in {kind} {namespace}/{reference.name}"
    return ""


def _has_key(found: Object, key: str) -> bool:
    return key in (found.get("data") or ())
