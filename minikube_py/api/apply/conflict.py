"""Conflicts: what an applier would change that others own.

Upstream: structured-merge-diff merge/conflict.go, apimachinery pkg/util/managedfields/internal/conflict.go.
"""

from __future__ import annotations

from minikube_py.api.apply import fieldset
from minikube_py.api.apply.fieldset import FieldSet, Path
from minikube_py.api.apply.managed import Identifier
from minikube_py.machinery.errors import StatusError, apply_conflict


class Conflicts(Exception):
    """The members of `sets`, by their owners, would be changed by an apply without force."""

    def __init__(self, sets: dict[Identifier, FieldSet]) -> None:
        super().__init__("conflicts")
        self.sets = sets

    def minus(self, allowed: FieldSet) -> Conflicts | None:
        """The conflicts that are not allowed; None if all are."""
        left = {owner: rest for owner, fields in self.sets.items() if (rest := fieldset.difference(fields, allowed))}
        return Conflicts(left) if left else None

    def status_error(self) -> StatusError:
        """409 with a cause for each field."""
        owners = sorted(self.sets, key=Identifier.sort_key)
        found: list[tuple[Identifier, Path]] = [
            (owner, path) for owner in owners for path in fieldset.paths(self.sets[owner])
        ]
        causes = [
            {
                "reason": "FieldManagerConflict",
                "message": f"conflict with {owner}",
                "field": fieldset.path_text(path),
            }
            for owner, path in found
        ]
        if len(found) == 1:
            owner, path = found[0]
            return apply_conflict(
                causes, f"Apply failed with 1 conflict: conflict with {owner}: {fieldset.path_text(path)}"
            )
        lines: list[str] = []
        for owner in owners:
            lines.append(f"conflicts with {owner}:")
            lines += [f"- {fieldset.path_text(path)}" for path in fieldset.paths(self.sets[owner])]
        return apply_conflict(causes, f"Apply failed with {len(found)} conflicts: " + "\n".join(lines))
