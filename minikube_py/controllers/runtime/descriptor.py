"""Controllers by name, and the choice among them: kube-controller-manager's ControllerDescriptor and --controllers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from minikube_py.controllers.runtime.context import Context


class Runnable(Protocol):
    """What the manager starts and stops: a Controller, or anything that runs in its own way."""

    @property
    def name(self) -> str: ...

    def start(self) -> None:
        """Begin, from a running event loop; must not wait. The informers asked for may not be synced yet."""
        ...

    async def stop(self) -> None:
        """End everything that was begun, and wait for it."""
        ...

    def busy(self) -> list[str]:
        """What it still has to do without any time passing, in words; empty when settled."""
        ...


@dataclass(frozen=True)
class Descriptor:
    """What a controller module exports as CONTROLLER."""

    name: str
    """As --controllers takes it: "deployment-controller"."""
    new: Callable[[Context], Runnable]
    aliases: tuple[str, ...] = ()
    """Older names: "deployment"."""
    disabled_by_default: bool = False


def choose(descriptors: Sequence[Descriptor], selection: str | Iterable[str] = "*") -> list[Descriptor]:
    """The descriptors that `--controllers` asks for: "foo" enables foo, "-foo" disables it, "*" enables all that are
    on by default; the first mention of a name counts (controller-manager app/helper.go). Raises ValueError for a
    name that is unknown."""
    entries = [entry.strip() for entry in (selection.split(",") if isinstance(selection, str) else selection)]
    canonical = {alias: each.name for each in descriptors for alias in (each.name, *each.aliases)}
    chosen: dict[str, bool] = {}
    for entry in entries:
        if entry in ("*", ""):
            continue
        name = entry.removeprefix("-")
        if name not in canonical:
            raise ValueError(f'"{name}" is not in the list of known controllers')
        chosen.setdefault(canonical[name], not entry.startswith("-"))
    everything = "*" in entries
    return [each for each in descriptors if chosen.get(each.name, everything and not each.disabled_by_default)]
