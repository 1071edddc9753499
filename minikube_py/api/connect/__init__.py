"""Subresources that reach through to a pod's node, or to what runs there: they answer with streams, not with objects.

logs        pods/log
commands    pods/exec, pods/attach
ports       pods/portforward
proxy       pods/proxy, services/proxy, nodes/proxy; transport has their links, websockets what they become

Upstream: pkg/registry/core/pod/rest, pkg/registry/core/pod/strategy.go (LogLocation, streamLocation).
"""

from __future__ import annotations

from minikube_py.api.context import Context
from minikube_py.api.reply import Reply, Request
from minikube_py.api.requestinfo import RequestInfo
from minikube_py.api.resource import Subresource

STREAMS = frozenset({"log", "exec", "attach", "portforward", "proxy"})


def is_stream(subresource: Subresource) -> bool:
    return subresource.name in STREAMS


async def answer(ctx: Context, request: Request, info: RequestInfo) -> Reply:
    """Raises StatusError. What answers is imported with the first request for it: most clusters never see one."""
    if ctx.subresource == "proxy":
        from minikube_py.api.connect import proxy

        return await proxy.answer(ctx, request, info)
    if ctx.subresource == "log":
        from minikube_py.api.connect import logs

        return await logs.answer(ctx, request)
    if ctx.subresource == "portforward":
        from minikube_py.api.connect import ports

        return await ports.answer(ctx, request)
    from minikube_py.api.connect import commands

    return await commands.answer(ctx, request)
