"""What is done for a pod that fits nowhere, before room is made by preemption (PostFilter of other plugins)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import NamedTuple

from minikube_py.controllers.scheduler.framework import Profile
from minikube_py.machinery.errors import StatusError

NOT_PREPARED = "not found"
"""What a plugin says, as an error, when one before it refused the pod altogether: it has no notes of that pod."""


class Remedy(NamedTuple):
    message: str = ""
    attempt: Callable[[], Awaitable[str]] | None = None
    """Gives the message when awaited. Raises StatusError."""
    preemption: bool = True
    """Whether that may follow."""


NO_REMEDY = Remedy()


def remedy_for(profile: Profile, refused_by: str, attempt: Callable[[], Awaitable[str]] | None) -> Remedy:
    """`refused_by` is the plugin that refused the pod altogether, "" if none did; `attempt` what one offers."""
    names = [plugin.name for plugin in profile.plugins]
    speaker = next((plugin for plugin in profile.plugins if plugin.no_remedy), None)
    if speaker is None:
        return NO_REMEDY
    if refused_by in names and names.index(refused_by) < names.index(speaker.name):
        return Remedy(NOT_PREPARED, preemption=False)
    return Remedy(speaker.no_remedy, attempt)


async def attempted(remedy: Remedy) -> Remedy:
    """With what came of the attempt, if it has one; an error ends it all."""
    if remedy.attempt is None:
        return remedy
    try:
        return Remedy(await remedy.attempt())
    except StatusError as error:
        return Remedy(str(error), preemption=False)
