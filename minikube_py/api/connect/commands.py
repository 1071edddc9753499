"""pods/exec and pods/attach: commands in a pod's containers, and what their first processes read and write."""

from __future__ import annotations

from minikube_py.api.connect.containers import choose_container, require_host
from minikube_py.api.connect.handshake import every, negotiate, upgraded
from minikube_py.api.context import Context
from minikube_py.api.options import Query, parse_bool
from minikube_py.api.reply import Reply, Request, text
from minikube_py.api.streaming import remotecommand
from minikube_py.api.streaming.remotecommand import Wanted
from minikube_py.machinery.streams import CommandFailed


async def answer(ctx: Context, request: Request) -> Reply:
    """Raises StatusError."""
    pod = ctx.registry.find(ctx).object
    container = choose_container(pod, request.query.get("container", ""))
    require_host(pod)
    agreed = negotiate(request, remotecommand.SPDY_PROTOCOLS, remotecommand.WEBSOCKET_PROTOCOLS)
    if isinstance(agreed, Reply):
        return agreed
    wanted = _wanted(request.query, ctx.subresource)
    if not (wanted.stdin or wanted.stdout or wanted.stderr):
        return text(400, "you must specify at least 1 of stdin, stdout, stderr\n")
    try:
        if ctx.subresource == "attach":
            command = await ctx.registry.nodes.attach(pod, container)
        else:
            command = await ctx.registry.nodes.exec(pod, container, every(request.query, "command"))
    except CommandFailed as failure:
        return text(500, f"{failure}\n")
    return upgraded(remotecommand.upgrade(*agreed, wanted, command, ctx.registry.clock))


def _wanted(query: Query, subresource: str) -> Wanted:
    """With a terminal, standard error goes to where standard output goes. Who says nothing of an attach sees both."""

    def said(name: str, default: bool = False) -> bool:
        return parse_bool(query[name]) if name in query else default

    tty = said("tty")
    shown = subresource == "attach"
    return Wanted(said("stdin"), said("stdout", shown), said("stderr", shown) and not tty, tty, shown)
