"""How a pod resolves names."""

from __future__ import annotations

from collections.abc import Sequence

from minikube_py.api.kinds.podspec.addresses import address_errors
from minikube_py.machinery.field import ErrorList, Path, invalid, invalid_each, required
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.names import byte_length, dns1123_subdomain, dns1123_subdomain_underscore

_NAMESERVERS_MAXIMUM = 3
_SEARCHES_MAXIMUM = 32
_SEARCH_LIST_MAXIMUM = 2048


def dns_config_errors(config: Object | None, policy: str, path: Path) -> ErrorList:
    """`dnsConfig`, under dnsPolicy `policy`."""
    nameservers: Sequence[str] = (config or {}).get("nameservers") or ()
    if policy == "None":
        if config is None:
            return [required(path, "must provide `dnsConfig` when `dnsPolicy` is None")]
        if not nameservers:
            detail = "must provide at least one DNS nameserver when `dnsPolicy` is None"
            return [required(path.child("nameservers"), detail)]
    if config is None:
        return []
    errors: ErrorList = []
    if len(nameservers) > _NAMESERVERS_MAXIMUM:
        detail = f"must not have more than {_NAMESERVERS_MAXIMUM} nameservers"
        errors.append(invalid(path.child("nameservers"), list(nameservers), detail))
    for index, nameserver in enumerate(nameservers):
        errors += address_errors(nameserver, path.child("nameservers").index(index))
    if searches := config.get("searches"):
        errors += _search_errors(searches, path.child("searches"))
    for index, option in enumerate(config.get("options") or ()):
        if not option.get("name"):
            errors.append(required(path.child("options").index(index), "must not be empty"))
    return errors


def _search_errors(searches: Sequence[str], path: Path) -> ErrorList:
    errors: ErrorList = []
    if len(searches) > _SEARCHES_MAXIMUM:
        detail = f"must not have more than {_SEARCHES_MAXIMUM} search paths"
        errors.append(invalid(path, list(searches), detail))
    if byte_length(" ".join(searches)) > _SEARCH_LIST_MAXIMUM:
        detail = f"must not have more than {_SEARCH_LIST_MAXIMUM} characters (including spaces) in the search list"
        errors.append(invalid(path, list(searches), detail))
    for index, search in enumerate(searches):
        if search != ".":
            search = search.removesuffix(".")
            errors += invalid_each(path.index(index), search, dns1123_subdomain_underscore(search))
    return errors


def host_alias_errors(aliases: Sequence[Object], path: Path) -> ErrorList:
    """`hostAliases`."""
    errors: ErrorList = []
    for index, alias in enumerate(aliases):
        errors += address_errors(alias.get("ip") or "", path.index(index).child("ip"))
        for position, hostname in enumerate(alias.get("hostnames") or ()):
            at = path.index(index).child("hostnames").index(position)
            errors += invalid_each(at, hostname, dns1123_subdomain(hostname))
    return errors
