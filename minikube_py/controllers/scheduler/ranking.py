"""A class of pods' verdicts on all nodes, brought up to date by asking again only about nodes that changed.

That a pod costs microseconds and not a round over all nodes is due to this: the next pod of a Deployment asks about
the one node that the previous one went to.
"""

from __future__ import annotations

from minikube_py.controllers.scheduler.cache import Cache
from minikube_py.controllers.scheduler.framework import (
    NO_NODES,
    Filter,
    Normalize,
    Profile,
    Rejection,
    Score,
    fit_error,
    normalized,
)
from minikube_py.controllers.scheduler.nodeinfo import NodeInfo
from minikube_py.controllers.scheduler.podclass import PodClass

Standing = tuple[int, int, int, NodeInfo, tuple[int, ...]]
"""Score, minus turn, minus index: the greatest is best. Then the node, and raw scores yet to be normalized."""


class Ranking:
    def __init__(self, profile: Profile, pod: PodClass) -> None:
        self._pod = pod
        self._filters: list[Filter] = []
        self._plain_filters: list[Filter] = []
        """What is asked of nodes that are neither tainted nor cordoned: most nodes, most of the time."""
        self._scores: list[tuple[int, Score]] = []
        self._raw_scores: list[tuple[int, Score, Normalize]] = []
        self._plain_raw: tuple[int, ...] | None = ()
        """Their raw scores, if these are known without asking."""
        self._only: frozenset[str] | None = None
        self._restricting = ""
        self._version = self._epoch = 0
        self._fitting: dict[str, Standing] = {}
        self._rejected: dict[str, Rejection] = {}
        self._notable: set[str] = set()
        """Fitting nodes with a raw score that is not zero."""
        self._compile(profile)

    def _compile(self, profile: Profile) -> None:
        pod = self._pod
        for plugin in profile.plugins:
            if plugin.filter is not None and (check := plugin.filter(pod)) is not None:
                self._filters.append(check)
                if not plugin.marked_only:
                    self._plain_filters.append(check)
            if plugin.node_names is not None and (names := plugin.node_names(pod)) is not None:
                self._only = names if self._only is None else self._only & names
                self._restricting = plugin.name
            if plugin.score is not None and (score := plugin.score(pod)) is not None:
                if plugin.normalize:
                    self._raw_scores.append((plugin.weight, score, plugin.normalize))
                    known = self._plain_raw is not None and plugin.marked_only
                    self._plain_raw = (*(self._plain_raw or ()), 0) if known else None
                else:
                    self._scores.append((plugin.weight, score))

    @property
    def restricted(self) -> bool:
        """Whether only nodes that it names come into question."""
        return self._only is not None

    def refresh(self, cache: Cache) -> None:
        if self._epoch != cache.epoch:
            self._epoch, self._version = cache.epoch, 0
            self._fitting.clear()
            self._rejected.clear()
            self._notable.clear()
        if self._only is not None:
            for name in sorted(self._only):
                if (node := cache.nodes.get(name)) is not None and node.version > self._version and node.known:
                    self._judge(node)
        else:
            for node in reversed(cache.nodes.values()):
                if node.version <= self._version:
                    break
                if node.known:
                    self._judge(node)
        self._version = cache.version

    def refusal(self, node: NodeInfo) -> Rejection | None:
        """Why a node will not do, None if it will."""
        for check in self._filters if node.marked else self._plain_filters:
            rejection = check(node)
            if rejection is not None:
                return rejection
        return None

    def _judge(self, node: NodeInfo) -> None:
        rejection = self.refusal(node)
        if rejection is not None:
            self._rejected[node.name] = rejection
            self._fitting.pop(node.name, None)
            self._notable.discard(node.name)
            return
        self._rejected.pop(node.name, None)
        total = 0
        for weight, score in self._scores:
            total += weight * score(node)
        raw = self._plain_raw
        if raw is None or node.marked:
            raw = tuple([score(node) for _, score, _ in self._raw_scores])
        if any(raw):
            self._notable.add(node.name)
        else:
            self._notable.discard(node.name)
        self._fitting[node.name] = (total, -node.turn, -node.index, node, raw)

    @property
    def fits(self) -> bool:
        """Whether there is a node for such pods."""
        return bool(self._fitting)

    def best(self) -> NodeInfo | None:
        """The node for the next pod, None if there is none."""
        standings = self._fitting.values()
        if not standings:
            return None
        if not self._notable:  # what is the same for all nodes cannot make a difference
            return max(standings)[3]
        most = [max(column) for column in zip(*(standing[4] for standing in standings), strict=True)]

        def final(standing: Standing) -> tuple[int, int, int]:
            total = standing[0]
            for (weight, _, normalize), raw, highest in zip(self._raw_scores, standing[4], most, strict=True):
                total += weight * normalized(raw, highest, normalize)
            return total, standing[1], standing[2]

        return max(standings, key=final)[3]

    def resolvable(self) -> list[str]:
        """The nodes that might do if pods went from them."""
        return [name for name, rejection in self._rejected.items() if rejection.resolvable]

    def explain(self, total: int) -> str:
        """Why none of `total` nodes fits."""
        absent = f"node(s) didn't satisfy plugin(s) [{self._restricting}]"
        return fit_error(total, self._rejected.values(), absent) if total else NO_NODES


class Rankings:
    """The rankings of recent classes, by the scheduler that the class names."""

    MAX, MAX_RESTRICTED = 64, 1024
    """Kept of those over all nodes, and of those over a few."""

    def __init__(self, profiles: dict[str, Profile]) -> None:
        self._profiles = profiles
        self._known: dict[PodClass, Ranking] = {}
        self._restricted: dict[PodClass, Ranking] = {}

    def of(self, scheduler_name: str, pod: PodClass, cache: Cache) -> Ranking:
        """Up to date with the cache."""
        found = self._known.get(pod) or self._restricted.get(pod)
        if found is None:
            found = Ranking(self._profiles[scheduler_name], pod)
            if found.restricted:
                _keep(self._restricted, pod, found, self.MAX_RESTRICTED)
            else:
                _keep(self._known, pod, found, self.MAX)
        found.refresh(cache)
        return found


def _keep(rankings: dict[PodClass, Ranking], pod: PodClass, ranking: Ranking, most: int) -> None:
    if len(rankings) >= most:
        del rankings[next(iter(rankings))]
    rankings[pod] = ranking
