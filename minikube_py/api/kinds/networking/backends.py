"""Backends of an Ingress: a Service's port, or an object of another kind (pkg/apis/networking/validation)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from minikube_py.api.kinds.networking.references import validate_local_reference
from minikube_py.machinery.field import ErrorList, Path, invalid, invalid_each, required
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.names import dns1035_label, dns1123_label, port_name, port_number


class ServiceNames(NamedTuple):
    """What Services may be called: since 1.36 also with a digit first (RelaxedServiceNameValidation)."""

    relaxed: bool

    @staticmethod
    def of_stored(relaxed: bool, old_spec: Object) -> ServiceNames:
        """Relaxed too where a stored spec has such a name already."""
        return ServiceNames(relaxed or any(_is_relaxed(name) for name in _service_names(old_spec)))

    def problems(self, name: str) -> list[str]:
        return dns1123_label(name) if self.relaxed else dns1035_label(name)


def _is_relaxed(name: str) -> bool:
    return not dns1123_label(name) and bool(dns1035_label(name))


def _service_names(spec: Object) -> Iterator[str]:
    backends = [spec.get("defaultBackend") or {}]
    for rule in spec.get("rules") or ():
        backends += [path.get("backend") or {} for path in (rule.get("http") or {}).get("paths") or ()]
    for backend in backends:
        if backend.get("service") is not None:
            yield backend["service"].get("name") or ""


def validate_backend(backend: Object, names: ServiceNames, path: Path) -> ErrorList:
    resource, service = backend.get("resource"), backend.get("service")
    if resource is not None and service is not None:
        return [invalid(path, "", "cannot set both resource and service backends")]
    if resource is not None:
        return validate_local_reference(resource, path.child("resource"))
    if service is None:
        return [invalid(path, "", "resource or service backend is required")]
    at, name = path.child("service", "name"), service.get("name") or ""
    errors = invalid_each(at, name, names.problems(name)) if name else [required(at)]
    return errors + _port_errors(service.get("port") or {}, path)


def _port_errors(port: Object, path: Path) -> ErrorList:
    name, number = port.get("name") or "", port.get("number") or 0
    at = path.child("service", "port")
    if name and number:
        return [invalid(path, "", "cannot set both port name & port number")]
    if name:
        return invalid_each(at.child("name"), name, port_name(name))
    if number:
        return invalid_each(at.child("number"), number, port_number(number))
    return [required(path, "port name or number is required")]
