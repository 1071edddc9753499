"""sessionAffinity: ClientIP: which endpoint a client stays with (pkg/proxy/ipvs, pkg/proxy/iptables)."""

from __future__ import annotations

Place = tuple[str, str]
"""A Service's uid, and its port and protocol."""
Endpoint = tuple[str, int]
"""Address and port."""


class Affinities:
    """Each is kept until its client has not come for so long as the Service says."""

    def __init__(self) -> None:
        self._clients: dict[Place, dict[str, tuple[Endpoint, float]]] = {}
        """With the time of the last use; who was there last is last."""
        self._timeouts: dict[Place, float] = {}

    def find(self, place: Place, client: str, timeout: float, now: float) -> Endpoint | None:
        """`timeout` in seconds; `now` in Unix seconds."""
        self._timeouts[place] = timeout
        self._forget(now)
        found = self._clients.get(place, {}).get(client)
        return found[0] if found is not None else None

    def keep(self, place: Place, client: str, endpoint: Endpoint, now: float) -> None:
        clients = self._clients.setdefault(place, {})
        clients.pop(client, None)
        clients[client] = endpoint, now

    def _forget(self, now: float) -> None:
        for place, clients in tuple(self._clients.items()):
            while clients and now - next(iter(clients.values()))[1] > self._timeouts[place]:
                del clients[next(iter(clients))]
            if not clients:
                del self._clients[place], self._timeouts[place]

    def __len__(self) -> int:
        return sum(map(len, self._clients.values()))
