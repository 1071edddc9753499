"""The pod-template-hash: what tells the ReplicaSets of a Deployment apart."""

from __future__ import annotations

import orjson

from minikube_py.machinery.gvr import Object
from minikube_py.machinery.random import SUFFIX_ALPHABET

LABEL = "pod-template-hash"

MAX_NAME = 253


def template_hash(template: Object, collision_count: int | None) -> str:
    """FNV-1a of 32 bits over the canonical JSON and the collision count, in the alphabet of
    generated names. Upstream hashes a dump of the Go struct, so the values differ from a real cluster's."""
    data = orjson.dumps(template, option=orjson.OPT_SORT_KEYS)
    if collision_count is not None:
        data += collision_count.to_bytes(8, "little")
    value = 0x811C9DC5
    for byte in data:
        value = ((value ^ byte) * 0x01000193) & 0xFFFFFFFF
    return "".join(SUFFIX_ALPHABET[ord(digit) % len(SUFFIX_ALPHABET)] for digit in str(value))


def replica_set_name(deployment_name: str, hash: str) -> str:
    """The same for the same template, so that it is created once; long names are cut."""
    return f"{deployment_name[: MAX_NAME - 1 - len(hash)]}-{hash}"


def same_template(one: Object, other: Object) -> bool:
    """Whether two pod templates are equal but for the hash label (deploymentutil.EqualIgnoreHash)."""
    return (one.get("spec") or {}) == (other.get("spec") or {}) and _metadata(one) == _metadata(other)


def without_hash(labels: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in labels.items() if name != LABEL}


def _metadata(template: Object) -> Object:
    """What is empty counts as missing, as in Go's semantic equality."""
    metadata = template.get("metadata") or {}
    said = {**metadata, "labels": without_hash(metadata.get("labels") or {})}
    return {name: value for name, value in said.items() if value}
