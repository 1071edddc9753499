"""volumeMounts[].subPathExpr that lead nowhere (pkg/kubelet/kubelet_pods.go makeMounts,
pkg/kubelet/container/helpers.go ExpandContainerVolumeMounts)."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping

from minikube_py.controllers.kubelet.cri import downward
from minikube_py.controllers.kubelet.cri.environment import expand
from minikube_py.controllers.kubelet.life import Objects
from minikube_py.machinery.gvr import Object

_reference = re.compile(r"\$\$|\$\(([^)]*)\)")
_of_services = re.compile(r"[A-Z0-9_]+_(?:SERVICE_HOST|SERVICE_PORT|PORT)(?:_[A-Z0-9_]+)?").fullmatch
_TAKEN_TO_BE = "x"
"""A value that is not looked up for this."""


def subpath_problem(pod: Object, container: Object, objects: Objects) -> str:
    """What is wrong with the first that has something wrong, or ""."""
    expressions = [mount["subPathExpr"] for mount in container.get("volumeMounts") or () if mount.get("subPathExpr")]
    if not expressions:
        return ""
    variables = _declared(pod, container, objects)
    return next((problem for each in expressions if (problem := _problem(each, variables))), "")


def _problem(expression: str, variables: Mapping[str, str]) -> str:
    names = {name for name in _reference.findall(expression) if name}
    missing = sorted(name for name in names if not variables.get(name) and not _of_services(name))
    if missing:
        return f"missing value for {', '.join(missing)}"
    path = expand(expression, variables)
    if path.startswith("/"):
        return f"error SubPath `{path}` must not be an absolute path"
    return f"unable to provision SubPath `{path}`: must not contain '..'" if ".." in path.split("/") else ""


def _declared(pod: Object, container: Object, objects: Objects) -> Mapping[str, str]:
    found: dict[str, str] = {}
    for source in container.get("envFrom") or ():
        for field, plural in (("configMapRef", "configmaps"), ("secretRef", "secrets")):
            for key in ((objects.get((plural, (source.get(field) or {}).get("name", ""))) or {}).get("data")) or ():
                found[source.get("prefix", "") + key] = _TAKEN_TO_BE
    for variable in container.get("env") or ():
        if variable.get("valueFrom"):
            found[variable["name"]] = _value_from(pod, variable["valueFrom"], objects)
        else:
            found[variable["name"]] = expand(variable.get("value", ""), found)
    return found


def _value_from(pod: Object, source: Object, objects: Objects) -> str:
    if (reference := source.get("fieldRef")) is not None:
        return downward.field(pod, reference["fieldPath"])
    if (reference := source.get("configMapKeyRef")) is not None:
        data = (objects.get(("configmaps", reference.get("name", ""))) or {}).get("data") or {}
        return str(data.get(reference["key"], ""))
    if (reference := source.get("secretKeyRef")) is not None:
        data = (objects.get(("secrets", reference.get("name", ""))) or {}).get("data") or {}
        return base64.b64decode(data.get(reference["key"], "")).decode("utf-8", "replace")
    return _TAKEN_TO_BE
