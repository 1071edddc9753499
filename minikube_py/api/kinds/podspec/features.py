"""Fields whose features are off by default: they are dropped from writes (pkg/api/pod DropDisabledPodFields)."""

from __future__ import annotations

from collections.abc import Sequence

from minikube_py.machinery.gvr import Object

_PROJECTIONS = ("clusterTrustBundle", "podCertificate")


def drop_disabled_fields(spec: Object) -> None:
    """In place, of a draft's pod spec: ClusterTrustBundleProjection, PodCertificateRequest, GenericWorkload and
    ContainerStopSignals are off."""
    spec.pop("schedulingGroup", None)
    for volume in spec.get("volumes") or ():
        if sources := (volume.get("projected") or {}).get("sources"):
            _drop_projections(sources)
    for side in ("initContainers", "containers", "ephemeralContainers"):
        for container in spec.get(side) or ():
            if "stopSignal" in (container.get("lifecycle") or ()):
                _drop_stop_signal(container)


def _drop_stop_signal(container: Object) -> None:
    del container["lifecycle"]["stopSignal"]
    if not container["lifecycle"]:
        del container["lifecycle"]


def _drop_projections(sources: Sequence[Object]) -> None:
    """An empty source remains."""
    for source in sources:
        for name in _PROJECTIONS:
            source.pop(name, None)
