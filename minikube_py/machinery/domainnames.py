"""Names that carry a domain, checked into field errors: apimachinery's util/validation."""

from __future__ import annotations

import re

from minikube_py.machinery.field import ErrorList, Path, invalid, invalid_each, required
from minikube_py.machinery.names import dns1123_label, dns1123_subdomain, qualified_name, regex_error

_HTTP_PATH = r"[A-Za-z0-9/\-._~%!$&'()*+,;=:]+"
_is_http_path = re.compile(_HTTP_PATH).fullmatch


def fully_qualified_name(path: Path, name: str) -> ErrorList:
    """A subdomain of three segments or more (webhooks' names)."""
    if not name:
        return [required(path)]
    if problems := dns1123_subdomain(name):
        return [invalid(path, name, ",".join(problems))]
    if name.count(".") < 2:
        return [invalid(path, name, "should be a domain with at least three segments separated by dots")]
    return []


def fully_qualified_domain_name(path: Path, name: str) -> ErrorList:
    """Two segments or more, each a label; a final dot is fine."""
    if not name:
        return [required(path)]
    name = name.removesuffix(".")
    if problems := dns1123_subdomain(name):
        return [invalid(path, name, ",".join(problems))]
    if "." not in name:
        return [invalid(path, name, "should be a domain with at least two segments separated by dots")]
    for label in name.split("."):
        if problems := dns1123_label(label):
            return [invalid(path, label, ",".join(problems))]
    return []


def domain_prefixed_path(path: Path, value: str) -> ErrorList:
    """ "acme.io/foo" (signers, job controllers)."""
    if not value:
        return [required(path)]
    host, _, rest = value.partition("/")
    if not host or not rest:
        return [invalid(path, value, 'must be a domain-prefixed path (such as "acme.io/foo")')]
    errors = invalid_each(path, host, dns1123_subdomain(host))
    if not _is_http_path(rest):
        errors.append(invalid(path, rest, regex_error("Invalid path", _HTTP_PATH)))
    return errors


def domain_prefixed_key(path: Path, key: str) -> ErrorList:
    """A label key that has its prefix."""
    if not key:
        return [required(path)]
    if problems := qualified_name(key):
        return invalid_each(path, key, problems)
    if "/" not in key:
        return [invalid(path, key, 'must be a domain-prefixed key (such as "acme.io/foo")')]
    return []
