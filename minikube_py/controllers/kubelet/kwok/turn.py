"""What came of playing an object's Stages."""

from __future__ import annotations

from typing import NamedTuple

from minikube_py.machinery.gvr import Object


class Turn(NamedTuple):
    """What came of playing."""

    obj: Object | None
    """As it is now; None if it was deleted."""
    wait: float | None
    """Seconds until the next stage, None if there is none."""
    told_status: bool
    """Whether its status was written."""
    is_all: bool
    """Whether nobody else is to do anything with it now."""
