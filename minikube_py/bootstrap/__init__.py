"""What an API server has from its start.

system.py        namespaces, the Service `kubernetes`, priority classes: few, and created as anybody creates
rbac.py          default roles and bindings (clusterroles, controllerroles, namespaceroles, bindings: the facts)
gathering.py     roles with the rules that they gather of others
flowcontrol.py   flow schemas and priority levels
servicecidr.py   the range of Services' addresses
apiservices.py   an APIService for each version of a group
seed.py          how the many are put into the store at once
"""

from __future__ import annotations

from minikube_py.api.catalog import Catalog
from minikube_py.api.registry import Registry
from minikube_py.bootstrap import apiservices, flowcontrol, rbac, servicecidr
from minikube_py.bootstrap.gathering import gathered_roles
from minikube_py.bootstrap.seed import API_SERVER, Seed, Sower
from minikube_py.bootstrap.system import create_system
from minikube_py.client.protocol import Client
from minikube_py.machinery.clock import rfc3339

__all__ = ["bootstrap", "seeds_of"]

TRACKING_SINCE = 27
"""The first minor version that writes down the use of accounts' old tokens (LegacyServiceAccountTokenTracking)."""


async def bootstrap(registry: Registry, client: Client, service_cidr: str, *, gather: bool = False) -> None:
    """Create what is not there yet; `client` is the registry's. `gather`: whether a controller gathers ClusterRoles."""
    minor = int(registry.catalog.schema.version.partition(".")[2])
    today = rfc3339(registry.clock.now())[:10] if minor >= TRACKING_SINCE else ""
    await create_system(client.as_user_agent(API_SERVER), service_cidr, today)
    Sower(registry).sow(seeds_of(registry.catalog, service_cidr, gather=gather))


def seeds_of(catalog: Catalog, service_cidr: str, *, gather: bool = False) -> list[Seed]:
    """All that is put into the store at once, in this order. Without `gather` roles that gather others are without
    rules."""
    return [
        *(gathered_roles() if gather else rbac.seeds()),
        *flowcontrol.seeds(catalog),
        *servicecidr.seeds(catalog, service_cidr),
        *apiservices.seeds(catalog),
    ]
