"""Provisioners and what is handed to them (pkg/apis/storage/validation)."""

from __future__ import annotations

from collections.abc import Mapping

from minikube_py.machinery.field import ErrorList, Path, invalid, invalid_each, required, too_long
from minikube_py.machinery.names import byte_length, qualified_name

_MOST = 512
_SIZE = 256 * 1024
"""Bytes of all keys and values together."""


def validate_provisioner(name: str, path: Path) -> ErrorList:
    if not name:
        return [required(path)]
    return invalid_each(path, name.lower(), qualified_name(name.lower()))


def validate_parameters(parameters: Mapping[str, str] | None, path: Path, *, allow_empty: bool) -> ErrorList:
    parameters = parameters or {}
    if len(parameters) > _MOST:
        return [too_long(path, _MOST)]
    errors: ErrorList = []
    if "" in parameters:
        errors.append(invalid(path, "", "field can not be empty."))
    if sum(byte_length(key) + byte_length(value) for key, value in parameters.items()) > _SIZE:
        errors.append(too_long(path, _SIZE))
    if not allow_empty and not parameters:
        errors.append(required(path, "must contain at least one key/value pair"))
    return errors
