"""In which form to answer and in which form a body comes: Accept and Content-Type (apiserver's
handlers/negotiation, github.com/munnerz/goautoneg, and go-restful's route selection in front of them).

Built-in resources are routed by go-restful, which knows neither "application/*" nor quality and words its
refusals its own way; custom resources are not, and have no protobuf of their own.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Literal, NamedTuple

from minikube_py.client.protocol import APPLY_PATCH, JSON_PATCH, MERGE_PATCH, STRATEGIC_MERGE_PATCH
from minikube_py.machinery.errors import StatusError, not_acceptable, unsupported_media_type

MediaType = Literal["json", "yaml", "protobuf"]

MEDIA_TYPES: dict[MediaType, str] = {
    "json": "application/json",
    "yaml": "application/yaml",
    "protobuf": "application/vnd.kubernetes.protobuf",
}
_BY_NAME: dict[str, MediaType] = {name: media_type for media_type, name in MEDIA_TYPES.items()}
_STREAMING: tuple[MediaType, ...] = ("json", "protobuf")
_ALL = tuple(MEDIA_TYPES.values())
_STREAMS = tuple(f"{MEDIA_TYPES[media_type]};stream=watch" for media_type in _STREAMING)

_META_VERSIONS = ("v1", "v1beta1")
_METADATA = ("PartialObjectMetadata", "PartialObjectMetadataList")


class Endpoint(NamedTuple):
    """What a path can answer with."""

    routed: tuple[str, ...]
    """What its go-restful route produces; empty for custom resources, which have none."""
    protobuf: bool = True
    """Whether its own objects have a protobuf form."""
    converts: bool = True
    """Whether it makes Tables and PartialObjectMetadata."""
    tables: bool = True
    """Whether it makes Tables where it converts."""


OBJECT = Endpoint(_ALL)
"""A built-in object: get, create, update, patch, delete, deletecollection."""
LIST = Endpoint((*_ALL, *_STREAMS))
"""A list or watch of built-in objects."""
ACTION = Endpoint(_ALL, tables=False)
"""What a creation only does and does not store: reviews, bindings, evictions, tokens."""
CUSTOM = Endpoint((), protobuf=False)
"""Anything of a custom resource."""
PLAIN = Endpoint(_ALL, converts=False)
"""Discovery."""


class Negotiated(NamedTuple):
    """The form of an answer."""

    media_type: MediaType
    convert: str = ""
    """"Table", "PartialObjectMetadata", "PartialObjectMetadataList" or "": as it is."""
    convert_group: str = ""
    convert_version: str = ""
    pretty: bool = False
    """Whether the Accept header itself asks for indentation; see `is_pretty` for who else does."""
    stream: str = ""
    """"watch" where the header said so; nothing depends on it."""

    @property
    def content_type(self) -> str:
        return MEDIA_TYPES[self.media_type]

    @property
    def stream_content_type(self) -> str:
        """Of a watch's answer."""
        name = MEDIA_TYPES[self.media_type]
        return name if self.media_type == "json" else f"{name};stream=watch"


class _Clause(NamedTuple):
    type: str
    subtype: str
    quality: float
    parameters: tuple[tuple[str, str], ...]


@lru_cache(maxsize=1024)
def negotiate(accept: str | None, endpoint: Endpoint = OBJECT) -> Negotiated:
    """The first form that both sides know, by the client's order and quality. Raises StatusError 406."""
    header = accept or ""
    if endpoint.routed and not _routed(header, endpoint.routed):
        available = ", ".join(endpoint.routed)
        message = f"406: Not Acceptable\n\nAvailable representations: {available}"
        raise StatusError(406, "NotAcceptable", message, {})
    found = _first(header, endpoint)
    if found is None:
        raise not_acceptable(_ALL)
    return found


@lru_cache(maxsize=1024)
def negotiate_watch(accept: str | None, endpoint: Endpoint = LIST) -> Negotiated:
    """As `negotiate`, of a watch: yaml is no stream. Raises StatusError 406."""
    found = negotiate(accept, endpoint)
    if found.media_type not in _STREAMING:
        raise not_acceptable(_STREAMS)
    return found


@lru_cache(maxsize=1024)
def negotiate_error(accept: str | None) -> Negotiated | None:
    """The form of a Status that says why a request failed; None where the client takes no plain object at
    all (only Tables, say): then it gets indented JSON without having asked."""
    return _first(accept or "", PLAIN)


def is_pretty(negotiated: Negotiated, pretty: str, user_agent: str) -> bool:
    """Whether to indent: the header asks, or the query's `pretty` does, or, if that says nothing, the user
    agent is one that people look at."""
    if negotiated.pretty:
        return True
    if pretty:
        return pretty in ("1", "t", "T", "true", "TRUE", "True")
    return user_agent.startswith(("curl", "Wget", "Mozilla/5.0"))


def _routed(header: str, produces: tuple[str, ...]) -> bool:
    """go-restful's Route.matchesAccept: names alone, in any order."""
    if not header:
        return True
    names = (part.partition(";")[0].strip() for part in header.split(","))
    return any(name == "*/*" or name in produces for name in names)


def _first(header: str, endpoint: Endpoint) -> Negotiated | None:
    if not header:
        return Negotiated("json")
    for clause in _clauses(header):
        for media_type, name in MEDIA_TYPES.items():
            subtype = name.partition("/")[2]
            if (
                (clause.type == "application" and clause.subtype in (subtype, "*"))
                or (clause.type == "*" and clause.subtype == "*")
            ) and (found := _accepted(clause, media_type, endpoint)) is not None:
                return found
    return None


def _clauses(header: str) -> list[_Clause]:
    """An Accept header's clauses, best first (goautoneg.ParseAccept); what makes no sense is left out."""
    ranked: list[_Clause] = []
    for part in header.split(","):
        clause = _clause(part.strip())
        if clause is None:
            continue
        # sort.Sort of few items is an insertion sort; the order below is none that another sort would take
        at = len(ranked)
        while at and _better(clause, ranked[at - 1]):
            at -= 1
        ranked.insert(at, clause)
    return ranked


def _clause(part: str) -> _Clause | None:
    name, *parameters = part.split(";")
    type, _, subtype = name.partition("/")
    type = type.strip()
    if not subtype:
        if type != "*":
            return None
        subtype = "*"
    elif "/" in subtype.removesuffix("/"):
        return None
    quality = 1.0
    known: dict[str, str] = {}
    for parameter in parameters:
        key, _, value = parameter.partition("=")
        if not value or "=" in value.removesuffix("="):
            continue
        value = value.removesuffix("=")
        if key.strip() == "q":
            quality = _quality(value)
        else:
            known[key.strip()] = value.strip()
    return _Clause(type, subtype.removesuffix("/").strip(), quality, tuple(known.items()))


def _quality(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 0.0


def _better(left: _Clause, right: _Clause) -> bool:
    return (
        left.quality > right.quality
        or (left.type != "*" and right.type == "*")
        or (left.subtype != "*" and right.subtype == "*")
    )


def _accepted(clause: _Clause, media_type: MediaType, endpoint: Endpoint) -> Negotiated | None:
    """The clause's parameters applied, None where the endpoint refuses them."""
    convert: dict[str, str] = {}
    stream, pretty = "", False
    for key, value in clause.parameters:
        if key in ("as", "g", "v"):
            convert[key] = value
        elif key == "stream":
            if value and (media_type not in _STREAMING or value != "watch"):
                return None
            stream = value
        elif key == "sv":
            if value and (value != "v1" or not endpoint.converts):
                return None
        elif key == "pretty":
            pretty = value == "1"
    if not convert:
        allowed = endpoint.protobuf or media_type != "protobuf"
        return Negotiated(media_type, pretty=pretty, stream=stream) if allowed else None
    kind, group, version = convert.get("as", ""), convert.get("g", ""), convert.get("v", "")
    if not endpoint.converts or group != "meta.k8s.io" or version not in _META_VERSIONS:
        return None
    if kind not in _METADATA and (kind != "Table" or media_type == "protobuf" or not endpoint.tables):
        return None
    return Negotiated(media_type, kind, group, version, pretty, stream)


@lru_cache(maxsize=256)
def body_media_type(content_type: str | None) -> MediaType:
    """In what form a body is; JSON where nothing says so. Raises StatusError 415."""
    if not content_type:
        return "json"
    name, *parameters = content_type.split(";")
    found = _BY_NAME.get(name.strip().lower())
    if found is None or not _well_formed(parameters):
        raise unsupported_media_type(_ALL)
    return found


def _well_formed(parameters: list[str]) -> bool:
    """As mime.ParseMediaType: each a name and a value, none twice; a last empty one passes."""
    seen: set[str] = set()
    for position, parameter in enumerate(parameters):
        key, equals, value = parameter.strip().partition("=")
        if not key and not equals and position == len(parameters) - 1:
            continue
        quoted = len(value) > 1 and value[0] == value[-1] == '"'
        if not key or not value or key.lower() in seen or (" " in value and not quoted):
            return False
        seen.add(key.lower())
    return True


_CUSTOM_PATCHES = (JSON_PATCH, MERGE_PATCH, APPLY_PATCH)
_PATCHES = (JSON_PATCH, MERGE_PATCH, STRATEGIC_MERGE_PATCH, APPLY_PATCH)


@lru_cache(maxsize=256)
def patch_media_type(content_type: str | None, custom: bool = False) -> str:
    """The patch type a Content-Type names, without its parameters. Raises StatusError 415."""
    header = content_type or ""
    patches = _CUSTOM_PATCHES if custom else _PATCHES
    if not custom:
        names = [part.partition(";")[0].strip() for part in header.split(",")]
        if not any(name in patches for name in names):
            raise StatusError(415, "UnsupportedMediaType", "415: Unsupported Media Type", {})
    end = header.find(";")
    name = header[:end] if end > 0 else header
    if name not in patches:
        raise unsupported_media_type(patches)
    return name
