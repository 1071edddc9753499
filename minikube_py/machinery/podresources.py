"""What a pod's containers ask for together (component-helpers' resource package)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol, TypeVar

from minikube_py.machinery.gvr import Object


class Amount(Protocol):
    """A number or a Quantity."""

    def __add__(self, other: Any, /) -> Any: ...

    def __lt__(self, other: Any, /) -> bool: ...


A = TypeVar("A", bound=Amount)


def is_sidecar(container: Object) -> bool:
    """Whether an init container runs along with the others."""
    return container.get("restartPolicy") == "Always"


def aggregate(spec: Object, asked: Callable[[Object], dict[str, A]]) -> dict[str, A]:
    """What all containers of a pod spec need together; `asked` makes a container's own amounts, a new dict.

    Init containers run one after the other, beside the sidecars started before them:

        sidecar 100m, init 300m, sidecar 50m, container 200m  ->  max(100m + 50m + 200m, 100m + 300m) = 400m
    """
    total: dict[str, A] = {}
    for container in spec.get("containers") or ():
        add(total, asked(container))
    sidecars: dict[str, A] = {}
    highest: dict[str, A] = {}
    for container in spec.get("initContainers") or ():
        own = asked(container)
        if is_sidecar(container):
            add(total, own)
            add(sidecars, own)
            raise_to(highest, sidecars)
        else:
            add(own, sidecars)
            raise_to(highest, own)
    raise_to(total, highest)
    return total


def add(total: dict[str, A], more: dict[str, A]) -> None:
    """Add amounts to amounts, in place."""
    for name, amount in more.items():
        mine = total.get(name)
        total[name] = amount if mine is None else mine + amount


def raise_to(total: dict[str, A], floor: dict[str, A]) -> None:
    """Let no amount be less than another's, in place."""
    for name, amount in floor.items():
        mine = total.get(name)
        if mine is None or mine < amount:
            total[name] = amount
