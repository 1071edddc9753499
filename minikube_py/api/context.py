"""Who asks for what: carried through one request from the server to the store."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from minikube_py.machinery.clock import rfc3339

if TYPE_CHECKING:
    from minikube_py.api.registry import Registry
    from minikube_py.api.resource import Resource


class User(NamedTuple):
    """Who a request is from (authentication/v1 UserInfo)."""

    name: str
    groups: tuple[str, ...] = ()
    uid: str = ""
    extra: tuple[tuple[str, tuple[str, ...]], ...] = ()


ADMIN = User("system:admin", ("system:masters", "system:authenticated"))
"""The caller on the plain HTTP port, as on upstream's insecure port."""


@dataclass(slots=True)
class Context:
    """One request as the registry and the kinds see it."""

    registry: Registry
    resource: Resource
    verb: str
    """get, list, watch, create, update, patch, delete, deletecollection."""
    namespace: str = ""
    """"" for cluster-scoped resources and for lists over all namespaces."""
    name: str = ""
    subresource: str = ""
    user: User = ADMIN
    user_agent: str = ""
    dry_run: bool = False
    field_manager: str = ""
    """The manager whose name goes into managedFields: the fieldManager option, else the user agent's first word."""
    field_validation: str = "Warn"
    """Ignore, Warn or Strict: what becomes of unknown and duplicate fields."""
    empties: bool = False
    """Whether the draft has empty lists that storing makes null (schema/decode.null_empties)."""
    warnings: list[str] = field(default_factory=list)
    """Warning headers of the answer."""
    heard: bool = True
    """Whether anybody gets to see the warnings; those that take work to find are found only then."""

    @property
    def now(self) -> str:
        """The request's time as metav1.Time."""
        return rfc3339(self.registry.clock.now())

    @property
    def scaling(self) -> bool:
        """Whether it is about the Scale subresource."""
        subresource = self.resource.subresource_by_name.get(self.subresource) if self.subresource else None
        return subresource is not None and subresource.scale is not None
