"""Environment variables of containers."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from minikube_py.api.kinds.podspec.fieldrefs import ENV_FIELDS, field_ref_errors, resource_ref_errors
from minikube_py.api.kinds.podspec.paths import backstep_errors
from minikube_py.machinery.field import ErrorList, Path, invalid, invalid_each, not_found, required
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.names import config_map_key, dns1123_label, name_is_dns_subdomain, relaxed_env_var_name


def env_errors(variables: Sequence[Object], path: Path) -> ErrorList:
    """`env`, of EnvVars."""
    errors: ErrorList = []
    for index, variable in enumerate(variables):
        name = variable.get("name")
        if not name:
            errors.append(required(path.index(index).child("name")))
        elif problems := relaxed_env_var_name(name):
            errors += invalid_each(path.index(index).child("name"), name, problems)
        if "valueFrom" in variable:
            errors += _value_from_errors(variable, path.index(index).child("valueFrom"))
    return errors


def _value_from_errors(variable: Object, path: Path) -> ErrorList:
    source = variable["valueFrom"]
    errors: ErrorList = []
    count = 0
    for name, check in _SOURCES.items():
        if name in source:
            count += 1
            errors += check(source[name], path.child(name))
    if not count:
        detail = (
            "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`"
        )
        errors.append(invalid(path, "", detail))
    elif variable.get("value"):
        errors.append(invalid(path, "", "may not be specified when `value` is not empty"))
    elif count > 1:
        errors.append(invalid(path, "", "may not have more than one field specified at a time"))
    return errors


def _field_ref(reference: Object, path: Path) -> ErrorList:
    return field_ref_errors(reference, ENV_FIELDS, path)


def _resource_ref(reference: Object, path: Path) -> ErrorList:
    return resource_ref_errors(reference, path, in_volume=False)


def _key_ref(reference: Object, path: Path) -> ErrorList:
    """A key of a ConfigMap or of a Secret."""
    name, key = reference.get("name") or "", reference.get("key")
    errors = invalid_each(path.child("name"), name, name_is_dns_subdomain(name))
    if not key:
        errors.append(required(path.child("key")))
    else:
        errors += invalid_each(path.child("key"), key, config_map_key(key))
    return errors


def _file_key_ref(reference: Object, path: Path) -> ErrorList:
    errors: ErrorList = []
    if key := reference.get("key"):
        errors += invalid_each(path.child("key"), key, relaxed_env_var_name(key))
    else:
        errors.append(required(path.child("key")))
    if volume := reference.get("volumeName"):
        errors += invalid_each(path.child("volumeName"), volume, dns1123_label(volume))
    else:
        errors.append(required(path.child("volumeName")))
    if file := reference.get("path"):
        errors += backstep_errors(file, path.child("path"))
    else:
        errors.append(required(path.child("path")))
    return errors


_SOURCES: dict[str, Callable[[Object, Path], ErrorList]] = {
    "fieldRef": _field_ref,
    "resourceFieldRef": _resource_ref,
    "configMapKeyRef": _key_ref,
    "secretKeyRef": _key_ref,
    "fileKeyRef": _file_key_ref,
}


def env_from_errors(sources: Sequence[Object], path: Path) -> ErrorList:
    """`envFrom`, of EnvFromSources. What is wrong with the number of sources is said of the list."""
    errors: ErrorList = []
    for index, source in enumerate(sources):
        if prefix := source.get("prefix"):
            errors += invalid_each(path.index(index).child("prefix"), prefix, relaxed_env_var_name(prefix))
        count = 0
        for kind in ("configMapRef", "secretRef"):
            if kind not in source:
                continue
            count += 1
            at = path.index(index).child(kind, "name")
            if name := source[kind].get("name"):
                errors += invalid_each(at, name, name_is_dns_subdomain(name, True))
            else:
                errors.append(required(at))
        if not count:
            errors.append(invalid(path, "", "must specify one of: `configMapRef` or `secretRef`"))
        elif count > 1:
            errors.append(invalid(path, "", "may not have more than one field specified at a time"))
    return errors


def file_key_volume_errors(spec: Object, path: Path) -> ErrorList:
    """Variables out of files: their volume must be there, and an emptyDir. `path` is the pod spec's."""
    volumes: dict[str, Object] | None = None
    errors: ErrorList = []
    for side in ("initContainers", "containers", "ephemeralContainers"):
        for index, container in enumerate(spec.get(side) or ()):
            for position, variable in enumerate(container.get("env") or ()):
                reference = (variable.get("valueFrom") or {}).get("fileKeyRef")
                if reference is None:
                    continue
                if volumes is None:
                    volumes = {volume.get("name", ""): volume for volume in spec.get("volumes") or ()}
                at = path.child(side).index(index).child("env").index(position)
                at = at.child("valueFrom", "fileKeyRef", "volumeName")
                errors += _file_volume_errors(reference.get("volumeName") or "", volumes, at)
    return errors


def _file_volume_errors(name: str, volumes: dict[str, Object], path: Path) -> ErrorList:
    if name not in volumes:
        return [not_found(path, name)]
    if "emptyDir" not in volumes[name]:
        return [invalid(path, name, "referenced volume must be of type emptyDir")]
    return []
