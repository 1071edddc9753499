"""Get and list: selectors, pages, past revisions (apiserver's storage/cacher and etcd3 store)."""

from __future__ import annotations

import base64
import binascii
import posixpath
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import orjson

from minikube_py.api.context import Context
from minikube_py.api.options import ListOptions
from minikube_py.api.patch import syntax
from minikube_py.api.registry.selection import Selection, compile_selection
from minikube_py.machinery import errors
from minikube_py.machinery.errors import StatusError
from minikube_py.machinery.gotext import quote
from minikube_py.store import Expired, FutureRevision, Key, Stored

if TYPE_CHECKING:
    from minikube_py.api.registry.registry import Registry

TOKEN_VERSION = "meta.k8s.io/v1"

LIST_TOO_OLD = "The resourceVersion for the provided list is too old."
CONTINUE_TOO_OLD = (
    "The provided continue parameter is too old to display a consistent list result. You can start a new list "
    "without the continue parameter, or use the continue token in this response to retrieve the remainder of the "
    "results. Continuing with the provided token results in an inconsistent list - objects that were created, "
    "modified, or deleted between the time the first chunk was returned and now may show up in the list."
)


class Page(NamedTuple):
    """A page of a list: stored objects (not yet converted to the served version), and how to go on."""

    items: Sequence[Stored]
    revision: int
    continue_token: str = ""
    remaining: int | None = None


class _Start(NamedTuple):
    """Where a page begins: a key of the last one, and the revision to read at (0: the newest)."""

    after: Key | None
    revision: int


def get(registry: Registry, ctx: Context, resource_version: str) -> Stored:
    """Raises StatusError 404, and 504 for a version that is yet to come."""
    if resource_version not in ("", "0"):
        _not_in_the_future(registry, parse_version(resource_version))
    return registry.find(ctx)


def list_page(registry: Registry, ctx: Context, options: ListOptions) -> Page:
    selection = compile_selection(ctx, options)
    start = _start(registry, ctx, options)
    revision = start.revision or registry.store.revision
    items = _items(registry, ctx, options, selection, start)
    matches = selection.matches
    limit = options.limit if options.limit > 0 and options.resource_version != "0" else 0
    if not limit or len(items) <= limit:
        found = items if matches is None else [item for item in items if matches(item.object)]
        if not limit or len(found) <= limit:
            return Page(found, revision)
    found = []
    for index, item in enumerate(items):
        if matches is None or matches(item.object):
            found.append(item)
            if len(found) == limit and index + 1 < len(items):
                token = _encode_token(ctx, revision, item)
                return Page(found, revision, token, len(items) - index - 1 if matches is None else None)
    return Page(found, revision)


def _items(
    registry: Registry, ctx: Context, options: ListOptions, selection: Selection, start: _Start
) -> Sequence[Stored]:
    """The candidates in key order; already past `start`."""
    store, resource = registry.store, ctx.resource.key
    namespace = ctx.namespace or None if ctx.resource.namespaced else ""
    try:
        if start.revision:
            return store.list_at(start.revision, resource, namespace, start.after)
    except Expired:
        raise _expired(ctx, options) from None
    except FutureRevision as error:
        raise errors.resource_version_too_large(error.revision, error.current) from None
    if selection.name and namespace is not None and start.after is None:
        stored = store.get(Key(resource, namespace, selection.name))
        return [stored] if stored is not None else []
    return store.list(resource, namespace, start.after)


def _start(registry: Registry, ctx: Context, options: ListOptions) -> _Start:
    if options.continue_token:
        if options.resource_version not in ("", "0"):
            raise errors.bad_request("specifying resource version is not allowed when using continue")
        return _decode_token(ctx, options.continue_token)
    text = options.resource_version
    if text in ("", "0"):
        return _Start(None, 0)
    version = parse_version(text)
    # A version without a match is "not older than", but with a limit it is "exact", as it was before matches were.
    if options.resource_version_match == "Exact" or (not options.resource_version_match and options.limit > 0):
        _not_in_the_future(registry, version)
        return _Start(None, version)
    _not_in_the_future(registry, version)
    return _Start(None, 0)


def _not_in_the_future(registry: Registry, version: int) -> None:
    if version > registry.store.revision:
        raise errors.resource_version_too_large(version, registry.store.revision)


def parse_error(text: str) -> str:
    """Why a resource version does not parse, in strconv's words; "" if it does."""
    if text.isascii() and text.isdigit() and int(text) < 2**64:
        return ""
    why = "value out of range" if text.isascii() and text.isdigit() else "invalid syntax"
    return f"strconv.ParseUint: parsing {quote(text)}: {why}"


def version_error(text: str) -> str:
    """The same as the option's error; "" if it parses."""
    why = parse_error(text)
    return f"resourceVersion: Invalid value: {quote(text)}: {why}" if why else ""


def parse_version(text: str) -> int:
    """Raises StatusError 400."""
    if why := version_error(text):
        raise errors.bad_request(f"invalid resource version: {why}")
    return int(text)


def _encode_token(ctx: Context, revision: int, last: Stored) -> str:
    meta = last.object["metadata"]
    within = not ctx.resource.namespaced or ctx.namespace
    start = meta["name"] if within else f"{meta.get('namespace', '')}/{meta['name']}"
    return _token(revision, start + "\x00")


def _token(revision: int, start: str) -> str:
    text = orjson.dumps({"v": TOKEN_VERSION, "rv": revision, "start": start})
    return base64.urlsafe_b64encode(text).rstrip(b"=").decode()


def _decode_token(ctx: Context, token: str) -> _Start:
    """Raises StatusError 400 (apiserver's storage/continue.go)."""

    def refused(why: str) -> StatusError:
        return errors.bad_request(f"invalid continue token: continue key is not valid: {why}")

    padded = token + "=" * (-len(token) % 4)
    try:
        raw = base64.b64decode(padded.encode(), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise refused(f"illegal base64 data at input byte {_first_bad(token)}") from None
    try:
        tree = syntax.load(raw)
    except syntax.JSONSyntaxError as error:
        raise refused(str(error)) from None
    if not isinstance(tree, dict):
        raise refused("json: cannot unmarshal into Go value of type storage.continueToken")
    version, revision, start = tree.get("v", ""), tree.get("rv", 0), tree.get("start", "")
    if version != TOKEN_VERSION:
        raise refused(f"server does not recognize this encoded version {version}")
    if not revision or not isinstance(revision, int) or isinstance(revision, bool):
        raise refused(f"incorrect encoded start resourceVersion (version {TOKEN_VERSION})")
    if not start or not isinstance(start, str):
        raise refused(f"encoded start key empty (version {TOKEN_VERSION})")
    if posixpath.normpath("/" + start) != "/" + start:
        raise refused(start)
    place = start.rstrip("\x00")
    namespace, _, name = (
        place.rpartition("/") if ctx.resource.namespaced and not ctx.namespace else (ctx.namespace, "", place)
    )
    return _Start(Key(ctx.resource.key, namespace, name), max(revision, 0))


_ALPHABET = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")


def _first_bad(token: str) -> int:
    return next((index for index, char in enumerate(token) if char not in _ALPHABET), len(token))


def _expired(ctx: Context, options: ListOptions) -> StatusError:
    if not options.continue_token:
        return errors.expired(LIST_TOO_OLD)
    error = errors.expired(CONTINUE_TOO_OLD)
    after = _decode_token(ctx, options.continue_token).after
    assert after is not None
    within = not ctx.resource.namespaced or ctx.namespace
    error.metadata = {"continue": _token(-1, (after.name if within else f"{after.namespace}/{after.name}") + "\x00")}
    return error
