"""Kinds that are served by their facts alone: checked against the schema, stored, listed, watched and patched.

A kind with defaults, validation or columns of its own has a module of its own instead. Facts: pkg/registry/*/storage.
"""

from __future__ import annotations

from minikube_py.api.resource import VERBS, Resource, Subresource
from minikube_py.api.strategy import StatusStrategy, Strategy


class _WithStatus(Strategy):
    has_status = True
    reset_fields = (("status",),)


class _WithGeneration(Strategy):
    has_generation = True


class _WithBoth(_WithStatus):
    has_generation = True


_EXTENSION = ("api-extensions",)


def _row(
    group_version: str,
    plural: str,
    kind: str,
    *,
    namespaced: bool = False,
    short: tuple[str, ...] = (),
    categories: tuple[str, ...] = (),
    verbs: tuple[str, ...] = VERBS,
    status: bool = False,
    generation: bool = False,
    subresources: tuple[str, ...] = (),
) -> Resource:
    """`subresources` are those that change the status besides the status subresource itself."""
    group, _, version = group_version.rpartition("/")
    policies = {(False, False): Strategy, (True, False): _WithStatus, (False, True): _WithGeneration}
    strategy = policies.get((status, generation), _WithBoth)()
    names = (*subresources, *(("status",) if status else ()))
    return Resource(
        group=group,
        version=version,
        plural=plural,
        kind=kind,
        namespaced=namespaced,
        short_names=short,
        categories=categories,
        verbs=verbs,
        subresources=tuple(Subresource(name, strategy=StatusStrategy(strategy)) for name in names),
        strategy=strategy,
    )


_CERTIFICATES = "certificates.k8s.io/v1"
_RESOURCE = "resource.k8s.io/v1"

RESOURCES = (
    _row(_CERTIFICATES, "clustertrustbundles", "ClusterTrustBundle"),
    _row(_CERTIFICATES, "podcertificaterequests", "PodCertificateRequest", namespaced=True, status=True),
    _row(_RESOURCE, "devicetaintrules", "DeviceTaintRule", status=True, generation=True),
    _row("storagemigration.k8s.io/v1", "storageversionmigrations", "StorageVersionMigration", status=True),
)
