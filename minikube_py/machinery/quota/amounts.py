"""Quantities by resource name, and their arithmetic (apiserver's quota/v1/resources.go). Nothing given is changed."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from minikube_py.machinery.quantity import ZERO, Quantity, parse

Amounts = dict[str, Quantity]


def parsed(listed: Mapping[str, str] | None) -> Amounts:
    return {name: parse(text) for name, text in (listed or {}).items()}


def texts(amounts: Amounts) -> dict[str, str]:
    """As objects have them: sorted by name."""
    return {name: str(amounts[name]) for name in sorted(amounts)}


def added(one: Amounts, other: Amounts) -> Amounts:
    total = dict(one)
    for name, amount in other.items():
        total[name] = total[name] + amount if name in total else amount
    return total


def increase(new: Amounts, old: Amounts) -> Amounts:
    """By how much it became more, 0 where it became less."""
    grown: Amounts = {}
    for name in (*new, *old):
        more = new.get(name, ZERO) - old.get(name, ZERO) if name in old else new[name]
        grown[name] = more if more.sign() > 0 else ZERO
    return grown


def masked(amounts: Amounts, names: Collection[str]) -> Amounts:
    return {name: amount for name, amount in amounts.items() if name in names}


def without_zeros(amounts: Amounts) -> Amounts:
    return {name: amount for name, amount in amounts.items() if amount}


def exceeding(amounts: Amounts, limits: Amounts) -> list[str]:
    """The names of which there is more than the limit."""
    return [name for name, limit in limits.items() if name in amounts and amounts[name] > limit]


def in_words(amounts: Amounts) -> str:
    """ "cpu=1,memory=2Gi" """
    return ",".join(f"{name}={text}" for name, text in texts(amounts).items())
