"""The rankings of recent kinds of pods: pods of one class that plugins count alike share one."""

from __future__ import annotations

from collections.abc import Hashable

from minikube_py.controllers.scheduler.framework import Profile
from minikube_py.controllers.scheduler.handle import Handle
from minikube_py.controllers.scheduler.podclass import PodClass
from minikube_py.controllers.scheduler.podinfo import Family, PodInfo
from minikube_py.controllers.scheduler.ranking import Ranking, Surveys

MAX_STANDINGS = 100_000
"""Nodes that are kept in all rankings together, which are thus the fewer the more nodes there are."""
LEAST, MOST = 16, 1024
"""Rankings that are kept at least and at most."""
MAX_RECENT = 4096

Key = tuple[PodClass, tuple[Hashable, ...]]


class Rankings:
    def __init__(self, profiles: dict[str, Profile], handle: Handle) -> None:
        self._profiles = profiles
        self._handle = handle
        self._version = handle.version
        self._recent: dict[tuple[PodClass, Family], Key] = {}
        """What was found to be alike; forgotten when the world changes that decides it."""
        self._known: dict[Key, Ranking] = {}
        """The least recently used first."""
        self._restricted: dict[Key, Ranking] = {}
        """Those over a few nodes that pods name."""

    def of(self, scheduler_name: str, pod: PodInfo) -> Ranking:
        """Up to date with the cache. Only for pods without volumes that matter."""
        if self._version != self._handle.version:
            self._version = self._handle.version
            self._recent.clear()
        key = self._recent.get((pod.pod_class, pod.family))
        found = self._find(key) if key is not None else None
        if found is None:
            found = self._make(scheduler_name, pod)
        found.refresh(self._handle.cache)
        return found

    def _find(self, key: Key) -> Ranking | None:
        found = self._known.pop(key, None)
        if found is not None:
            self._known[key] = found
            return found
        return self._restricted.get(key)

    def _make(self, scheduler_name: str, pod: PodInfo) -> Ranking:
        profile = self._profiles[scheduler_name]
        surveys = survey(profile, pod, self._handle)
        filters = tuple([(plugin.name, each.key) for plugin, each in surveys.filters])
        scores = tuple([(plugin.name, each.key) for plugin, each in surveys.scores])
        key: Key = (pod.pod_class, (filters, scores))
        found = self._find(key)
        if found is None:
            found = Ranking(profile, pod, surveys)
            if found.restricted:
                _keep(self._restricted, key, found, MOST)
            else:
                most = MAX_STANDINGS // max(1, self._handle.cache.known)
                _keep(self._known, key, found, min(max(most, LEAST), MOST))
        if len(self._recent) >= MAX_RECENT:
            self._recent.clear()
        self._recent[pod.pod_class, pod.family] = key
        return found


def survey(profile: Profile, pod: PodInfo, handle: Handle) -> Surveys:
    """What the profile's plugins have to count for a pod."""
    filters = [(each, each.filter_all(pod, handle)) for each in profile.plugins if each.filter_all is not None]
    scores = [(each, each.score_all(pod, handle)) for each in profile.plugins if each.score_all is not None]
    return Surveys(
        [(plugin, found) for plugin, found in filters if found is not None],
        [(plugin, found) for plugin, found in scores if found is not None],
    )


def _keep(rankings: dict[Key, Ranking], key: Key, ranking: Ranking, most: int) -> None:
    while len(rankings) >= most:
        del rankings[next(iter(rankings))]
    rankings[key] = ranking
