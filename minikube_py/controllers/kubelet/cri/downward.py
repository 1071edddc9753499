"""What a pod tells its containers of itself: fieldRef and resourceFieldRef (pkg/fieldpath, pkg/kubelet
podFieldSelectorRuntimeValue, pkg/api/v1/resource ExtractContainerResourceValue)."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from minikube_py.machinery import quantity
from minikube_py.machinery.gvr import Object

_subscripted = re.compile(r"^(metadata\.(?:annotations|labels))\['(.*)'\]$").match

_NOTHING: Object = {}
_ONE = quantity.parse("1")


def field(pod: Object, path: str) -> str:
    """The value at a fieldPath. Raises ValueError for one that there is not."""
    metadata, spec, status = pod["metadata"], pod["spec"], pod.get("status") or _NOTHING
    if (found := _subscripted(path)) is not None:
        values: Mapping[str, str] = metadata.get(found[1].partition(".")[2]) or _NOTHING
        return values.get(found[2], "")
    if path in ("metadata.annotations", "metadata.labels"):
        return _written(metadata.get(path.partition(".")[2]) or _NOTHING)
    known: dict[str, Any] = {
        "metadata.name": metadata["name"],
        "metadata.namespace": metadata.get("namespace", ""),
        "metadata.uid": metadata.get("uid", ""),
        "spec.nodeName": spec.get("nodeName", ""),
        "spec.serviceAccountName": spec.get("serviceAccountName", ""),
        "status.hostIP": status.get("hostIP", ""),
        "status.hostIPs": ",".join(each["ip"] for each in status.get("hostIPs") or ()),
        "status.podIP": status.get("podIP", ""),
        "status.podIPs": ",".join(each["ip"] for each in status.get("podIPs") or ()),
    }
    if path not in known:
        raise ValueError(f"unsupported fieldPath: {path}")
    return str(known[path])


def _written(values: Mapping[str, str]) -> str:
    """A line each: key="value" (fieldpath.FormatMap)."""
    return "\n".join(f"{key}={json.dumps(value, ensure_ascii=False)}" for key, value in sorted(values.items()))


def resource(pod: Object, container: Object, reference: Object, allocatable: Mapping[str, str]) -> str:
    """An amount in units of the divisor, rounded up. A limit not set is what the node has. Raises ValueError."""
    name = reference.get("containerName")
    if name and name != container["name"]:
        container = _container(pod, name)
    kind, _, amount = reference["resource"].partition(".")
    if kind not in ("limits", "requests") or not amount:
        raise ValueError(f"unsupported container resource : {reference['resource']}")
    asked = (container.get("resources") or _NOTHING).get(kind) or _NOTHING
    text = asked.get(amount, allocatable.get(amount, "0") if kind == "limits" else "0")
    divisor = quantity.parse(reference.get("divisor") or "0") or _ONE
    value = quantity.parse(text)
    if amount == "cpu":
        return str(-(-value.milli_value() // divisor.milli_value()))
    return str(-(-value.value() // divisor.value()))


def _container(pod: Object, name: str) -> Object:
    for key in ("containers", "initContainers"):
        for each in pod["spec"].get(key) or ():
            if each["name"] == name:
                found: Object = each
                return found
    raise ValueError(f"container {name} not found")
