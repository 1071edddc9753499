"""The scheduling framework: what a plugin can say of nodes (pkg/scheduler/framework).

A plugin is a name and functions. Each is asked about a pod once and answers with what is then asked of nodes, or with
None if it has nothing to say of such pods (PreFilter's and PreScore's Skip), so that it costs them nothing:

    filter, score          look at a pod's class and one node at a time; remembered until the node changes
    filter_all, score_all  look at all nodes with their pods together, by a Survey
    gate                   tells that a pod is not to be tried yet
    claim                  looks at what the API says of the pod's volumes and devices; asked anew at each try
    hint                   tells whether an event may help a pod that the plugin refused

    TAINT_TOLERATION = Plugin("TaintToleration", filter=untolerated, score=unpreferred, weight=3, normalize=fewest)
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from minikube_py.controllers.scheduler.nodeinfo import NodeInfo
from minikube_py.controllers.scheduler.podclass import PodClass
from minikube_py.controllers.scheduler.podinfo import PodInfo
from minikube_py.machinery.gvr import Object

if TYPE_CHECKING:
    from minikube_py.controllers.scheduler.handle import Handle

MAX_NODE_SCORE = 100


class Rejection(NamedTuple):
    """Why a node will not do."""

    reasons: tuple[str, ...]
    resolvable: bool = False
    """Whether the removal of pods could help (Unschedulable, else UnschedulableAndUnresolvable)."""


Filter = Callable[[NodeInfo], Rejection | None]
Score = Callable[[NodeInfo], int]
Normalize = Callable[[Sequence[int]], list[int]]
"""Of raw scores, the scores from 0 to MAX_NODE_SCORE; nodes of the same raw score get the same."""

Place = Hashable
"""All of a node that a survey's verdict depends on: nodes of the same place fare alike."""


class Survey(Protocol):
    """What a plugin has counted on all nodes, for one kind of pods.

    Counting is by node: a node that changed is counted again, which replaces what it counted for before.
    """

    @property
    def key(self) -> Hashable:
        """Pods whose surveys have the same key share one."""
        ...

    def count(self, node: NodeInfo) -> None: ...

    def clear(self) -> None:
        """Forget all nodes."""
        ...

    def place(self, node: NodeInfo) -> Place:
        """Of a node as it was counted last."""
        ...


class FilterSurvey(Survey, Protocol):
    def refusals(self, places: Sequence[Place]) -> Sequence[Rejection | None]: ...


class ScoreSurvey(Survey, Protocol):
    def scores(self, places: Sequence[tuple[Place, int]]) -> Sequence[int]:
        """From 0 to MAX_NODE_SCORE; `places` are those of the nodes that fit, each with how many there are."""
        ...


@dataclass(frozen=True)
class Claim:
    """What a plugin has to say of a pod with volumes or devices."""

    filter: Filter | None = None
    score: Score | None = None
    """Of nodes that passed the filter, the more the better; None where all are alike."""
    reserve: Callable[[str], Reservation | None] | None = None
    """Take what the pod needs on the node of that name; None if there is nothing to take."""
    remedy: Callable[[], Awaitable[str]] | None = None
    """Do something for the pod, as it fits nowhere, and tell what (PostFilter). Raises StatusError."""


class Reservation(Protocol):
    """What was taken for a pod, and has to be ready before it is bound."""

    @property
    def plugin(self) -> str:
        """Whose name."""
        ...

    @property
    def is_writing(self) -> bool:
        """Whether a write is under way that must not be cut off, as nobody would know what became of it."""
        ...

    def release(self) -> None:
        """Give it back, as binding failed. Idempotent."""
        ...

    async def withdraw(self) -> None:
        """Take back what was written, after that."""
        ...

    def prepare(self) -> Awaitable[None]:
        """Make it ready (PreBind). Raises StatusError and NotPrepared."""
        ...


class NotPrepared(Exception):
    """What a pod needs could not be made ready; it is to be scheduled anew."""


class Event(NamedTuple):
    """Something happened to an object; `old` is None when it came, `new` when it went."""

    resource: str
    """The event resources of upstream: "Node", "AssignedPod", "PersistentVolumeClaim", ..."""
    old: Object | None
    new: Object | None


NODE, ASSIGNED_POD, UNSCHEDULED_POD = "Node", "AssignedPod", "UnscheduledPod"


@dataclass(frozen=True)
class Plugin:
    name: str
    filter: Callable[[PodClass], Filter | None] | None = None
    score: Callable[[PodClass], Score | None] | None = None
    filter_all: Callable[[PodInfo, Handle], FilterSurvey | None] | None = None
    score_all: Callable[[PodInfo, Handle], ScoreSurvey | None] | None = None
    gate: Callable[[Object, Handle], str] | None = None
    """Why a pod is not to be tried yet, which nobody is told; "" if it is (PreEnqueue). Asked of individual pods."""
    claim: Callable[[Object, Handle], Claim | Rejection | None] | None = None
    """A Rejection refuses the pod on all nodes, with a message of its own (PreFilter)."""
    scores_claims: bool = True
    """Whether the scores count that its claims give nodes."""
    hint: Callable[[Object, Event], bool] | None = None
    """Whether an event may make a pod fit that this plugin refused (EventsToRegister); without one, any may."""
    no_remedy: str = ""
    """What it says of a pod that fits nowhere and that it has no remedy for (PostFilter)."""
    preempts: bool = False
    """Whether it makes room for a pod that fits nowhere (PostFilter)."""
    weight: int = 1
    normalize: Normalize | None = None
    """None: raw scores are scores already."""
    node_names: Callable[[PodClass], frozenset[str] | Rejection | None] | None = None
    """The only nodes worth asking (PreFilterResult), None for all; a Rejection refuses the pod on all nodes."""
    marked_only: bool = False
    """Whether all other nodes pass, with a raw score of zero, than those that are tainted or cordoned."""
    since: int = 0
    """The minor version of Kubernetes that has it by default."""
    arguments: Any = None
    """What its functions were made with, such as a pluginConfig's args."""


def most(raws: Sequence[int]) -> list[int]:
    """The more the better (DefaultNormalizeScore)."""
    highest = max(raws, default=0)
    return [MAX_NODE_SCORE * raw // highest if highest else 0 for raw in raws]


def fewest(raws: Sequence[int]) -> list[int]:
    """The fewer the better."""
    return [MAX_NODE_SCORE - score for score in most(raws)]


@dataclass(frozen=True)
class Profile:
    """A scheduler by its name, as pods' schedulerName has it. Plugins filter in order, those that look at one node
    before those that look at all; the first refusal counts.

    Of nodes that score the same, the one that was chosen longest ago is next: without scores, nodes take turns.
    """

    scheduler_name: str
    plugins: Sequence[Plugin]

    def of(self, minor: int) -> Profile:
        """Without the plugins that this minor version of Kubernetes does not have."""
        return replace(self, plugins=tuple(each for each in self.plugins if each.since <= minor))

    def plugin(self, name: str) -> Plugin | None:
        return next((each for each in self.plugins if each.name == name), None)


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
