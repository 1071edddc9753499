"""The limits of a priority level (pkg/apis/flowcontrol/validation)."""

from __future__ import annotations

import math

from minikube_py.api.kinds.flowcontrol.versions import SHARES
from minikube_py.machinery.field import ErrorList, Path, as_json, forbidden, invalid, not_supported, required
from minikube_py.machinery.gvr import Object

_DEFAULT_SHARES = 30
_QUEUING = {"queues": 64, "handSize": 8, "queueLengthLimit": 50}
_MOST_QUEUES = 10_000_000
_HASH_BITS = 60
"""Bits of the hash that deals a flow its hand of queues."""
_RESPONSES = ("Queue", "Reject")
_NOT_NEGATIVE = "must be a non-negative integer"


def default_limited(limited: Object, shares: str, zero_is_unset: bool) -> None:
    """`shares` is what the version calls them; the older ones cannot tell zero from nothing."""
    if limited.get(shares) is None or (zero_is_unset and not limited[shares]):
        limited[shares] = _DEFAULT_SHARES
    limited.setdefault("lendablePercent", 0)
    queuing = (limited.get("limitResponse") or {}).get("queuing")
    if queuing is not None:
        for name, value in _QUEUING.items():
            if not queuing.get(name):
                queuing[name] = value


def validate_exempt(exempt: Object, path: Path) -> ErrorList:
    shares = exempt.get(SHARES)
    errors: ErrorList = []
    if shares is not None and shares < 0:
        errors.append(invalid(path.child(SHARES), shares, _NOT_NEGATIVE))
    return errors + _lendable_errors(exempt, path)


def validate_limited(limited: Object, shares_field: str, path: Path) -> ErrorList:
    """A hub tree; errors name the field as the request's version does."""
    shares, borrowing = limited.get(SHARES) or 0, limited.get("borrowingLimitPercent")
    errors: ErrorList = []
    if shares < 0:
        errors.append(invalid(path.child(shares_field), shares, _NOT_NEGATIVE))
    errors += _response_errors(limited.get("limitResponse") or {}, path.child("limitResponse"))
    errors += _lendable_errors(limited, path)
    if borrowing is not None and borrowing < 0:
        detail = f"if specified, {_NOT_NEGATIVE}"
        errors.append(invalid(path.child("borrowingLimitPercent"), borrowing, detail))
    return errors


def _lendable_errors(of: Object, path: Path) -> ErrorList:
    percent = of.get("lendablePercent")
    if percent is None or 0 <= percent <= 100:
        return []
    return [invalid(path.child("lendablePercent"), percent, "must be between 0 and 100, inclusive")]


def _response_errors(response: Object, path: Path) -> ErrorList:
    kind, queuing, at = response.get("type") or "", response.get("queuing"), path.child("queuing")
    if kind not in _RESPONSES:
        return [not_supported(path.child("type"), as_json(kind), _RESPONSES)]
    if kind == "Reject":
        detail = "must be nil if limited.limitResponse.type is not Limited"
        return [] if queuing is None else [forbidden(at, detail)]
    if queuing is None:
        return [required(at, "must not be empty if limited.limitResponse.type is Limited")]
    return _queuing_errors(queuing, at)


def _queuing_errors(queuing: Object, path: Path) -> ErrorList:
    length, queues, hand = (queuing.get(name) or 0 for name in ("queueLengthLimit", "queues", "handSize"))
    errors: ErrorList = []
    if length <= 0:
        errors.append(invalid(path.child("queueLengthLimit"), length, "must be positive"))
    if queues <= 0:
        errors.append(invalid(path.child("queues"), queues, "must be positive"))
    elif queues > _MOST_QUEUES:
        errors.append(invalid(path.child("queues"), queues, f"must not be greater than {_MOST_QUEUES}"))
    at = path.child("handSize")
    if hand <= 0:
        errors.append(invalid(at, hand, "must be positive"))
    elif hand > queues:
        errors.append(invalid(at, hand, f"should not be greater than queues ({queues})"))
    elif entropy_bits(queues, hand) > _HASH_BITS:
        needed = f"required entropy bits of deckSize {queues} and handSize {hand}"
        errors.append(invalid(at, hand, f"{needed} should not be greater than {_HASH_BITS}"))
    return errors


def entropy_bits(deck: int, hand: int) -> int:
    """Bits that dealing a hand of a deck needs (util/shufflesharding RequiredEntropyBits)."""
    return math.ceil(math.log2(deck) * hand)
