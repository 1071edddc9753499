"""Defaults of the pod spec: pkg/apis/core/v1/defaults.go and the generated zz_generated.defaults.go.

Every function fills in what a draft leaves out, in place, and is idempotent. Drafts are canonical trees: null is
absent, and so is an empty value that Go omits.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from minikube_py.api.kinds.podspec import images, resources
from minikube_py.api.kinds.podspec.paths import DEFAULT_MODE
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.quantity import Quantity, parse

_TOKEN_SECONDS = 3600

_INIT_CONTAINER_ANNOTATIONS = (
    "pod.beta.kubernetes.io/init-containers",
    "pod.alpha.kubernetes.io/init-containers",
    "pod.beta.kubernetes.io/init-container-statuses",
    "pod.alpha.kubernetes.io/init-container-statuses",
)


def default_pod_spec(spec: Object) -> None:
    """What pods and pod templates share."""
    spec.setdefault("dnsPolicy", "ClusterFirst")
    spec.setdefault("restartPolicy", "Always")
    spec.setdefault("terminationGracePeriodSeconds", 30)
    spec.setdefault("schedulerName", "default-scheduler")
    if "securityContext" not in spec:
        spec["securityContext"] = {}
    _default_service_account(spec)
    for volume in spec.get("volumes") or ():
        default_volume(volume)
    for container in spec.get("initContainers") or ():
        default_container(container)
    for container in spec.get("containers") or ():
        default_container(container)
    for container in spec.get("ephemeralContainers") or ():
        default_container(container)
    if "overhead" in spec:
        default_resource_list(spec["overhead"])
    if "resources" in spec:
        _default_resources(spec["resources"])


def default_pod(pod: Object) -> None:
    """What only a Pod gets (SetDefaults_Pod and the conversion of Pod): requests from limits, service links, host
    ports, a grace period that is not negative, and the IPs' two spellings."""
    spec = pod["spec"]
    for container in spec.get("containers") or ():
        _default_requests(container)
    for container in spec.get("initContainers") or ():
        _default_requests(container)
    if "resources" in spec:
        resources.default_pod_level(spec)
    spec.setdefault("enableServiceLinks", True)
    if spec.get("hostNetwork"):
        _default_host_ports(spec)
    default_pod_spec(spec)
    if spec["terminationGracePeriodSeconds"] < 0:
        spec["terminationGracePeriodSeconds"] = 1
    drop_init_container_annotations(pod["metadata"])
    if pod.get("status"):
        _default_status(pod["status"])


def drop_init_container_annotations(metadata: Object | None) -> None:
    """Init containers were annotations once; such are never stored."""
    annotations = (metadata or {}).get("annotations")
    if metadata is None or not annotations or not any(key in annotations for key in _INIT_CONTAINER_ANNOTATIONS):
        return
    kept = {key: value for key, value in annotations.items() if key not in _INIT_CONTAINER_ANNOTATIONS}
    if kept:
        metadata["annotations"] = kept
    else:
        del metadata["annotations"]


def _default_service_account(spec: Object) -> None:
    """serviceAccount is an old name of serviceAccountName; the wire carries both."""
    name = spec.get("serviceAccountName") or spec.get("serviceAccount")
    if name:
        spec["serviceAccountName"] = spec["serviceAccount"] = name


def _default_requests(container: Object) -> None:
    found = container.get("resources")
    if not found or not found.get("limits"):
        return
    requests = found.get("requests") or {}
    if missing := {name: value for name, value in found["limits"].items() if name not in requests}:
        found["requests"] = dict(sorted({**requests, **missing}.items()))


def _default_host_ports(spec: Object) -> None:
    for side in ("containers", "initContainers"):
        for container in spec.get(side) or ():
            for port in container.get("ports") or ():
                if not port.get("hostPort") and port.get("containerPort"):
                    port["hostPort"] = port["containerPort"]


def _default_status(status: Object) -> None:
    """podIP is the first of podIPs; where both are told and differ, podIP wins."""
    ips, ip = status.get("podIPs"), status.get("podIP")
    if ip:
        if not ips or ips[0].get("ip") != ip:
            status["podIPs"] = [{"ip": ip}]
    elif ips and ips[0].get("ip"):
        status["podIP"] = ips[0]["ip"]


def default_container(container: Object) -> None:
    """A container of any kind."""
    if "imagePullPolicy" not in container:
        container["imagePullPolicy"] = images.pull_policy(container.get("image", ""))
    container.setdefault("terminationMessagePath", "/dev/termination-log")
    container.setdefault("terminationMessagePolicy", "File")
    for port in container.get("ports") or ():
        port.setdefault("protocol", "TCP")
    for variable in container.get("env") or ():
        if "valueFrom" in variable:
            _default_value_from(variable["valueFrom"])
    if found := container.get("resources"):
        _default_resources(found)
    for probe in ("livenessProbe", "readinessProbe", "startupProbe"):
        if probe in container:
            default_probe(container[probe])
    if lifecycle := container.get("lifecycle"):
        for handler in lifecycle.values():
            if isinstance(handler, dict) and "httpGet" in handler:
                _default_http_get(handler["httpGet"])


def _default_value_from(source: Object) -> None:
    if "fieldRef" in source:
        source["fieldRef"].setdefault("apiVersion", "v1")
    elif "fileKeyRef" in source:
        source["fileKeyRef"].setdefault("optional", False)


def default_probe(probe: Object) -> None:
    probe.setdefault("timeoutSeconds", 1)
    probe.setdefault("periodSeconds", 10)
    probe.setdefault("successThreshold", 1)
    probe.setdefault("failureThreshold", 3)
    if "httpGet" in probe:
        _default_http_get(probe["httpGet"])
    if "grpc" in probe and probe["grpc"].get("service") is None:
        probe["grpc"]["service"] = ""


def _default_http_get(action: Object) -> None:
    action.setdefault("path", "/")
    action.setdefault("scheme", "HTTP")


def _default_resources(requirements: Object) -> None:
    for side in ("limits", "requests"):
        if listed := requirements.get(side):
            default_resource_list(listed)


def default_resource_list(listed: Object) -> None:
    """Quantities finer than a thousandth are rounded up (SetDefaults_ResourceList)."""
    for name, text in listed.items():
        if text[-1] in "nu" or "e-" in text:
            exact = parse(text)
            listed[name] = str(Quantity(exact.milli_value(), -3, exact.format))


def default_volume(volume: Object) -> None:
    if len(volume) < 2:  # a name and no source
        volume["emptyDir"] = {}
        return
    for source, fill in _VOLUME_SOURCES.items():
        if source in volume:
            fill(volume[source])


def _default_mode(source: Object) -> None:
    source.setdefault("defaultMode", DEFAULT_MODE)


def _default_downward_api(source: Object) -> None:
    _default_mode(source)
    _default_downward_api_items(source)


def _default_downward_api_items(source: Object) -> None:
    for item in source.get("items") or ():
        if "fieldRef" in item:
            item["fieldRef"].setdefault("apiVersion", "v1")


def _default_projected(source: Object) -> None:
    _default_mode(source)
    for projection in source.get("sources") or ():
        if "downwardAPI" in projection:
            _default_downward_api_items(projection["downwardAPI"])
        if "serviceAccountToken" in projection:
            projection["serviceAccountToken"].setdefault("expirationSeconds", _TOKEN_SECONDS)


def _default_ephemeral(source: Object) -> None:
    template = source.get("volumeClaimTemplate")
    if template is None:
        return
    spec = template["spec"]
    spec.setdefault("volumeMode", "Filesystem")
    _default_resources(spec.get("resources") or {})


def _default_image(source: Object) -> None:
    if "pullPolicy" not in source:
        source["pullPolicy"] = images.pull_policy(source.get("reference", ""))


def _with(**values: Any) -> Callable[[Object], None]:
    """A filler that sets constants where nothing stands."""

    def fill(source: Object) -> None:
        for name, value in values.items():
            source.setdefault(name, value)

    return fill


_VOLUME_SOURCES: dict[str, Callable[[Object], None]] = {
    "configMap": _default_mode,
    "secret": _default_mode,
    "downwardAPI": _default_downward_api,
    "projected": _default_projected,
    "hostPath": _with(type=""),
    "ephemeral": _default_ephemeral,
    "image": _default_image,
    "iscsi": _with(iscsiInterface="default"),
    "rbd": _with(pool="rbd", user="admin", keyring="/etc/ceph/keyring"),
    "azureDisk": _with(cachingMode="ReadWrite", fsType="ext4", readOnly=False, kind="Shared"),
    "scaleIO": _with(storageMode="ThinProvisioned", fsType="xfs"),
}
