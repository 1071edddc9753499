"""What the server itself writes into metadata (apiserver's registry/rest/meta.go)."""

from __future__ import annotations

from minikube_py.api.context import Context
from minikube_py.machinery import errors
from minikube_py.machinery.gvr import Object

ORDER = (
    "name",
    "generateName",
    "namespace",
    "selfLink",
    "uid",
    "resourceVersion",
    "generation",
    "creationTimestamp",
    "deletionTimestamp",
    "deletionGracePeriodSeconds",
    "labels",
    "annotations",
    "ownerReferences",
    "finalizers",
    "managedFields",
)
"""ObjectMeta's fields in Go's order, which is the order on the wire."""

_SYSTEM_FIELDS = ("creationTimestamp", "uid", "deletionTimestamp", "deletionGracePeriodSeconds", "selfLink")
MAX_GENERATED_NAME = 63
SUFFIX_LENGTH = 5

DUPLICATE_OWNERS = (
    ".metadata.ownerReferences contains duplicate entries{when}; API server dedups owner references in 1.20+, and may "
    "reject such requests as early as 1.24; please fix your requests; duplicate UID(s) observed: {uids}"
)


def wipe_system_fields(metadata: Object) -> None:
    for name in _SYSTEM_FIELDS:
        metadata.pop(name, None)


def fill_system_fields(ctx: Context, metadata: Object) -> None:
    metadata["creationTimestamp"] = ctx.now
    metadata["uid"] = ctx.registry.random.uid()


def generate_name(ctx: Context, base: str) -> str:
    """apiserver's names.SimpleNameGenerator."""
    return base[: MAX_GENERATED_NAME - SUFFIX_LENGTH] + ctx.registry.random.suffix(SUFFIX_LENGTH)


def ensure_namespace(ctx: Context, metadata: Object) -> None:
    """The object's namespace is the request's, or is set to it. Raises StatusError 400."""
    expected = ctx.namespace if ctx.resource.namespaced else ""
    given = metadata.get("namespace", "")
    if given == expected:
        return
    if given and expected:
        raise errors.bad_request(
            "the namespace of the provided object does not match the namespace sent on the request"
        )
    if expected:
        metadata["namespace"] = expected
    else:
        del metadata["namespace"]


def check_name(ctx: Context, metadata: Object) -> None:
    """The object's name is the URL's (apiserver's checkName). Raises StatusError 400."""
    name = metadata.get("name", "")
    if not name:
        raise errors.bad_request(
            f"the name of the object ({ctx.name} based on URL) was undeterminable: name must be provided"
        )
    if name != ctx.name:
        raise errors.bad_request(f"the name of the object ({name}) does not match the name on the URL ({ctx.name})")
    namespace = metadata.get("namespace", "")
    if ctx.namespace and namespace and namespace != ctx.namespace:
        raise errors.bad_request(
            f"the namespace of the object ({namespace}) does not match the namespace on the URL ({ctx.namespace})"
        )


def dedup_owner_references(ctx: Context, metadata: Object, after_admission: bool) -> None:
    """Equal owner references are kept once, with a warning."""
    references = metadata.get("ownerReferences")
    if not references or len(references) < 2:
        return
    kept: list[Object] = []
    repeated: list[str] = []
    for reference in references:
        if reference in kept:
            repeated.append(reference["uid"])
        else:
            kept.append(reference)
    if repeated:
        metadata["ownerReferences"] = kept
        when = " after mutating admission happens" if after_admission else ""
        ctx.warnings.append(DUPLICATE_OWNERS.format(when=when, uids=", ".join(dict.fromkeys(repeated))))


def ordered(obj: Object) -> Object:
    """The object with kind, apiVersion and metadata first, and metadata in Go's order."""
    metadata = obj["metadata"]
    head = {"kind": obj["kind"], "apiVersion": obj["apiVersion"]}
    head["metadata"] = {name: metadata[name] for name in ORDER if name in metadata}
    return {**head, **obj, "metadata": head["metadata"]}
