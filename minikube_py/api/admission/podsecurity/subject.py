"""A pod as the checks see it, and the words they find for it (pod-security-admission/policy: visitor.go,
helpers.go)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from minikube_py.machinery.gvr import Object

_NOTHING: Object = {}


class Subject(NamedTuple):
    """Of a pod, or of a template for pods."""

    annotations: Mapping[str, str]
    spec: Object

    @classmethod
    def of(cls, pod: Object) -> Subject:
        return cls((pod.get("metadata") or _NOTHING).get("annotations") or _NOTHING, pod.get("spec") or _NOTHING)

    @property
    def containers(self) -> list[Object]:
        """All of them, in the order in which they are told of."""
        spec = self.spec
        fields = ("initContainers", "containers", "ephemeralContainers")
        return [container for field in fields for container in spec.get(field) or ()]

    @property
    def is_windows(self) -> bool:
        return bool((self.spec.get("os") or _NOTHING).get("name") == "windows")

    @property
    def has_own_users(self) -> bool:
        """Whether root inside is nobody outside (hostUsers: false)."""
        return self.spec.get("hostUsers") is False


class Finding(NamedTuple):
    """What one check forbids."""

    reason: str
    detail: str


Check = Callable[[Subject], Finding | None]


def setting(owner: Object, *path: str) -> Any:
    """A value in the securityContext of a pod's spec or a container; None if it is not set."""
    found: Any = owner.get("securityContext")
    for field in path:
        if not found:
            return None
        found = found.get(field)
    return found


def quoted(names: Iterable[str]) -> str:
    """As upstream joins them, which escapes nothing: "a", "b"."""
    return ", ".join(f'"{name}"' for name in names)


def plural(count: int, one: str, many: str) -> str:
    return one if count == 1 else many


def counted(names: Sequence[str], one: str = "container", many: str = "containers") -> str:
    """'container "a"', 'containers "a", "b"'."""
    return f"{plural(len(names), one, many)} {quoted(names)}"


def setters(subject: Subject, is_bad: Callable[[Object], bool]) -> str:
    """Who set something bad: 'pod and containers "a", "b"'; "" for nobody."""
    found = ["pod"] if is_bad(subject.spec) else []
    names = [container["name"] for container in subject.containers if is_bad(container)]
    if names:
        found.append(counted(names))
    return " and ".join(found)
