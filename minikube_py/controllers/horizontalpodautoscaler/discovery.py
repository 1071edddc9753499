"""What is served, as the autoscaler asks for it: client-go's deferred discovery RESTMapper."""

from __future__ import annotations

from collections.abc import Sequence

from minikube_py.client.protocol import Client, DiscoveredResource
from minikube_py.machinery.clock import Clock
from minikube_py.machinery.gotext import quote
from minikube_py.machinery.gvr import GroupVersionResource

RESET_PERIOD = 30.0
"""Seconds after which it is asked anew (kube-controller-manager's startup of the mapper)."""


class Unmapped(Exception):
    """Nobody serves what is asked for; str() tells so in upstream's words."""


class Discovery:
    """Remembers what is served; what is new is seen after 30 s, or when something else is not found."""

    def __init__(self, client: Client, clock: Clock) -> None:
        self._client = client
        self._clock = clock
        self._known: Sequence[DiscoveredResource] = ()
        self._asked = float("-inf")

    async def resource(self, group: str, kind: str) -> GroupVersionResource:
        """Of a kind, in the version to use. Raises Unmapped."""
        for ask in (self._fresh, self._anew):
            for each in await ask():
                if each.kind == kind and each.resource.group == group and each.preferred:
                    return each.resource
        raise Unmapped(f"no matches for kind {quote(kind)} in group {quote(group)}")

    async def version(self, group: str, supported: Sequence[str]) -> str:
        """The best of those versions that a group is served in; "" if none is."""
        for ask in (self._fresh, self._anew):
            served = {each.resource.version for each in await ask() if each.resource.group == group}
            for version in supported:
                if version in served:
                    return version
        return ""

    async def _fresh(self) -> Sequence[DiscoveredResource]:
        if self._clock.now() - self._asked < RESET_PERIOD:
            return self._known
        return await self._anew()

    async def _anew(self) -> Sequence[DiscoveredResource]:
        self._known, self._asked = await self._client.discover(), self._clock.now()
        return self._known
