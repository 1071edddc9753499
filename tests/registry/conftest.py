"""A control plane without controllers and nodes, on a virtual clock."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from minikube_py.cluster import Cluster
from tests.registry.api import Api

TRACKING = "kube-apiserver-legacy-service-account-token-tracking"


@pytest.fixture
async def api() -> AsyncIterator[Api]:
    options = {"port": None, "nodes": 0, "controllers": "", "clock": "virtual", "seed": 1, "history": 50}
    async with Cluster(**options, check_mutations=True) as cluster:  # type: ignore[arg-type]
        # Pods need it, and nobody makes it here.
        account = {"metadata": {"name": "default"}}
        api = Api(cluster)
        await api.ask("POST", "/api/v1/namespaces/default/serviceaccounts", account)
        # The tests' ConfigMaps are to be all there are.
        await api.ask("DELETE", f"/api/v1/namespaces/kube-system/configmaps/{TRACKING}")
        cluster.store.compact()
        yield api
        await api.stop()
        cluster.store.verify()
