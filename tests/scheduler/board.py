"""Nodes with pods on them, without an API server: what plugins say of a pod that comes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from minikube_py.client.indexer import Indexer, Lister
from minikube_py.controllers.scheduler.cache import Cache
from minikube_py.controllers.scheduler.framework import Plugin, Profile
from minikube_py.controllers.scheduler.handle import Handle
from minikube_py.controllers.scheduler.profiles import DEFAULT
from minikube_py.controllers.scheduler.ranking import Ranking
from minikube_py.controllers.scheduler.rankings import survey
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.labels import Labels
from tests.scheduler.pods import node, pod_info


def lister(objects: Sequence[Object]) -> Lister:
    indexer = Indexer()
    for each in objects:
        indexer.put(each)
    return Lister(indexer)


class Surroundings:
    """What stands in for a Handle, for plugins that do not look at volumes."""

    namespaces_version = 0

    @property
    def version(self) -> tuple[int, int]:
        return self.cache.terms_version, self.cache.images_version

    def __init__(
        self, cache: Cache, services: Sequence[Object], owners: Sequence[Object], namespaces: dict[str, Labels]
    ):
        self.cache = cache
        self.services = lister(services)
        self.owners = {
            (each["apiVersion"], each["kind"]): lister([other for other in owners if other["kind"] == each["kind"]])
            for each in owners
        }
        self._namespaces = namespaces

    def namespace_labels(self, namespace: str) -> Labels:
        return self._namespaces.get(namespace, {})


class Board:
    """`nodes` are labels by name, `pods` what is on which node."""

    def __init__(
        self,
        nodes: dict[str, dict[str, str]] | Sequence[Object],
        pods: Sequence[tuple[str, Object]] = (),
        *,
        services: Sequence[Object] = (),
        owners: Sequence[Object] = (),
        namespaces: dict[str, Labels] | None = None,
    ) -> None:
        self.cache = Cache()
        made = [node(name, labels=labels) for name, labels in nodes.items()] if isinstance(nodes, dict) else nodes
        for each in made:
            self.cache.set_node(each)
        for number, (where, each) in enumerate(pods):
            self.cache.add_pod(pod_info(each, f"placed-{number}"), where)
        self.handle = cast(Handle, Surroundings(self.cache, services, owners, namespaces or {}))

    def ranking(self, wanted: Object, profile: Profile = DEFAULT) -> Ranking:
        info = pod_info(wanted, "incoming")
        ranking = Ranking(profile, info, survey(profile, info, self.handle))
        ranking.refresh(self.cache)
        return ranking

    def refusals(self, wanted: Object, *plugins: Plugin) -> dict[str, str]:
        """By node, those that fit left out."""
        ranking = self.ranking(wanted, Profile("test", plugins))
        return {name: ", ".join(refusal.rejection.reasons) for name, refusal in sorted(ranking.refusals().items())}

    def scores(self, wanted: Object, plugin: Plugin) -> dict[str, int] | None:
        """By node; None if the plugin has nothing to say."""
        info = pod_info(wanted, "incoming")
        assert plugin.score_all is not None
        counted = plugin.score_all(info, self.handle)
        if counted is None:
            return None
        nodes = [each for each in self.cache.nodes.values() if each.known]
        for each in nodes:
            counted.count(each)
        places: dict[Any, list[str]] = {}
        for each in nodes:
            places.setdefault(counted.place(each), []).append(each.name)
        scores = counted.scores([(place, len(names)) for place, names in places.items()])
        by_name = {name: score for names, score in zip(places.values(), scores, strict=True) for name in names}
        return dict(sorted(by_name.items()))
