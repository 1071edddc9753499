"""References to a pod's own fields and resources: the downward API."""

from __future__ import annotations

from minikube_py.machinery.field import ErrorList, Path, invalid, invalid_each, not_supported, required
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.names import qualified_name
from minikube_py.machinery.quantity import parse

ENV_FIELDS = frozenset(
    {
        "metadata.name",
        "metadata.namespace",
        "metadata.uid",
        "spec.nodeName",
        "spec.serviceAccountName",
        "status.hostIP",
        "status.hostIPs",
        "status.podIP",
        "status.podIPs",
    }
)
VOLUME_FIELDS = frozenset(
    {"metadata.annotations", "metadata.labels", "metadata.name", "metadata.namespace", "metadata.uid"}
)
_KNOWN_FIELDS = ENV_FIELDS | VOLUME_FIELDS | {"spec.restartPolicy", "spec.schedulerName", "status.phase"}
_RESOURCES = frozenset(
    {
        "limits.cpu",
        "limits.ephemeral-storage",
        "limits.memory",
        "requests.cpu",
        "requests.ephemeral-storage",
        "requests.memory",
    }
)
_HUGE_PAGES = ("requests.hugepages-", "limits.hugepages-")

_BYTE_DIVISORS = ("1", "1k", "1M", "1G", "1T", "1P", "1E", "1Ki", "1Mi", "1Gi", "1Ti", "1Pi", "1Ei")
_CPU_DIVISORS = ("1m", "1")


def field_ref_errors(reference: Object, supported: frozenset[str], path: Path) -> ErrorList:
    """An ObjectFieldSelector; `supported` are the whole fields it may name."""
    version, label = reference.get("apiVersion") or "", reference.get("fieldPath") or ""
    if not version:
        return [required(path.child("apiVersion"))]
    if not label:
        return [required(path.child("fieldPath"))]
    field, subscript = _split(label)
    if problem := _conversion_problem(version, label, field, subscript):
        return [invalid(path.child("fieldPath"), label, f"error converting fieldPath: {problem}")]
    if subscript is not None:
        return invalid_each(path, *_subscript_problems(field, subscript))
    if field == "spec.host":
        field = "spec.nodeName"
    if field not in supported:
        return [not_supported(path.child("fieldPath"), field, sorted(supported))]
    return []


def _split(label: str) -> tuple[str, str | None]:
    """ "metadata.labels['a']" -> ("metadata.labels", "a"); no subscript is None."""
    if label.endswith("']"):
        field, bracket, subscript = label[:-2].partition("['")
        if bracket and field:
            return field, subscript
    return label, None


def _conversion_problem(version: str, label: str, field: str, subscript: str | None) -> str:
    if version != "v1":
        return f"unsupported pod version: {version}"
    if subscript is not None:
        if field in ("metadata.annotations", "metadata.labels"):
            return ""
        return f"field label does not support subscript: {label}"
    return "" if field in _KNOWN_FIELDS or field == "spec.host" else f"field label not supported: {field}"


def _subscript_problems(field: str, subscript: str) -> tuple[str, list[str]]:
    """The key that is checked and what is wrong with it."""
    key = subscript.lower() if field == "metadata.annotations" else subscript
    return key, qualified_name(key)


def resource_ref_errors(reference: Object, path: Path, *, in_volume: bool) -> ErrorList:
    """A ResourceFieldSelector; in a volume it must name the container."""
    resource = reference.get("resource") or ""
    errors: ErrorList = []
    if in_volume and not reference.get("containerName"):
        errors.append(required(path.child("containerName")))
    elif not resource:
        errors.append(required(path.child("resource")))
    elif resource not in _RESOURCES and not resource.startswith(_HUGE_PAGES):
        errors.append(not_supported(path.child("resource"), resource, sorted(_RESOURCES)))
    divisor = parse(reference.get("divisor") or "0")
    if divisor and (problem := _divisor_problem(resource, str(divisor))):
        errors.append(invalid(path.child("divisor"), resource, problem))
    return errors


def _divisor_problem(resource: str, divisor: str) -> str:
    kind = resource.partition(".")[2]
    if resource.startswith(_HUGE_PAGES):
        supported, what = _BYTE_DIVISORS, "hugepages"
    elif resource not in _RESOURCES:
        return ""
    elif kind == "cpu":
        if divisor in _CPU_DIVISORS:
            return ""
        return "only divisor's values 1m and 1 are supported with the cpu resource"
    else:
        supported, what = _BYTE_DIVISORS, "memory" if kind == "memory" else "local ephemeral storage"
    if divisor in supported:
        return ""
    return f"only divisor's values {', '.join(supported)} are supported with the {what} resource"
