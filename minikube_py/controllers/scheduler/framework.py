"""The scheduling framework: what a plugin can say about a node (pkg/scheduler/framework).

A plugin is a name and functions that are given a pod's class and return what is to be asked of each node, or None
if there is nothing to ask for such pods (PreFilter's and PreScore's Skip):

    TAINT_TOLERATION = Plugin("TaintToleration", filter=untolerated, score=preferred, weight=3, normalize=FEWER)
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from minikube_py.controllers.scheduler.nodeinfo import NodeInfo
from minikube_py.controllers.scheduler.podclass import PodClass

MAX_NODE_SCORE = 100


class Rejection(NamedTuple):
    """Why a node will not do."""

    reasons: tuple[str, ...]
    resolvable: bool = False
    """Whether the removal of pods could help (Unschedulable, else UnschedulableAndUnresolvable)."""


Filter = Callable[[NodeInfo], Rejection | None]
Score = Callable[[NodeInfo], int]
Normalize = Literal["", "more", "fewer"]
"""How raw scores become 0..100: they are already; the most raw points are best; the fewest are best."""


@dataclass(frozen=True)
class Plugin:
    name: str
    filter: Callable[[PodClass], Filter | None] | None = None
    score: Callable[[PodClass], Score | None] | None = None
    weight: int = 1
    normalize: Normalize = ""
    node_names: Callable[[PodClass], frozenset[str] | None] | None = None
    """The only nodes worth asking (PreFilterResult), None for all."""
    marked_only: bool = False
    """Whether all other nodes pass, with a raw score of zero, than those that are tainted or cordoned."""


def normalized(raw: int, most: int, normalize: Normalize) -> int:
    """DefaultNormalizeScore; `most` is the highest raw score of any node."""
    if not normalize:
        return raw
    share = MAX_NODE_SCORE * raw // most if most else 0
    return MAX_NODE_SCORE - share if normalize == "fewer" else share


@dataclass(frozen=True)
class Profile:
    """A scheduler by its name, as pods' schedulerName has it. Plugins filter in order; the first refusal counts.

    Of nodes that score the same, the one that was chosen longest ago is next: without scores, nodes take turns.
    """

    scheduler_name: str
    plugins: Sequence[Plugin]


NO_NODES = "no nodes available to schedule pods"


def histogram(total: int, reasons: dict[str, int]) -> str:
    """ "0/3 nodes are available: 1 node(s) were unschedulable, 2 Insufficient cpu." (FitError.Error)."""
    counted = ", ".join(sorted(f"{count} {reason}" for reason, count in reasons.items() if count))
    return f"0/{total} nodes are available:" + (f" {counted}." if counted else "")


def fit_error(total: int, rejections: Iterable[Rejection], absent: str) -> str:
    """The message for a pod that fits nowhere. Of `total` nodes those without a rejection are `absent`."""
    reasons: dict[str, int] = {}
    asked = 0
    for rejection in rejections:
        asked += 1
        for reason in rejection.reasons:
            reasons[reason] = reasons.get(reason, 0) + 1
    reasons[absent] = reasons.get(absent, 0) + total - asked
    return histogram(total, reasons)
