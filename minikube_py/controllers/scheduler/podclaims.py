"""Where a pod with volumes or devices can go: what plugins say of its claims at this try, which nobody can say for
others."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from minikube_py.controllers.scheduler.framework import Claim, Filter, Profile, Rejection, Reservation, Score
from minikube_py.controllers.scheduler.handle import Handle
from minikube_py.controllers.scheduler.podinfo import PodInfo
from minikube_py.controllers.scheduler.ranking import Ranking, Refusal
from minikube_py.controllers.scheduler.rankings import survey
from minikube_py.machinery.gvr import Object


class PodClaims:
    def __init__(self, ranking: Ranking, claims: list[Claim]) -> None:
        self.ranking = ranking
        self._claims = claims

    @property
    def remedy(self) -> Callable[[], Awaitable[str]] | None:
        """The first that a plugin offers."""
        return next((claim.remedy for claim in self._claims if claim.remedy is not None), None)

    def reserve(self, node: str) -> list[Reservation]:
        """Take what the pod needs on the node."""
        taken = [claim.reserve(node) for claim in self._claims if claim.reserve is not None]
        return [each for each in taken if each is not None]


def consult(profile: Profile, pod: Object, info: PodInfo, handle: Handle) -> PodClaims:
    """Asks the plugins in order; the first that refuses the pod altogether counts."""
    claims: list[Claim] = []
    filters: dict[str, Filter] = {}
    scores: dict[str, Score] = {}
    refused: Refusal | None = None
    for plugin in profile.plugins:
        found = plugin.claim(pod, handle) if plugin.claim is not None else None
        if isinstance(found, Rejection):
            refused = Refusal(found, plugin.name)
            break
        if found is not None:
            claims.append(found)
            if found.filter is not None:
                filters[plugin.name] = found.filter
            if found.score is not None and plugin.scores_claims:
                scores[plugin.name] = found.score
    ranking = Ranking(profile, info, survey(profile, info, handle), filters, refused, scores)
    ranking.refresh(handle.cache)
    return PodClaims(ranking, claims)


def gate(profile: Profile, pod: Object, handle: Handle) -> Refusal | None:
    """Why the pod is not to be tried yet, by the first plugin that says so."""
    for plugin in profile.plugins:
        if plugin.gate is not None and (reason := plugin.gate(pod, handle)):
            return Refusal(Rejection((reason,)), plugin.name)
    return None
