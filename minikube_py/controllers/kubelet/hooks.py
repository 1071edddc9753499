"""What lifecycle hooks take (pkg/kubelet/lifecycle/handlers.go)."""

from __future__ import annotations

import math
from typing import NamedTuple

from minikube_py.controllers.kubelet.plaincommand import ending
from minikube_py.machinery.gvr import Object


class Hook(NamedTuple):
    """Of a hook that was run: its seconds, and whether it went well."""

    takes: float
    ok: bool


AT_ONCE = Hook(0.0, True)


def hook(container: Object, name: str) -> Hook:
    """The container's hook "postStart" or "preStop". A sleep takes its seconds and a command what it plainly says;
    requests are answered at once, and so is what cannot be foreseen."""
    lifecycle = container.get("lifecycle")
    handler = lifecycle.get(name) if lifecycle else None
    if not handler:
        return AT_ONCE
    if "sleep" in handler:
        return Hook(float(handler["sleep"]["seconds"]), True)
    ends = ending(tuple(handler["exec"].get("command") or ())) if "exec" in handler else None
    if ends is None:
        return AT_ONCE
    return Hook(math.inf if ends.after is None else ends.after, ends.code == 0)
