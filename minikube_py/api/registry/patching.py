"""Patch: the four patch types as transforms of the object that is (apiserver's handlers/patch.go)."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

import orjson

from minikube_py.api import body, yamlcodec
from minikube_py.api.context import Context
from minikube_py.api.options import WriteOptions
from minikube_py.api.patch.conversion import ConversionError, converted
from minikube_py.api.patch.decode import Decoded as Told
from minikube_py.api.patch.decode import decode_json_patch, decode_merge_patch, decode_strategic_patch, kind_of
from minikube_py.api.patch.gotree import go_text
from minikube_py.api.patch.jsonpatch import apply_json_patch
from minikube_py.api.patch.merge import apply_merge_patch
from minikube_py.api.patch.strategic import consume_strategic_patch
from minikube_py.api.registry import metadata as system
from minikube_py.api.registry.subject import Subject
from minikube_py.api.schema.decode import Decoded, DecodeError, decode
from minikube_py.machinery import errors
from minikube_py.machinery.errors import StatusError
from minikube_py.machinery.field import Path, invalid
from minikube_py.machinery.gvr import GroupVersionKind, Object

if TYPE_CHECKING:
    from minikube_py.api.registry.registry import Registry

JSON = "application/json-patch+json"
MERGE = "application/merge-patch+json"
STRATEGIC = "application/strategic-merge-patch+json"
APPLY = "application/apply-patch+yaml"

Refuse = Callable[[str], StatusError]
"""Why a patch cannot be taken -> the error that quotes it."""

_PATCH = Path("patch")
_CONTAINERS = (dict, list)


class Patch(NamedTuple):
    """A patch as it came: its media type, its bytes, its options."""

    media_type: str
    body: bytes
    options: WriteOptions
    tree: Object | None = None
    """What a merge patch of either kind says, where it did not come as bytes."""


async def patch(registry: Registry, ctx: Context, given: Patch) -> tuple[Object, bool]:
    """Apply a patch to ctx.name; the flag tells whether it was created (server-side apply only)."""
    subject = Subject(registry, ctx)

    async def transform(live: Object | None) -> Object:
        if given.media_type == APPLY:
            draft = _applied(ctx, subject, given, live)
        elif live is None:
            raise errors.not_found(ctx.resource.group_resource, ctx.name)
        else:
            changed = (
                _strategic(ctx, subject, given, live)
                if given.media_type == STRATEGIC
                else _json(ctx, subject, given, live)
            )
            draft = subject.updated(live, changed)
        system.ensure_namespace(ctx, draft["metadata"])
        system.check_name(ctx, draft["metadata"])
        return draft

    return await subject.update(transform, may_create=given.media_type == APPLY and not ctx.subresource)


def _json(ctx: Context, subject: Subject, given: Patch, live: Object) -> Object:
    """A JSON patch or a merge patch: text to text upstream, so the whole patched document is what errors quote."""
    strict = given.options.field_validation != "Ignore"
    if given.media_type == JSON:
        decoded = decode_json_patch(given.body, strict)
        patched = apply_json_patch(live, decoded.tree)
    else:
        decoded = decode_merge_patch(given.body, strict) if given.tree is None else Told(given.tree, [])
        patched = apply_merge_patch(live, decoded.tree)

    def refused(why: str) -> StatusError:
        if ctx.resource.custom:
            text = orjson.dumps(patched, option=orjson.OPT_SORT_KEYS).decode()
        else:
            text = _as_patched(patched, live, decoded.tree)
        return errors.invalid("", "", "", [invalid(_PATCH, text, why)])

    if not isinstance(patched, dict):
        kind = kind_of(patched)
        raise refused(
            f"couldn't get version/kind; json parse error: json: cannot unmarshal {kind} into Go value of type struct"
        )
    if ctx.resource.custom and not subject.scaling:
        _check_custom_kind(ctx, given, patched)
    try:
        body.check_kind(patched, _kind_of(patched, subject.kind), subject.kind, ctx.registry.catalog.schema)
    except StatusError as error:
        raise refused(
            error.message.partition(f" cannot be handled as a {subject.kind.kind}: ")[2] or error.message
        ) from None
    try:
        canonical = _decoded(ctx, subject, patched, live)
    except DecodeError as error:
        raise refused(str(error)) from None
    unknown = body.unknown_fields(canonical, ctx.resource.custom and not subject.scaling)
    return _finished(ctx, subject, given, canonical, [*decoded.problems, *unknown], refused)


def _check_custom_kind(ctx: Context, given: Patch, patched: Object) -> None:
    """Of another kind or version nothing is known, so that all of it is pruned before validation refuses it."""
    try:
        body.validate_type_meta(patched, ctx.resource.gvk)
    except StatusError:
        if patched.get("apiVersion") != ctx.resource.api_version and given.options.field_validation != "Ignore":
            unknown = sorted(key for key in patched if key not in ("apiVersion", "kind", "metadata"))
            ctx.warnings.extend(f'unknown field "{key}"' for key in unknown)
        raise


def _strategic(ctx: Context, subject: Subject, given: Patch, live: Object) -> Object:
    """A strategic merge patch: tree to tree upstream, so the patch, as far as it was consumed, is what errors quote."""
    strict = given.options.field_validation != "Ignore"
    decoded = decode_strategic_patch(given.body, strict) if given.tree is None else Told(given.tree, [])
    patched = consume_strategic_patch(live, decoded.tree, subject.type)

    def refused(why: str) -> StatusError:
        return errors.invalid("", "", "", [invalid(_PATCH, go_text(decoded.tree), why)])

    try:
        try:
            canonical = _decoded(ctx, subject, patched, live)
        except DecodeError:
            # Upstream goes from tree to tree here, by other rules than JSON's.
            canonical = decode(subject.type, converted(subject.type, patched))
    except (DecodeError, ConversionError) as error:
        raise refused(str(error)) from None
    unknown = sorted(body.unknown_fields(canonical, True))
    return _finished(ctx, subject, given, canonical, [*decoded.problems, *unknown], refused)


def _decoded(ctx: Context, subject: Subject, patched: Object, live: Object) -> Decoded:
    """decode() of the patched object, but for what the patch left alone and is decoded already: metadata is copied,
    and what the policy takes back anyway (a status patch's spec) is not even that. Raises DecodeError."""
    type = subject.type
    if ctx.resource.custom or subject.scaling:
        return decode(type, patched)
    left: Object = {name: live[name] for name in _taken_back(subject, patched, live)}
    if _same_metadata(patched.get("metadata"), live["metadata"]):
        left["metadata"] = {name: _copied(name, part) for name, part in live["metadata"].items()}
    if not left:
        return decode(type, patched)
    changed = decode(type, {name: part for name, part in patched.items() if name not in left})
    whole = {**changed.object, **left}
    return changed._replace(object={name: whole[name] for name in type.fields if name in whole})


def _taken_back(subject: Subject, patched: Object, live: Object) -> list[str]:
    """Names of such parts; metadata is no such one, as of it only some is taken back."""
    whole = [path[0] for path in subject.policy.reset_fields if len(path) == 1 and path[0] != "metadata"]
    return [name for name in whole if isinstance(patched.get(name), dict) and patched[name] is live.get(name)]


def _same_metadata(patched: Any, live: Object) -> bool:
    """Whether nothing but texts, and those with what they were before, was patched into it."""
    if patched is live:
        return True
    if not isinstance(patched, dict) or len(patched) != len(live):
        return False
    return all(
        part is live.get(name) or (part.__class__ is str and part == live.get(name)) for name, part in patched.items()
    )


def _copied(name: str, part: Any) -> Any:
    """A part of metadata for a draft, which is changed in place; managedFields never are."""
    return _copy(part) if isinstance(part, _CONTAINERS) and name != "managedFields" else part


def _copy(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _copy(item) if isinstance(item, _CONTAINERS) else item for key, item in value.items()}
    return [_copy(item) if isinstance(item, _CONTAINERS) else item for item in value]


def _finished(
    ctx: Context, subject: Subject, given: Patch, decoded: Decoded, problems: list[str], refused: Refuse
) -> Object:
    """The patched object, defaulted; unknown fields warned of or refused."""
    if problems and given.options.field_validation == "Strict":
        raise refused("strict decoding error: " + ", ".join(problems))
    if given.options.field_validation != "Ignore":
        ctx.warnings.extend(problems[: body.MAX_WARNINGS])
    ctx.empties = decoded.empties
    obj: Object = decoded.object
    obj["kind"], obj["apiVersion"] = subject.kind.kind, subject.kind.api_version
    subject.default(obj)
    return obj


def _applied(ctx: Context, subject: Subject, given: Patch, live: Object | None) -> Object:
    try:
        tree, duplicates = yamlcodec.load_strict(given.body)
    except yamlcodec.YAMLError as error:
        raise errors.bad_request(f"error decoding YAML: error converting YAML to JSON: {error}") from None
    if tree is not None and not isinstance(tree, dict):
        text = f"json: cannot unmarshal {kind_of(tree)} into Go value of type map[string]interface {{}}"
        raise errors.bad_request(f"error decoding YAML: error unmarshaling JSON: while decoding JSON: {text}")
    merged = subject.applied(live, tree or {}, bool(given.options.force))
    if duplicates and given.options.field_validation != "Ignore":
        text = "error converting YAML to JSON: yaml: unmarshal errors:\n" + "\n".join(duplicates)
        if given.options.field_validation == "Strict":
            raise errors.bad_request(f"error strict decoding YAML: {text}")
        ctx.warnings.extend(body.yaml_warnings(text))
    return merged


def _kind_of(tree: Object, expected: GroupVersionKind) -> GroupVersionKind:
    kind = GroupVersionKind.of(tree)
    return GroupVersionKind(kind.group, kind.version or expected.version, kind.kind or expected.kind)


def _as_patched(patched: Any, live: Any, patch: Any) -> str:
    """The patched document as upstream's library prints it: maps that the patch went through have sorted keys,
    what it left alone or brought along stands as it was."""
    whole: set[int] = set()
    _identities(live, whole)
    _identities(patch, whole)
    tree = _resorted(patched, whole)
    try:
        return orjson.dumps(tree).decode()
    except TypeError:  # an integer of more than 64 bits
        return json.dumps(tree, ensure_ascii=False, separators=(",", ":"))


def _identities(value: Any, found: set[int]) -> None:
    if isinstance(value, dict | list):
        found.add(id(value))
        for item in value.values() if isinstance(value, dict) else value:
            _identities(item, found)


def _resorted(value: Any, whole: set[int]) -> Any:
    if id(value) in whole:
        return value
    if isinstance(value, dict):
        return {key: _resorted(value[key], whole) for key in sorted(value)}
    return [_resorted(item, whole) for item in value] if isinstance(value, list) else value
