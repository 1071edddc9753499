"""Subresources that reach through to a pod's node: log, and what needs a stream (exec, attach, port-forward, proxy).

Upstream: pkg/registry/core/pod/rest, pkg/registry/core/pod/strategy.go (LogLocation, streamLocation).
"""

from __future__ import annotations

from minikube_py.api.context import Context
from minikube_py.api.nodes import LogOptions
from minikube_py.api.options import Query, parse_bool, parse_int
from minikube_py.api.reply import PLAIN_TEXT, Reply, Request
from minikube_py.api.requestinfo import RequestInfo
from minikube_py.api.resource import Subresource
from minikube_py.machinery import errors
from minikube_py.machinery.clock import parse_rfc3339
from minikube_py.machinery.field import FieldError, Path, forbidden, invalid
from minikube_py.machinery.gotext import quote
from minikube_py.machinery.gvr import Object
from minikube_py.store import Key

STREAMS = frozenset({"log", "exec", "attach", "portforward", "proxy"})


def is_stream(subresource: Subresource) -> bool:
    return subresource.name in STREAMS


async def answer(ctx: Context, request: Request, info: RequestInfo) -> Reply:
    """Raises StatusError."""
    if ctx.subresource == "proxy":
        ctx.name = proxied_name(ctx.name)
    obj = ctx.registry.find(ctx).object
    if ctx.subresource == "log":
        return await _log(ctx, request.query, obj)
    if ctx.subresource == "proxy":
        _check_proxied(ctx, obj)
    else:
        if ctx.subresource != "portforward":
            choose_container(obj, request.query.get("container", ""))
        if not obj["spec"].get("nodeName"):
            raise errors.bad_request(f"pod {ctx.name} does not have a host assigned")
    raise errors.internal_error(f"error dialing backend: the node does not serve {ctx.subresource}")


def proxied_name(text: str) -> str:
    """The name in "name", "name:port" or "scheme:name:port" (apimachinery/pkg/util/net SplitSchemeNamePort)."""
    parts = text.split(":")
    return parts[1] if len(parts) == 3 else parts[0]


def _check_proxied(ctx: Context, obj: Object) -> None:
    """Raises StatusError for what has no address to go to."""
    if ctx.resource.plural == "pods" and not (obj.get("status") or {}).get("podIP"):
        raise errors.bad_request("address not allowed")
    if ctx.resource.plural == "services":
        endpoints = ctx.registry.store.get(Key("endpoints", ctx.namespace, ctx.name))
        if endpoints is None:
            raise errors.not_found(ctx.resource.group_resource, ctx.name)
        if not any(subset.get("addresses") for subset in endpoints.object.get("subsets") or ()):
            raise errors.service_unavailable(f'no endpoints available for service "{ctx.name}"')


async def _log(ctx: Context, query: Query, pod: Object) -> Reply:
    options = log_options(ctx, query, pod)
    if not pod["spec"].get("nodeName"):
        return Reply(204, content_type="")
    body = await ctx.registry.nodes.logs(pod, options)
    return Reply(200, body, PLAIN_TEXT)


def log_options(ctx: Context, query: Query, pod: Object) -> LogOptions:
    """PodLogOptions from the query, checked as upstream does. Raises StatusError."""
    numbers = {name: parse_int(query[name]) for name in ("tailLines", "limitBytes", "sinceSeconds") if name in query}
    found: list[FieldError] = []
    if (tail := numbers.get("tailLines")) is not None and tail < 0:
        found.append(invalid(Path("tailLines"), tail, "must be greater than or equal to 0"))
    if (limit := numbers.get("limitBytes")) is not None and limit < 1:
        found.append(invalid(Path("limitBytes"), limit, "must be greater than 0"))
    since = numbers.get("sinceSeconds")
    if since is not None and "sinceTime" in query:
        found.append(forbidden(Path(""), "at most one of `sinceTime` or `sinceSeconds` may be specified"))
    elif since is not None and since < 1:
        found.append(invalid(Path("sinceSeconds"), since, "must be greater than 0"))
    if found:
        raise errors.invalid("", "PodLogOptions", ctx.name, found)
    return LogOptions(
        choose_container(pod, query.get("container", "")),
        follow="follow" in query and parse_bool(query["follow"]),
        previous="previous" in query and parse_bool(query["previous"]),
        since_seconds=since,
        since_time=_time(query["sinceTime"]) if "sinceTime" in query else None,
        timestamps="timestamps" in query and parse_bool(query["timestamps"]),
        tail_lines=tail,
        limit_bytes=limit,
    )


def _time(text: str) -> float:
    try:
        return parse_rfc3339(text)
    except ValueError:
        layout = "2006-01-02T15:04:05Z07:00"
        raise errors.bad_request(
            f'parsing time {quote(text)} as "{layout}": cannot parse {quote(text)} as "2006"'
        ) from None


def choose_container(pod: Object, wanted: str) -> str:
    """The container meant: the one named, or the only one. Raises StatusError 400."""
    name = pod["metadata"]["name"]
    spec = pod["spec"]
    init = [container["name"] for container in spec.get("initContainers") or []]
    main = [container["name"] for container in spec.get("containers") or []]
    ephemeral = [container["name"] for container in spec.get("ephemeralContainers") or []]
    if wanted:
        if wanted not in (*init, *main, *ephemeral):
            raise errors.bad_request(f"container {wanted} is not valid for pod {name}")
        return wanted
    if len(main) == 1:
        return str(main[0])
    chosen = " ".join([*init, *main, *ephemeral])
    raise errors.bad_request(f"a container name must be specified for pod {name}, choose one of: [{chosen}]")
