"""Chains of causes: why an object is as it is, back to whoever asked for it.

Followed through the store's journal: a write names the work that made it, that work names the revisions it answered
to, and each of these is a write again.
"""

from __future__ import annotations

from typing import Any

from minikube_py.store import Key, Store, Write

DEPTH = 20
"""So many links are followed."""


def object_history(store: Store, key: Key) -> list[Write]:
    """The writes of one object that the journal still has, oldest first."""
    return [write for write in store.journal if write.key == key]


def chain(store: Store, write: Write) -> list[Write]:
    """A write and those that led to it, latest first. Of several triggers the earliest counts: it is the one that
    queued the work."""
    by_revision = {each.revision: each for each in store.journal}
    links = [write]
    seen = {write.revision}
    while len(links) < DEPTH:
        cause = links[-1].cause
        found = next((by_revision[r] for r in (cause.triggers if cause else ()) if r in by_revision), None)
        if found is None or found.revision in seen:
            return links
        seen.add(found.revision)
        links.append(found)
    return links


def write_json(write: Write) -> dict[str, Any]:
    return {
        "revision": write.revision,
        "type": write.type,
        "resource": write.key.resource,
        "namespace": write.key.namespace,
        "name": write.key.name,
        "cause": write.cause.to_json() if write.cause is not None else None,
    }


def explanation(store: Store, key: Key) -> list[list[dict[str, Any]]]:
    """For each write of the object, oldest first, its chain."""
    return [[write_json(link) for link in chain(store, write)] for write in object_history(store, key)]


def cause_text(cause: dict[str, Any] | None) -> str:
    """One piece of work in words, from its JSON form."""
    if cause is None:
        return "unknown"
    if cause["kind"] != "reconcile":
        return f"{cause['subject']} by {cause['actor']}"
    reason = f", {cause['reason']}" if cause["reason"] else ""
    waited, took = cause["waitedSeconds"] * 1000, cause["tookSeconds"] * 1000
    failed = f", failed: {cause['outcome']}" if cause["outcome"] else ""
    return f"{cause['actor']} on {cause['subject']} (waited {waited:.1f} ms, took {took:.1f} ms{reason}{failed})"


def explanation_text(history: list[list[dict[str, Any]]]) -> list[str]:
    """The lines that `minikube-py why` prints. A link that was told already is named, not told again."""
    lines: list[str] = []
    told: set[int] = set()
    for links in history:
        for depth, link in enumerate(links):
            where = f"{link['namespace']}/{link['name']}" if link["namespace"] else link["name"]
            verb = {"ADDED": "created", "MODIFIED": "changed", "DELETED": "deleted"}[link["type"]]
            subject = f"because {link['resource']} {where} was " if depth else ""
            text = f"{'  ' * depth}{subject}{verb} at {link['revision']}"
            if depth and link["revision"] in told:
                lines.append(f"{text} (see above)")
                break
            told.add(link["revision"])
            lines.append(f"{text} by {cause_text(link['cause'])}")
    return lines
