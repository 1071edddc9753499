"""Names of images as a container runtime reports them, and made-up digests."""

from __future__ import annotations

import hashlib
from functools import lru_cache


@lru_cache(maxsize=1024)
def normalized(image: str) -> str:
    """ "nginx" -> "docker.io/library/nginx:latest" (distribution/reference ParseDockerRef)."""
    name, at, digest = image.partition("@")
    first, slash, _ = name.partition("/")
    if not slash:
        name = f"docker.io/library/{name}"
    elif "." not in first and ":" not in first and first != "localhost":
        name = f"docker.io/{name}"
    if digest:
        # with both a tag and a digest, the tag goes
        return f"{_without_tag(name)}{at}{digest}"
    return name if ":" in name.rpartition("/")[2] else f"{name}:latest"


def _without_tag(name: str) -> str:
    path, slash, last = name.rpartition("/")
    return f"{path}{slash}{last.partition(':')[0]}"


@lru_cache(maxsize=1024)
def image_id(image: str) -> str:
    """Of a normalized image: its digest, or a made-up one that is the same for the same image."""
    name, _, digest = image.partition("@")
    if digest:
        return image
    return f"{_without_tag(name)}@sha256:{hashlib.sha256(image.encode()).hexdigest()}"


def program_name(image: str) -> str:
    """What probably runs in it, where nothing else is said: "docker.io/library/nginx:1.27" -> "nginx"."""
    return image.partition("@")[0].rpartition("/")[2].partition(":")[0]
