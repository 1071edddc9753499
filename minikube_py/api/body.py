"""Reading a request's body as an object: media type, syntax, kind, unknown fields - with upstream's words for each.

Upstream: apimachinery/pkg/runtime/serializer/{json,protobuf}, apiserver's handlers (transformDecodeError).
"""

from __future__ import annotations

from collections.abc import Container
from typing import Any

from minikube_py.api import protobuf, yamlcodec
from minikube_py.api.context import Context
from minikube_py.api.negotiate import body_media_type
from minikube_py.api.patch import syntax
from minikube_py.api.patch.decode import kind_of
from minikube_py.api.schema.decode import Decoded, DecodeError, decode
from minikube_py.api.schema.diagnosis import strict_errors
from minikube_py.api.schema.schema import Schema
from minikube_py.api.schema.types import Type
from minikube_py.machinery import errors
from minikube_py.machinery.errors import StatusError
from minikube_py.machinery.field import FieldError, Path, invalid
from minikube_py.machinery.gotext import quote
from minikube_py.machinery.gvr import GroupVersionKind, Object

MAX_BYTES = 3 * 1024 * 1024
"""The largest body taken (apiserver's MaxRequestBodyBytes)."""
MAX_WARNINGS = 100
_MAX_DEPTH = 10_000
_SHOWN = 30
"""So many bytes of an unreadable body does the answer show."""

TYPE_META = '{ APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }'
"""What a body that is no object is held against, as Go prints it."""

SCHEME = "pkg/api/legacyscheme/scheme.go:30"
"""How the built-in kinds' scheme calls itself in messages."""


class Read:
    """What a body says, before it is made into a kind's canonical form."""

    __slots__ = ("kind", "problems", "tree")

    def __init__(self, tree: Object, kind: GroupVersionKind, problems: list[str]) -> None:
        self.tree = tree
        self.kind = kind
        self.problems = problems
        """Duplicate keys, in strict decoding's words."""


def read(body: bytes, media_type: str, expected: GroupVersionKind, schema: Schema, strict: bool) -> Read:
    """The tree of a body and the kind it says it is; what it leaves out is `expected`'s.

    media_type is "json", "yaml" or "protobuf". Raises StatusError 400.
    """
    problems: list[str] = []
    try:
        if media_type == "protobuf":
            tree = protobuf.decode(body, schema, expected)
        elif media_type == "yaml":
            tree, problems = _read_yaml(body, strict)
        else:
            tree, problems = syntax.load_strict(body) if strict else (syntax.load(body), problems)
    except syntax.JSONSyntaxError as error:
        raise _unrecognized(body, expected, f"couldn't get version/kind; json parse error: {error}") from None
    except protobuf.ProtobufError as error:
        if error.kind is not None:
            raise _unhandled(error.kind, expected, str(error)) from None
        raise _unrecognized(body, expected, str(error)) from None
    except yamlcodec.YAMLError as error:
        raise _unrecognized(body, expected, str(error)) from None
    except RecursionError:
        raise errors.bad_request("exceeded max depth") from None
    if tree is None:
        tree = {}  # in Go, null leaves what it is read into as it was
    if not isinstance(tree, dict):
        text = f"json: cannot unmarshal {kind_of(tree)} into Go value of type struct {TYPE_META}"
        raise _unrecognized(body, expected, f"couldn't get version/kind; json parse error: {text}")
    return Read(tree, _kind(tree, body, expected), problems)


def decode_object(
    ctx: Context,
    body: bytes,
    media_type: str,
    expected: GroupVersionKind,
    type: Type,
    schema: Schema,
    accepts: Container[GroupVersionKind] = (),
) -> Object:
    """A body as a canonical object of the expected kind; warnings go to the context. Raises StatusError 400.

    `accepts`: other versions of the kind whose bodies are read as if they were of the expected one.
    """
    found = read(body, media_type, expected, schema, ctx.field_validation != "Ignore")
    if ctx.resource.custom and expected == ctx.resource.gvk:
        if not found.tree.get("kind"):
            text = body.decode("utf-8", "replace")
            raise _unrecognized(body, expected, f"Object 'Kind' is missing in '{text}'")
        check_custom_kind(found.tree, expected)
    elif found.kind not in accepts:
        check_kind(found.tree, found.kind, expected, schema)
    at_once = media_type == "json" and not ctx.resource.custom
    return canonical(ctx, found.tree, found.problems, expected, type, body if at_once else None)


def canonical(
    ctx: Context,
    tree: Object,
    problems: list[str],
    expected: GroupVersionKind,
    type: Type,
    text: bytes | None = None,
) -> Object:
    """The tree as the expected kind's canonical form; warnings about what it left out go to the context.

    `text`: JSON that is read into the kind at once, so that all of its problems are told in the order in which they
    stand, and those within what is unknown are not.
    """
    try:
        decoded = decode(type, tree)
    except DecodeError as error:
        raise _unhandled(expected, expected, str(error)) from None
    obj: Object = decoded.object
    obj["kind"], obj["apiVersion"] = expected.kind, expected.api_version
    ctx.empties = decoded.empties
    if ctx.field_validation == "Ignore" or not (problems or decoded.unknown):
        return obj
    custom = ctx.resource.custom and expected == ctx.resource.gvk
    if problems and text is not None:
        problems = [str(each) for each in strict_errors(type, text.decode("utf-8", "replace"))]
    else:
        problems = [*problems, *unknown_fields(decoded, custom)][:MAX_WARNINGS]
    if not problems:
        return obj
    if ctx.field_validation == "Strict":
        raise _unhandled(expected, expected, "strict decoding error: " + ", ".join(problems))
    ctx.warnings.extend(warning for problem in problems for warning in yaml_warnings(problem))
    return obj


def unknown_fields(decoded: Decoded, tree_to_tree: bool) -> list[str]:
    """What was unknown, in words; what upstream reads from trees instead of from JSON it names as it stands, unescaped
    (apimachinery/pkg/runtime/converter.go, apiextensions-apiserver/pkg/apiserver/customresource_handler.go)."""
    named = '"{}"'.format if tree_to_tree else quote
    return [f"unknown field {named(path)}" for path in decoded.unknown]


def read_delete_options(body: bytes, content_type: str | None, schema: Schema) -> Object:
    """The tree of a DELETE's body. Raises StatusError 400 and 415."""
    media_type = body_media_type(content_type)
    expected = GroupVersionKind("", "v1", "DeleteOptions")
    try:
        if media_type == "protobuf":
            tree = protobuf.decode(body, schema)
        elif media_type == "yaml":
            tree = yamlcodec.load(body)
        else:
            tree = syntax.load(body)
    except syntax.JSONSyntaxError as error:
        raise errors.bad_request(f"couldn't get version/kind; json parse error: {error}") from None
    except (yamlcodec.YAMLError, protobuf.ProtobufError) as error:
        raise errors.bad_request(str(error)) from None
    if tree is None:
        return {}
    if not isinstance(tree, dict):
        text = f"json: cannot unmarshal {kind_of(tree)} into Go value of type struct {TYPE_META}"
        raise errors.bad_request(f"couldn't get version/kind; json parse error: {text}")
    kind = _kind(tree, body, expected)
    if kind.kind != "DeleteOptions":
        scheme = "k8s.io/apimachinery/pkg/apis/meta/internalversion/scheme/register.go:27"
        raise errors.bad_request(
            f'no kind "{kind.kind}" is registered for version "{kind.api_version}" in scheme "{scheme}"'
        )
    return tree


def check_kind(tree: Object, kind: GroupVersionKind, expected: GroupVersionKind, schema: Schema) -> None:
    """Raises StatusError 400 for a body of another kind than the path asks for."""
    if kind == expected:
        return
    if kind.kind == expected.kind and (kind.group != expected.group or _known(kind, schema)):
        raise errors.bad_request(
            f"the API version in the data ({kind.api_version}) does not match the expected API version "
            f"({expected.api_version})"
        )
    if not _known(kind, schema):
        why = f'no kind "{kind.kind}" is registered for version "{kind.api_version}" in scheme "{SCHEME}"'
        raise _unhandled(kind, expected, why)
    type = schema.type_for(kind)
    if type is not None:
        # Upstream decodes a body as what it says it is before it sees that this is not what was asked for.
        try:
            decode(type, tree)
        except DecodeError as error:
            raise _unhandled(kind, expected, str(error)) from None
    internal = f"({_package(expected)}.{expected.kind})"
    raise _unhandled(kind, expected, f"converting ({kind.version}.{kind.kind}) to {internal}: unknown conversion")


def check_custom_kind(tree: Object, expected: GroupVersionKind) -> None:
    """As `check_kind`, of custom kinds: another kind is not noticed before validation. Raises StatusError 400, 422."""
    given = GroupVersionKind.of(tree)
    if (given.group, given.version) != (expected.group, expected.version):
        raise errors.bad_request(
            f"the API version in the data ({given.api_version}) does not match the expected API version "
            f"({expected.api_version})"
        )
    validate_type_meta(tree, expected)


def validate_type_meta(tree: Object, expected: GroupVersionKind) -> None:
    """Raises StatusError 422 for a custom object of another kind or version, named by what it says it is."""
    given = GroupVersionKind.of(tree)
    found: list[FieldError] = []
    if given.kind != expected.kind:
        found.append(invalid(Path("kind"), given.kind, f"must be {expected.kind}"))
    if given.api_version != expected.api_version:
        found.append(invalid(Path("apiVersion"), given.api_version, f"must be {expected.api_version}"))
    if found:
        metadata = tree.get("metadata")
        name = metadata.get("name") or "" if isinstance(metadata, dict) else ""
        raise errors.invalid(given.group, given.kind, name, found)


def _known(kind: GroupVersionKind, schema: Schema) -> bool:
    single = GroupVersionKind(kind.group, kind.version, kind.kind.removesuffix("List"))
    return schema.type_for(kind) is not None or schema.type_for(single) is not None


def _package(kind: GroupVersionKind) -> str:
    return kind.group.split(".")[0] if kind.group else "core"


def _unhandled(kind: GroupVersionKind, expected: GroupVersionKind, why: str) -> StatusError:
    return errors.bad_request(f'{kind.kind} in version "{kind.version}" cannot be handled as a {expected.kind}: {why}')


def _unrecognized(body: bytes, expected: GroupVersionKind, why: str) -> StatusError:
    return errors.bad_request(
        f"the object provided is unrecognized (must be of type {expected.kind}): {why} ({summary(body)})"
    )


def summary(body: bytes) -> str:
    """The beginning of a body as answers show it: JSON as text, else in hex (apiserver's summarizeData)."""
    if not body:
        return "<empty>"
    more = " ..." if len(body) > _SHOWN else ""
    if body.startswith(b"{"):
        return body[:_SHOWN].decode("utf-8", "replace") + more
    return body[:_SHOWN].hex() + more


def _kind(tree: Object, body: bytes, expected: GroupVersionKind) -> GroupVersionKind:
    version, kind = tree.get("apiVersion") or "", tree.get("kind") or ""
    if not isinstance(version, str) or not isinstance(kind, str):
        field = "apiVersion" if not isinstance(version, str) else "kind"
        found = f"json: cannot unmarshal {kind_of(tree[field])} into Go struct field .{field} of type string"
        text = f"couldn't get version/kind; json parse error: {found}"
        raise _unrecognized(body, expected, text)
    if version.count("/") > 1:
        raise errors.bad_request(f"unexpected GroupVersion string: {version}")
    group, _, version = version.rpartition("/")
    if not version:
        group, version = expected.group, expected.version
    return GroupVersionKind(group, version, kind or expected.kind)


def yaml_warnings(problem: str) -> list[str]:
    """A problem as warnings: go-yaml's complaints one by one, without what leads up to them."""
    _, found, complaints = problem.partition("yaml: unmarshal errors:\n")
    return [line.strip() for line in complaints.split("\n")] if found else [problem]


def _read_yaml(body: bytes, strict: bool) -> tuple[Any, list[str]]:
    tree, duplicates = yamlcodec.load_strict(body)
    if strict and duplicates:
        return tree, ["yaml: unmarshal errors:\n" + "\n".join(duplicates)]
    return tree, []
