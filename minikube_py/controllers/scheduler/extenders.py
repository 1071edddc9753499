"""All extenders together: what they say of a pod's nodes, one after the other (schedule_one.go
findNodesThatPassExtenders, prioritizeNodes, extendersBinding; framework/preemption callExtenders)."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from minikube_py.controllers.scheduler.extender import Extender, ExtenderError, Told, in_order
from minikube_py.controllers.scheduler.framework import MAX_NODE_SCORE, Rejection
from minikube_py.controllers.scheduler.handle import Handle
from minikube_py.controllers.scheduler.nodeinfo import NodeInfo
from minikube_py.controllers.scheduler.preemption import Candidate, Victims
from minikube_py.controllers.scheduler.queue import QueuedPod
from minikube_py.controllers.scheduler.ranking import Ranking, Refusal
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.meta import uid
from minikube_py.machinery.wellknown import NODES

if TYPE_CHECKING:
    from aiohttp import ClientSession

log = logging.getLogger(__name__)

NAME = "Extender"
"""Whose refusals any event may lift."""
MAX_PRIORITY = 10
"""Of the scores that extenders give."""
DROPPED = Refusal(Rejection(()), NAME)
"""Of a node that an extender does not speak of."""


class Extenders:
    def __init__(self, extenders: Sequence[Extender], handle: Handle) -> None:
        self._extenders = in_order(extenders)
        self._handle = handle
        self._nodes = handle.context.lister(NODES)
        self._session: ClientSession | None = None

    def of(self, pod: Object) -> list[Extender]:
        """Those whose concern it is."""
        return [each for each in self._extenders if each.is_interested(pod)]

    def _connected(self) -> ClientSession:
        if self._session is None:
            from aiohttp import ClientSession

            self._session = ClientSession()
        return self._session

    async def stop(self) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def choose(self, queued: QueuedPod, ranking: Ranking) -> NodeInfo | None:
        """The node where room was made for the pod, if that will do; else the best. The ranking, which is of this pod
        alone, learns what they refuse. Raises ExtenderError."""
        asked = self.of(queued.pod)
        nominated = self._handle.cache.nominated_node(queued.uid)
        if (
            nominated is not None
            and nominated.known
            and ranking.admits(nominated, queued.uid)
            and not await self._refused(asked, queued.pod, [nominated.name])
        ):
            return nominated
        for node, refusal in (await self._refused(asked, queued.pod, ranking.open_nodes())).items():
            ranking.refuse(node, refusal)
        names = ranking.open_nodes()
        scores = await self._scores(asked, queued.pod, names) if len(names) > 1 else {}
        return ranking.best_with(scores)

    def _known(self, names: Sequence[str]) -> dict[str, Object]:
        found = {name: self._nodes.get("", name) for name in names}
        return {name: node for name, node in found.items() if node is not None}

    async def _refused(self, asked: Sequence[Extender], pod: Object, names: Sequence[str]) -> dict[str, Refusal]:
        nodes = self._known(names)
        refused: dict[str, Refusal] = {}
        for extender in asked:
            if not nodes or not extender.filter_verb:
                continue
            try:
                found = await extender.filter(self._connected(), pod, nodes)
            except ExtenderError as error:
                if not extender.ignorable:
                    raise
                log.info("extender %s is passed over: %s", extender.url, error)
                continue
            refused |= dict.fromkeys(nodes.keys() - set(found.nodes), DROPPED)
            reasons = [(node, why, True) for node, why in found.failed.items()]
            reasons += [(node, why, False) for node, why in found.unresolvable.items()]
            for node, why, resolvable in reasons:
                if node not in found.nodes:
                    refused[node] = Refusal(Rejection((why,), resolvable), NAME)
            nodes = {name: nodes[name] for name in found.nodes}
        return refused

    async def _scores(self, asked: Sequence[Extender], pod: Object, names: Sequence[str]) -> dict[str, int]:
        nodes, scores = self._known(names), dict.fromkeys(names, 0)
        for extender in asked:
            if not extender.prioritize_verb:
                continue
            try:
                given = await extender.prioritize(self._connected(), pod, nodes)
            except ExtenderError as error:
                log.info("extender %s gives no scores: %s", extender.url, error)
                continue
            for node, score in given.items():
                scores[node] = scores.get(node, 0) + score * extender.weight * (MAX_NODE_SCORE // MAX_PRIORITY)
        return scores

    async def bind(self, queued: QueuedPod, node: str) -> bool:
        """Whether one of them has bound the pod. Raises ExtenderError."""
        for extender in self.of(queued.pod):
            if not extender.bind_verb:
                continue
            try:
                await extender.bind(self._connected(), queued.key, queued.uid, node)
            except ExtenderError as error:
                if not extender.ignorable:
                    raise
                log.info("extender %s does not bind: %s", extender.url, error)
                continue
            return True
        return False

    async def preempt(self, queued: QueuedPod, candidates: Sequence[Candidate]) -> list[Candidate]:
        """Which of them remain, with the victims that extenders want. Raises ExtenderError."""
        asked = [each for each in self.of(queued.pod) if each.preempt_verb]
        if not asked or not candidates:
            return list(candidates)
        victims = {each.node.name: self._told(each.victims) for each in candidates}
        for extender in asked:
            try:
                found = await extender.preempt(self._connected(), queued.pod, victims, self._pods())
                victims = _with_victims(extender, found)
            except ExtenderError as error:
                if not extender.ignorable:
                    raise
                log.info("extender %s is passed over: %s", extender.url, error)
            if not victims:
                break
        return [self._candidate(node, each) for node, each in victims.items()]

    def _pods(self) -> dict[str, dict[str, Object]]:
        """By node, then by uid."""
        found: dict[str, dict[str, Object]] = {}
        for node in self._handle.cache.nodes.values():
            pods = [self._handle.pods.get(*info.key) for info in node.pods.values()]
            found[node.name] = {uid(pod): pod for pod in pods if pod is not None}
        return found

    def _told(self, victims: Victims) -> Told:
        pods = [self._handle.pods.get(*info.key) for info in victims.pods]
        return Told([pod for pod in pods if pod is not None], victims.violations)

    def _candidate(self, name: str, told: Told) -> Candidate:
        node = self._handle.cache.nodes[name]
        infos = tuple(node.pods[uid(pod)] for pod in told.pods if uid(pod) in node.pods)
        return Candidate(node, Victims(infos, told.violations))


def _with_victims(extender: Extender, found: Mapping[str, Told]) -> dict[str, Told]:
    """Raises ExtenderError where somebody has to go and nobody is named."""
    empty = next((node for node, each in found.items() if not each.pods), None)
    if empty is not None and not extender.ignorable:
        raise ExtenderError(f'expected at least one victim pod on node "{empty}"')
    return {node: each for node, each in found.items() if each.pods}
