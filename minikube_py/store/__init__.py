"""etcd's part: revisions, compare-and-set, watch with history, snapshots."""

from __future__ import annotations

from minikube_py.store.shelf import Ready
from minikube_py.store.store import Snapshot, Store
from minikube_py.store.stored import (
    Event,
    EventType,
    Exists,
    Expired,
    FutureRevision,
    Key,
    Mismatch,
    Missing,
    Mutated,
    Stored,
    Write,
    encoded,
)
from minikube_py.store.watcher import Watcher

__all__ = [
    "Event",
    "EventType",
    "Exists",
    "Expired",
    "FutureRevision",
    "Key",
    "Mismatch",
    "Missing",
    "Mutated",
    "Ready",
    "Snapshot",
    "Store",
    "Stored",
    "Watcher",
    "Write",
    "encoded",
]
