"""What to attach and detach of one volume (attachdetach/reconciler/reconciler.go). Pure.

attached to   wanted on     the volume          becomes
-             one           any                 attach one
one           one           any                 -
one           -             any                 detach one
one           one, two      for many nodes      attach two
one           one, two      for one node        two is refused: Multi-Attach error
one           two           for one node        detach one; attach two once that is done
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from minikube_py.controllers.runtime.pods import node_name
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.meta import name, namespace


class Plan(NamedTuple):
    """Names of nodes."""

    attach: list[str]
    detach: list[str]
    refuse: list[str]
    """Those that must wait until others are done with the volume."""


def plan(wanted: Sequence[str], attached: Sequence[str], in_use: Collection[str], many: bool) -> Plan:
    """`attached` are the nodes it is attached to, or about to be; `in_use` those of them whose kubelets still have it
    mounted; `many` tells whether several may have it."""
    detach = [node for node in attached if node not in wanted and node not in in_use]
    missing = [node for node in wanted if node not in attached]
    if many:
        return Plan(missing, detach, [])
    if attached:
        # What is being detached is attached until it is not.
        return Plan([], detach, missing)
    return Plan(missing[:1], detach, missing[1:])


def refusal(pod: Object, volume: str, holders: Mapping[str, Sequence[Object]]) -> str:
    """Why the pod cannot have the volume, which pods of other nodes hold. Names of other namespaces are not told."""
    others = [each for node, pods in holders.items() if node != node_name(pod) for each in pods]
    if not others:
        why = "Volume is already exclusively attached to one node and can't be attached to another"
        return message("Multi-Attach error", volume, why)
    local = [name(each) for each in others if namespace(each) == namespace(pod)]
    foreign = len(others) - len(local)
    if local:
        why = f"Volume is already used by pod(s) {', '.join(local)}"
        if foreign:
            why += f" and {foreign} pod(s) in different namespaces"
    else:
        why = f"Volume is already used by {foreign} pod(s) in different namespaces"
    return message("Multi-Attach error", volume, why)


def message(what: str, volume: str, why: str = "") -> str:
    """As upstream words it, with a blank at the end where there is nothing more to say."""
    return f'{what} for volume "{volume}" {why}'
