"""The official Python client's leader election on a Lease, step by step instead of by its timer."""

from __future__ import annotations

import pytest
from kubernetes import client
from kubernetes.leaderelection.electionconfig import Config
from kubernetes.leaderelection.leaderelection import LeaderElection
from kubernetes.leaderelection.resourcelock.leaselock import LeaseLock

from minikube_py.threaded import ThreadedCluster


@pytest.fixture
def leases(api: client.ApiClient, cluster: ThreadedCluster) -> client.CoordinationV1Api:
    return client.CoordinationV1Api(api)


def candidate(leases: client.CoordinationV1Api, identity: str) -> LeaderElection:
    lock = LeaseLock("election", "default", identity)
    lock.api_instance = leases
    nothing = {"onstarted_leading": lambda: None, "onstopped_leading": lambda: None}
    return LeaderElection(Config(lock, lease_duration=17, renew_deadline=15, retry_period=5, **nothing))


def holder(leases: client.CoordinationV1Api) -> str:
    return str(leases.read_namespaced_lease("election", "default").spec.holder_identity)


def test_one_leads(leases: client.CoordinationV1Api) -> None:
    ann, bob = candidate(leases, "ann"), candidate(leases, "bob")
    assert ann.try_acquire_or_renew()
    assert not bob.try_acquire_or_renew()
    assert ann.try_acquire_or_renew()
    assert holder(leases) == "ann"


def test_another_leads_once_the_lease_is_over(leases: client.CoordinationV1Api) -> None:
    ann, bob = candidate(leases, "ann"), candidate(leases, "bob")
    assert ann.try_acquire_or_renew()
    assert not bob.try_acquire_or_renew()
    bob.observed_time_milliseconds = 0  # as if it had seen no renewal for very long
    assert bob.try_acquire_or_renew()
    assert holder(leases) == "bob"
    assert not ann.try_acquire_or_renew()


def test_of_two_that_renew_at_once_one_wins(leases: client.CoordinationV1Api) -> None:
    candidate(leases, "ann").try_acquire_or_renew()
    one, other = (leases.read_namespaced_lease("election", "default") for _ in range(2))
    one.spec.holder_identity, other.spec.holder_identity = "one", "other"
    leases.replace_namespaced_lease("election", "default", one)
    with pytest.raises(client.ApiException) as raised:
        leases.replace_namespaced_lease("election", "default", other)
    assert raised.value.status == 409
    assert holder(leases) == "one"
