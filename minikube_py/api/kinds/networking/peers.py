"""Peers and ports of a NetworkPolicy (pkg/apis/networking/validation)."""

from __future__ import annotations

from typing import NamedTuple

from minikube_py.machinery.field import (
    ErrorList,
    Path,
    as_json,
    forbidden,
    invalid,
    invalid_each,
    not_supported,
    required,
)
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.ipnet import Cidr, parse_cidr, validate_cidr_legacy
from minikube_py.machinery.labelselector import validate_label_selector
from minikube_py.machinery.names import port_name, port_number

_PROTOCOLS = ("TCP", "UDP", "SCTP")


class Rules(NamedTuple):
    """What is let through although it is wrong."""

    strict_ips: bool
    allow_invalid_values: bool = False
    """Values of label selectors."""
    known_cidrs: frozenset[str] = frozenset()
    """CIDRs that are stored already."""


def validate_policy_port(of: Object, path: Path) -> ErrorList:
    errors: ErrorList = []
    protocol, port, end = of.get("protocol"), of.get("port"), of.get("endPort")
    if protocol is not None and protocol not in _PROTOCOLS:
        errors.append(not_supported(path.child("protocol"), as_json(protocol), _PROTOCOLS))
    at = path.child("endPort")
    if isinstance(port, int):
        errors += invalid_each(path.child("port"), port, port_number(port))
        if end is not None and end < port:
            errors.append(invalid(at, port, "must be greater than or equal to `port`"))
        if end is not None:
            errors += invalid_each(at, end, port_number(end))
        return errors
    if end is not None:
        what = "not specified" if port is None else "non-numeric"
        errors.append(invalid(at, end, f"may not be specified when `port` is {what}"))
    if port is not None:
        errors += invalid_each(path.child("port"), port, port_name(port))
    return errors


def validate_peer(peer: Object, rules: Rules, path: Path) -> ErrorList:
    errors: ErrorList = []
    selectors = [name for name in ("podSelector", "namespaceSelector") if peer.get(name) is not None]
    for name in selectors:
        errors += validate_label_selector(peer[name], path.child(name), allow_invalid_values=rules.allow_invalid_values)
    block = peer.get("ipBlock")
    if block is not None:
        errors += _block_errors(block, rules, path.child("ipBlock"))
        if selectors:
            errors.append(forbidden(path, "may not specify both ipBlock and another peer"))
    elif not selectors:
        errors.append(required(path, "must specify a peer"))
    return errors


def _block_errors(block: Object, rules: Rules, path: Path) -> ErrorList:
    text = block.get("cidr") or ""
    if not text:
        return [required(path.child("cidr"))]
    errors = validate_cidr_legacy(path.child("cidr"), text, rules.strict_ips, rules.known_cidrs)
    cidr = parse_cidr(text)
    if cidr is None:
        return errors
    for index, without in enumerate(block.get("except") or ()):
        at = path.child("except").index(index)
        errors += validate_cidr_legacy(at, without, rules.strict_ips, rules.known_cidrs)
        excepted = parse_cidr(without)
        if excepted is not None and not _is_strict_subset(excepted, cidr):
            errors.append(invalid(at, without, "must be a strict subset of `cidr`"))
    return errors


def _is_strict_subset(inner: Cidr, outer: Cidr) -> bool:
    if inner.address.version != outer.address.version or inner.prefix <= outer.prefix:
        return False
    return Cidr(inner.address, outer.prefix).network == outer.network
