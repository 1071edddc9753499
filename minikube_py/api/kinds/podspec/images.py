"""Names of container images: pkg/util/parsers over distribution/reference."""

from __future__ import annotations

import re
from functools import lru_cache

_COMPONENT = "(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])"
_DOMAIN = rf"(?:{_COMPONENT}(?:\.{_COMPONENT})*|\[(?:[a-fA-F0-9:]+)\])(?::[0-9]+)?"
_PATH_COMPONENT = "[a-z0-9]+(?:(?:[._]|__|[-]+)[a-z0-9]+)*"
_DIGEST = "[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}"

_is_reference = re.compile(
    rf"((?:{_DOMAIN}/)?{_PATH_COMPONENT}(?:/{_PATH_COMPONENT})*)(?::([\w][\w.-]{{0,127}}))?(?:@({_DIGEST}))?", re.ASCII
).fullmatch
_is_identifier = re.compile("[a-f0-9]{64}").fullmatch

_DIGEST_LENGTHS = {"sha256": 64, "sha384": 96, "sha512": 128}
_NAME_MAXIMUM = 255


@lru_cache(maxsize=4096)
def tag(image: str) -> str:
    """The image's tag: "latest" where neither tag nor digest is given, "" for a digest alone or a bad name."""
    match = None if _is_identifier(image) else _is_reference(_normalized(image))
    if match is None or len(match[1]) > _NAME_MAXIMUM or not _is_digest(match[3]):
        return ""
    return match[2] or ("" if match[3] else "latest")


def pull_policy(image: str) -> str:
    """What imagePullPolicy defaults to."""
    return "Always" if tag(image) == "latest" else "IfNotPresent"


def _normalized(image: str) -> str:
    """With its registry: "nginx" is docker.io/library/nginx."""
    first, slash, rest = image.partition("/")
    if slash and ("." in first or ":" in first or first == "localhost" or first.lower() != first):
        return image
    return f"docker.io/{image}" if slash else f"docker.io/library/{first}{rest}"


def _is_digest(digest: str | None) -> bool:
    """Whether a digest's algorithm is known and its length right; none at all is fine."""
    if digest is None:
        return True
    algorithm, _, value = digest.partition(":")
    return len(value) == _DIGEST_LENGTHS.get(algorithm) and value == value.lower()
