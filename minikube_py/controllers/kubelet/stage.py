"""A stage of a pod's life: when it comes, after what delay, and what then."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from minikube_py.controllers.kubelet.life import Life
from minikube_py.machinery.gvr import Object


@dataclass(frozen=True)
class Stage:
    """A row of the table in stages.py."""

    name: str
    when: Callable[[Life], Iterable[Object]]
    """The containers for which it is time; POD where it is about the pod as a whole."""
    next: Callable[[Life, Object], None]
    delay: Callable[[Life, Object], float] | None = None
    """Seconds from when it was first seen to be time for it; None for at once."""
    at: Callable[[Life, Object], float] | None = None
    """Where it is known by itself: the time at which it comes."""
    is_immediate: bool = field(init=False, default=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "is_immediate", self.delay is None and self.at is None)


POD: Object = {"name": ""}
IS: tuple[Object, ...] = (POD,)
IS_NOT: tuple[Object, ...] = ()
"""Answers of `when` for the pod as a whole."""

NOTHING: Object = {}
