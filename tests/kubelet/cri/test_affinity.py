"""Which endpoint a client stays with."""

from __future__ import annotations

from minikube_py.controllers.kubelet.cri.affinity import Affinities

WEB, SHOP = ("web", 80), ("shop", 80)
ONE, TWO = ("10.244.0.2", 80), ("10.244.0.3", 80)


def test_a_client_stays_while_it_comes() -> None:
    affinities = Affinities()
    assert affinities.find(WEB, "a", 10, 0) is None
    affinities.keep(WEB, "a", ONE, 0)
    affinities.keep(WEB, "b", TWO, 5)
    assert affinities.find(WEB, "a", 10, 10) == ONE
    affinities.keep(WEB, "a", ONE, 10)
    assert affinities.find(WEB, "a", 10, 20) == ONE
    assert affinities.find(WEB, "b", 10, 20) is None
    assert affinities.find(SHOP, "a", 10, 20) is None


def test_nobody_is_remembered_for_ever() -> None:
    affinities = Affinities()
    for number in range(100):
        affinities.find(WEB, str(number), 10, number)
        affinities.keep(WEB, str(number), ONE, number)
    assert len(affinities) == 11
    affinities.find(SHOP, "a", 10, 1000)
    assert len(affinities) == 0
