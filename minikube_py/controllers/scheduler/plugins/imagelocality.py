"""ImageLocality: nodes that have the pod's images already, the bigger the better (plugins/imagelocality).

An image counts its size times the share of nodes that have it, so that a rare one does not draw all pods to one node:
100 MiB on 2 of 4 nodes are 50 MiB. From 23 MiB to 1000 MiB for each container, scores go from 0 to 100.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence

from minikube_py.controllers.scheduler.framework import MAX_NODE_SCORE, Place, Plugin
from minikube_py.controllers.scheduler.handle import Handle
from minikube_py.controllers.scheduler.nodeinfo import NodeInfo
from minikube_py.controllers.scheduler.podinfo import PodInfo

MIB = 1024 * 1024
LEAST = 23 * MIB
MOST_OF_CONTAINER = 1000 * MIB


def normalized_name(image: str) -> str:
    """ "nginx:latest" of "nginx"."""
    return image if image.rfind(":") > image.rfind("/") else f"{image}:latest"


class Locality:
    """A ScoreSurvey. A node's place is the sizes of the pod's images there."""

    def __init__(self, names: tuple[str, ...], containers: int, handle: Handle) -> None:
        self._names = names
        self._most = MOST_OF_CONTAINER * containers
        self._cache = handle.cache
        self.key: Hashable = (names, containers)

    def clear(self) -> None:
        """Nothing is counted."""

    def count(self, node: NodeInfo) -> None:
        """The cache counts."""

    def place(self, node: NodeInfo) -> Place:
        return tuple([node.images.get(name) for name in self._names])

    def scores(self, places: Sequence[tuple[Place, int]]) -> list[int]:
        return [self._score(place) for place, _ in places]

    def _score(self, place: Place) -> int:
        assert isinstance(place, tuple)
        nodes = self._cache.known
        total = sum(
            int(size * (self._cache.images[name] / nodes))
            for name, size in zip(self._names, place, strict=True)
            if size is not None
        )
        bounded = min(max(total, LEAST), self._most)
        return MAX_NODE_SCORE * (bounded - LEAST) // (self._most - LEAST)


def locality(pod: PodInfo, handle: Handle) -> Locality | None:
    if not handle.cache.images:
        return None
    images, containers = pod.pod_class.images
    names = tuple(normalized_name(image) for image in images)
    return Locality(names, containers, handle) if any(name in handle.cache.images for name in names) else None


IMAGE_LOCALITY = Plugin("ImageLocality", score_all=locality)
