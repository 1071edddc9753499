"""What a namespace's labels ask for (pod-security-admission/api/helpers.go).

pod-security.kubernetes.io/enforce: baseline
pod-security.kubernetes.io/enforce-version: v1.30
pod-security.kubernetes.io/warn: restricted
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from minikube_py.machinery.field import ErrorList, Path, invalid

PREFIX = "pod-security.kubernetes.io/"
PRIVILEGED, BASELINE, RESTRICTED = LEVELS = ("privileged", "baseline", "restricted")
"""Each is stricter than the one before."""

LATEST = 1 << 30
"""The minor version that "latest" stands for: later than any."""

_LABELS = Path("metadata", "labels")
_version = re.compile("v1\\.([0-9]|[1-9][0-9]*)", re.ASCII).fullmatch


class Standard(NamedTuple):
    """A level as of a version; str() is "baseline:latest", "restricted:v1.30"."""

    level: str = PRIVILEGED
    minor: int = LATEST

    def __str__(self) -> str:
        return f"{self.level}:{'latest' if self.minor == LATEST else f'v1.{self.minor}'}"


class Policy(NamedTuple):
    enforce: Standard = Standard()
    audit: Standard = Standard()
    warn: Standard = Standard()

    @property
    def is_privileged(self) -> bool:
        return all(each.level == PRIVILEGED for each in self)


NONE = Policy()


def asks(labels: Mapping[str, str]) -> bool:
    """Whether there is a policy at all: few namespaces have one, and every pod asks."""
    return any(label.startswith(PREFIX) for label in labels)


def policy_of(labels: Mapping[str, str]) -> tuple[Policy, ErrorList]:
    """The policy, and what is wrong with it: "restricted" and "latest" stand for what cannot be read of `enforce`,
    "privileged" for a level of the others. Who is held to a level is warned of it too, unless told otherwise."""
    if not asks(labels):
        return NONE, []
    errors: ErrorList = []
    enforce = _standard(labels, "enforce", RESTRICTED, errors)
    audit = _standard(labels, "audit", PRIVILEGED, errors)
    warn = _standard(labels, "warn", PRIVILEGED, errors)
    held = labels.get(f"{PREFIX}enforce") in LEVELS and enforce.level != PRIVILEGED
    if held and f"{PREFIX}warn" not in labels:
        minor = warn.minor if f"{PREFIX}warn-version" in labels else enforce.minor
        warn = Standard(enforce.level, minor)
    return Policy(enforce, audit, warn), errors


def _standard(labels: Mapping[str, str], mode: str, unreadable: str, errors: ErrorList) -> Standard:
    level_label, version_label = f"{PREFIX}{mode}", f"{PREFIX}{mode}-version"
    level, minor = labels.get(level_label, PRIVILEGED), LATEST
    if level not in LEVELS:
        errors.append(invalid(_LABELS.key(level_label), level, f"must be one of {', '.join(LEVELS)}"))
        level = unreadable
    version = labels.get(version_label, "latest")
    if version != "latest":
        match = _version(version)
        if match is None:
            errors.append(invalid(_LABELS.key(version_label), version, 'must be "latest" or "v1.x"'))
        else:
            minor = min(int(match[1]), LATEST - 1)
    return Standard(level, minor)
