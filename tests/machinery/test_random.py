"""Random: what is drawn looks as Kubernetes makes it, and is the same for the same seed."""

from __future__ import annotations

import random
import uuid

from minikube_py.machinery.random import Random


def test_uids_are_version_4_uuids_of_the_seed() -> None:
    ours, bits = Random(7), random.Random(7)
    for _ in range(1000):
        assert ours.uid() == str(uuid.UUID(int=bits.getrandbits(128), version=4))
