"""A kind of pods' verdicts on all nodes, brought up to date by asking again only about nodes that changed.

That a pod costs microseconds and not a round over all nodes is due to this: the next pod of a Deployment asks about
the one node that the previous one went to. What depends on other nodes (surveys) is not asked of each node, but once of
all nodes that are alike to it: a zone's nodes with as many pods of the Deployment each make one group.

    node --filters--> rejected
      |
      +--scores, place--> group (place, raw scores) --filter surveys, at each choice--> rejected, or its best node
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from minikube_py.controllers.scheduler.cache import Cache
from minikube_py.controllers.scheduler.framework import (
    NO_NODES,
    Filter,
    FilterSurvey,
    Normalize,
    Place,
    Plugin,
    Profile,
    Rejection,
    Score,
    ScoreSurvey,
    fit_error,
    most,
)
from minikube_py.controllers.scheduler.nodeinfo import NodeInfo
from minikube_py.controllers.scheduler.podinfo import PodInfo

Standing = tuple[int, int, int, NodeInfo]
"""Score, minus turn, minus index: the greatest is best. Then the node."""

GroupKey = tuple[tuple[int, ...], tuple[Place, ...]]
"""Raw scores yet to be normalized, and the place in each survey: first those of filters, then those of scores."""


class Group:
    """Nodes that differ in their standing only."""

    __slots__ = ("_best", "members")

    def __init__(self) -> None:
        self.members: dict[str, Standing] = {}
        self._best: Standing | None = None
        """None if it has to be looked for."""

    def put(self, name: str, standing: Standing) -> None:
        self.members[name] = standing
        if self._best is not None and standing > self._best:
            self._best = standing

    def remove(self, name: str) -> None:
        if self.members.pop(name) is self._best:
            self._best = None

    @property
    def best(self) -> Standing:
        if self._best is None:
            self._best = max(self.members.values())
        return self._best


class Refusal(NamedTuple):
    rejection: Rejection
    plugin: str


class Surveys(NamedTuple):
    """What a kind of pods has plugins count, with the plugins."""

    filters: Sequence[tuple[Plugin, FilterSurvey]] = ()
    scores: Sequence[tuple[Plugin, ScoreSurvey]] = ()


NO_SURVEYS = Surveys()


class Ranking:
    """`claims` are filters for one pod's volumes and devices, by plugin; `refused` tells why no node need be asked
    (PreFilter)."""

    def __init__(
        self,
        profile: Profile,
        pod: PodInfo,
        surveys: Surveys = NO_SURVEYS,
        claims: dict[str, Filter] | None = None,
        refused: Refusal | None = None,
        scores: Mapping[str, Score] | None = None,
    ) -> None:
        self.priority = pod.priority
        self._refused = refused
        self._filters: list[tuple[str, Filter]] = []
        self._plain_filters: list[tuple[str, Filter]] = []
        """What is asked of nodes that are neither tainted nor cordoned: most nodes, most of the time."""
        self._scores: list[tuple[int, Score]] = []
        self._raw_scores: list[tuple[int, Score, Normalize]] = []
        self._plain_raw: tuple[int, ...] | None = ()
        """Their raw scores, if these are known without asking."""
        self._only: frozenset[str] | None = None
        self._restricting: list[str] = []
        self._version = self._epoch = 0
        self._groups: dict[GroupKey, Group] = {}
        self._group_of: dict[str, GroupKey] = {}
        self._rejected: dict[str, Refusal] = {}
        self._refusals: dict[str, Refusal] | None = None
        """Those of all nodes, if they have been asked for since the last change."""
        self._compile(profile, pod, claims or {}, scores or {})
        # One node alone needs no scores: so it is for a DaemonSet's pods.
        self._surveys = surveys if self._only is None or len(self._only) > 1 else Surveys(surveys.filters)
        self._each_survey: list[FilterSurvey | ScoreSurvey] = [
            *(survey for _, survey in self._surveys.filters),
            *(survey for _, survey in self._surveys.scores),
        ]

    def _compile(
        self, profile: Profile, pod: PodInfo, claims: Mapping[str, Filter], scores: Mapping[str, Score]
    ) -> None:
        pod_class = pod.pod_class
        for plugin in profile.plugins:
            if (claimed := scores.get(plugin.name)) is not None:
                self._raw_scores.append((plugin.weight, claimed, most))
                self._plain_raw = None
            check = claims.get(plugin.name) or (plugin.filter(pod_class) if plugin.filter is not None else None)
            if check is not None:
                self._filters.append((plugin.name, check))
                if not plugin.marked_only:
                    self._plain_filters.append((plugin.name, check))
            names = plugin.node_names(pod_class) if plugin.node_names is not None else None
            if isinstance(names, Rejection):
                self._refused = self._refused or Refusal(names, plugin.name)
            elif names is not None:
                self._only = names if self._only is None else self._only & names
                self._restricting.append(plugin.name)
            if plugin.score is not None and (score := plugin.score(pod_class)) is not None:
                if plugin.normalize is not None:
                    self._raw_scores.append((plugin.weight, score, plugin.normalize))
                    known = self._plain_raw is not None and plugin.marked_only
                    self._plain_raw = (*(self._plain_raw or ()), 0) if known else None
                else:
                    self._scores.append((plugin.weight, score))

    @property
    def restricted(self) -> bool:
        """Whether only nodes that it names come into question."""
        return self._only is not None

    @property
    def refused_by(self) -> str:
        """The plugin that refused the pod altogether, "" if none did."""
        return self._refused.plugin if self._refused is not None else ""

    # Keeping up

    def refresh(self, cache: Cache) -> None:
        if self._epoch != cache.epoch:
            self._epoch, self._version = cache.epoch, 0
            self._groups.clear()
            self._group_of.clear()
            self._rejected.clear()
            for each in self._each_survey:
                each.clear()
        if self._version == cache.version or self._refused is not None:
            return
        self._refusals = None
        surveys = self._each_survey
        if self._only is not None and not surveys:
            for name in sorted(self._only):
                if (node := cache.nodes.get(name)) is not None and node.version > self._version and node.known:
                    self._judge(node)
        else:
            for node in reversed(cache.nodes.values()):
                if node.version <= self._version:
                    break
                if node.known:
                    for each in surveys:
                        each.count(node)
                    if self._only is None or node.name in self._only:
                        self._judge(node)
        self._version = cache.version

    def _judge(self, node: NodeInfo) -> None:
        name = node.name
        if (before := self._group_of.pop(name, None)) is not None:
            self._leave(name, before)
        refusal = self._refusal(node, "")
        if refusal is not None:
            self._rejected[name] = refusal
            return
        self._rejected.pop(name, None)
        total = 0
        for weight, score in self._scores:
            total += weight * score(node)
        raw = self._plain_raw
        if raw is None or node.marked:
            raw = tuple([score(node) for _, score, _ in self._raw_scores])
        places = tuple([survey.place(node) for survey in self._each_survey])
        group = self._groups.get((raw, places))
        if group is None:
            group = self._groups[raw, places] = Group()
        group.put(name, (total, -node.turn, -node.index, node))
        self._group_of[name] = (raw, places)

    def _leave(self, name: str, key: GroupKey) -> None:
        group = self._groups[key]
        group.remove(name)
        if not group.members:
            del self._groups[key]

    # What becomes of a node

    def _refusal(self, node: NodeInfo, uid: str) -> Refusal | None:
        """By the filters that look at the node alone, also if the pods were there for which room is made."""
        crowd = self._nominated(node, uid)
        return (self._alone(crowd) if crowd is not None else None) or self._alone(node)

    def _nominated(self, node: NodeInfo, uid: str) -> NodeInfo | None:
        """The node with the other pods that are to come there and are no less important; None without any."""
        coming = [pod for pod in node.nominated.values() if pod.priority >= self.priority and pod.uid != uid]
        if not coming:
            return None
        crowd = node.copy()
        for pod in coming:
            crowd.add_pod(pod)
        return crowd

    def _alone(self, node: NodeInfo) -> Refusal | None:
        for name, check in self._filters if node.marked else self._plain_filters:
            rejection = check(node)
            if rejection is not None:
                return Refusal(rejection, name)
        return None

    def refusal(self, node: NodeInfo, uid: str = "", actual: NodeInfo | None = None) -> Rejection | None:
        """Why a node will not do for a pod, None if it will. Instead of its actual state, one that might be can be
        given."""
        crowd = self._nominated(node, uid)
        for state in (node,) if crowd is None else (crowd, node):
            refusal = self._alone(state) or self._beyond(state, actual or node)
            if refusal is not None:
                return refusal.rejection
        return None

    def admits(self, node: NodeInfo, uid: str) -> bool:
        """Whether a node that room was made on will do for that pod now."""
        if self._refused is not None or (self._only is not None and node.name not in self._only):
            return False
        return self.refusal(node, uid) is None

    def _beyond(self, node: NodeInfo, actual: NodeInfo) -> Refusal | None:
        """By the filters that look at all nodes, if one were as given."""
        for plugin, survey in self._surveys.filters:
            survey.count(node)
            rejection = survey.refusals([survey.place(node)])[0]
            survey.count(actual)
            if rejection is not None:
                return Refusal(rejection, plugin.name)
        return None

    # Choosing

    def _verdicts(self) -> dict[GroupKey, Refusal | None]:
        """Of the groups, by the filters that look at all nodes; the first refusal counts."""
        keys = list(self._groups)
        verdicts: dict[GroupKey, Refusal | None] = dict.fromkeys(keys)
        for index, (plugin, survey) in enumerate(self._surveys.filters):
            for key, rejection in zip(keys, survey.refusals([places[index] for _, places in keys]), strict=True):
                if rejection is not None and verdicts[key] is None:
                    verdicts[key] = Refusal(rejection, plugin.name)
        return verdicts

    def _open(self) -> list[GroupKey]:
        if not self._surveys.filters:
            return list(self._groups)
        return [key for key, refusal in self._verdicts().items() if refusal is None]

    @property
    def fits(self) -> bool:
        """Whether there is a node for such pods."""
        return bool(self._open())

    def best(self) -> NodeInfo | None:
        """The node for the next pod, None if there is none."""
        keys = self._open()
        if not keys:
            return None
        if len(keys) == 1:  # what is the same for all nodes cannot make a difference
            return self._groups[keys[0]].best[3]
        totals = self._common_scores(keys)
        bests = [self._groups[key].best for key in keys]
        ranked = [(total + best[0], best[1], best[2], best[3]) for total, best in zip(totals, bests, strict=True)]
        return max(ranked)[3]

    def open_nodes(self) -> list[str]:
        """The names of those that will do."""
        return [name for key in self._open() for name in self._groups[key].members]

    def best_with(self, more: Mapping[str, int]) -> NodeInfo | None:
        """The node for the next pod, where others give nodes scores too."""
        keys = self._open()
        totals = self._common_scores(keys) if len(keys) > 1 else [0]
        ranked = [
            (total + standing[0] + more.get(name, 0), standing[1], standing[2], standing[3])
            for key, total in zip(keys, totals, strict=False)
            for name, standing in self._groups[key].members.items()
        ]
        return max(ranked)[3] if ranked else None

    def is_behind(self, cache: Cache) -> bool:
        """Whether something has changed since it was brought up to date."""
        return self._epoch != cache.epoch or self._version != cache.version

    def refuse(self, name: str, refusal: Refusal) -> None:
        """Somebody beside the plugins refuses a node."""
        before = self._group_of.pop(name, None)
        if before is not None:
            self._leave(name, before)
        self._rejected[name] = refusal
        self._refusals = None

    def _common_scores(self, keys: list[GroupKey]) -> list[int]:
        """What the groups' nodes get beside their own scores."""
        totals = [0] * len(keys)
        for column, (weight, _, normalize) in enumerate(self._raw_scores):
            raws = [raw[column] for raw, _ in keys]
            if min(raws) != max(raws):
                totals = [total + weight * score for total, score in zip(totals, normalize(raws), strict=True)]
        first = len(self._surveys.filters)
        for column, (plugin, survey) in enumerate(self._surveys.scores, first):
            places = [(key[1][column], len(self._groups[key].members)) for key in keys]
            scores = survey.scores(places)
            totals = [total + plugin.weight * score for total, score in zip(totals, scores, strict=True)]
        return totals

    # Telling why not

    def refusals(self) -> dict[str, Refusal]:
        """Of each node that will not do; read-only."""
        if self._refusals is None:
            self._refusals = dict(self._rejected)
            for key, refusal in self._verdicts().items():
                if refusal is not None:
                    self._refusals.update(dict.fromkeys(self._groups[key].members, refusal))
        return self._refusals

    def resolvable(self) -> list[str]:
        """The nodes that might do if pods went from them."""
        return [name for name, refusal in self.refusals().items() if refusal.rejection.resolvable]

    def rejectors(self) -> frozenset[str]:
        """The plugins that refused nodes."""
        if self._refused is not None:
            return frozenset((self._refused.plugin,))
        return frozenset([*(refusal.plugin for refusal in self.refusals().values()), *self._restricting])

    def explain(self, total: int) -> str:
        """Why none of `total` nodes fits."""
        if total and self._refused is not None:
            return f"0/{total} nodes are available: {', '.join(self._refused.rejection.reasons)}."
        absent = f"node(s) didn't satisfy plugin(s) [{' '.join(sorted(self._restricting))}]"
        rejections = (refusal.rejection for refusal in self.refusals().values())
        return fit_error(total, rejections, absent) if total else NO_NODES
