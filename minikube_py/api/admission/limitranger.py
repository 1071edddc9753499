"""LimitRanger: pods get the defaults of their namespace's LimitRanges, and pods and claims must keep within bounds
(plugin/pkg/admission/limitranger)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from minikube_py.api.admission.refusal import forbidden
from minikube_py.api.context import Context
from minikube_py.machinery import podresources
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.integers import INT64_MAXIMUM
from minikube_py.machinery.meta import is_deleting
from minikube_py.machinery.quantity import ZERO, Quantity, parse
from minikube_py.machinery.quota.amounts import Amounts, parsed

ANNOTATION = "kubernetes.io/limit-ranger"
_MAXIMUM_MILLI = INT64_MAXIMUM // 1000
_CLAIMS = "persistentvolumeclaims"


class LimitRanger:
    name = "LimitRanger"
    handles = frozenset({("pods", ""), ("pods", "resize"), (_CLAIMS, "")})
    verbs = frozenset({"create", "update"})

    async def admit(self, ctx: Context, obj: Object, old: Object | None) -> None:
        if ctx.resource.key == "pods":
            for limit_range in _ranges(ctx, old):
                _set_defaults(obj, limit_range)

    async def validate(self, ctx: Context, obj: Object, old: Object | None) -> None:
        check = _pod_problems if ctx.resource.key == "pods" else _claim_problems
        for limit_range in _ranges(ctx, old):
            problems = list(dict.fromkeys(check(limit_range["spec"].get("limits") or (), obj)))
            if problems:
                raise forbidden(ctx, obj, problems[0] if len(problems) == 1 else f"[{', '.join(problems)}]")


def _ranges(ctx: Context, old: Object | None) -> list[Object]:
    """Those that the request is to be held against. A pod's update is free, but for its resizing."""
    stored = ctx.registry.store.list("limitranges", ctx.namespace)
    if not stored or (old is not None and (is_deleting(old) or (ctx.resource.key == "pods" and not ctx.subresource))):
        return []
    return [each.object for each in stored]


# Defaults


def _set_defaults(pod: Object, limit_range: Object) -> None:
    requests: dict[str, str] = {}
    limits: dict[str, str] = {}
    for limit in limit_range["spec"].get("limits") or ():
        if limit["type"] == "Container":
            requests.update(limit.get("defaultRequest") or {})
            limits.update(limit.get("default") or {})
    told: list[str] = []
    for field, kind in (("containers", "container"), ("initContainers", "init container")):
        for container in pod["spec"].get(field) or ():
            for side, defaults in (("requests", requests), ("limits", limits)):
                if names := _fill(container, side, defaults):
                    told.append(f"{', '.join(names)} {side[:-1]} for {kind} {container['name']}")
    if told:
        metadata = pod["metadata"]
        text = f"LimitRanger plugin set: {'; '.join(told)}"
        metadata["annotations"] = dict(sorted({**(metadata.get("annotations") or {}), ANNOTATION: text}.items()))


def _fill(container: Object, side: str, defaults: dict[str, str]) -> list[str]:
    """The names of what was missing."""
    resources = container.get("resources") or {}
    given = resources.get(side) or {}
    missing = sorted(name for name in defaults if name not in given)
    if missing:
        filled = dict(sorted({**defaults, **given}.items()))
        container["resources"] = {**resources, side: filled}
    return missing


# Bounds


def _pod_problems(limits: Iterable[Object], pod: Object) -> Iterator[str]:
    spec = pod["spec"]
    for limit in limits:
        if limit["type"] == "Container":
            for container in (*(spec.get("containers") or ()), *(spec.get("initContainers") or ())):
                resources = container.get("resources") or {}
                yield from _problems(limit, parsed(resources.get("requests")), parsed(resources.get("limits")))
        elif limit["type"] == "Pod":
            yield from _problems(limit, _of_pod(spec, "requests"), _of_pod(spec, "limits"))


def _of_pod(spec: Object, side: str) -> Amounts:
    totals = podresources.aggregate(spec, lambda container: parsed((container.get("resources") or {}).get(side)))
    for name, text in ((spec.get("resources") or {}).get(side) or {}).items():
        if name in ("cpu", "memory"):
            totals[name] = parse(text)
    return totals


def _claim_problems(limits: Iterable[Object], claim: Object) -> Iterator[str]:
    """Claims have no limits, so their requests are what must not be too much."""
    requests = parsed((claim["spec"].get("resources") or {}).get("requests"))
    for limit in limits:
        if limit["type"] == "PersistentVolumeClaim":
            for name, bound in sorted(parsed(limit.get("min")).items()):
                yield from _too_little(limit["type"], name, bound, requests, {})
            for name, bound in sorted(parsed(limit.get("max")).items()):
                yield from _too_much(limit["type"], name, bound, (("request", requests),))


def _problems(limit: Object, requests: Amounts, limits: Amounts) -> Iterator[str]:
    kind = limit["type"]
    for name, bound in sorted(parsed(limit.get("min")).items()):
        yield from _too_little(kind, name, bound, requests, limits)
    for name, bound in sorted(parsed(limit.get("max")).items()):
        yield from _too_much(kind, name, bound, (("limit", limits), ("request", requests)))
    for name, bound in sorted(parsed(limit.get("maxLimitRequestRatio")).items()):
        yield from _too_far_apart(kind, name, bound, requests.get(name, ZERO), limits.get(name, ZERO))


def _too_little(kind: str, name: str, bound: Quantity, requests: Amounts, limits: Amounts) -> Iterator[str]:
    words = f"minimum {name} usage per {kind} is {bound}"
    if name not in requests:
        yield f"{words}.  No request is specified"
        return
    for what, amounts in (("request", requests), ("limit", limits)):
        if name in amounts and amounts[name] < bound:
            yield f"{words}, but {what} is {amounts[name]}"
            return


def _too_much(kind: str, name: str, bound: Quantity, sides: tuple[tuple[str, Amounts], ...]) -> Iterator[str]:
    """The first side must be given."""
    words = f"maximum {name} usage per {kind} is {bound}"
    first, amounts = sides[0]
    if name not in amounts:
        yield f"{words}.  No {first} is specified"
        return
    for what, amounts in sides:
        if name in amounts and amounts[name] > bound:
            yield f"{words}, but {what} is {amounts[name]}"
            return


def _too_far_apart(kind: str, name: str, bound: Quantity, request: Quantity, limit: Quantity) -> Iterator[str]:
    words = f"{name} max limit to request ratio per {kind} is {bound}"
    low, high = request.value(), limit.value()
    if max(low, high) <= _MAXIMUM_MILLI:
        low, high = request.milli_value(), limit.milli_value()
    if not low:
        yield f"{words}, but no request is specified or request is 0"
    elif not high:
        yield f"{words}, but no limit is specified or limit is 0"
    elif high / low > float(bound):
        yield f"{words}, but provided ratio is {high / low:f}"


PLUGIN = LimitRanger()
