"""Secret: what ConfigMaps are not for (pkg/registry/core/secret)."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

from minikube_py.api.context import Context
from minikube_py.api.kinds.core.data import MAXIMUM_SIZE, decoded_length, validate_immutable, validate_key
from minikube_py.api.kinds.core.keypair import key_pair_error
from minikube_py.api.patch import syntax
from minikube_py.api.resource import AGE, NAME, Column, Resource, age
from minikube_py.api.strategy import METADATA, Strategy
from minikube_py.machinery import meta
from minikube_py.machinery.field import ErrorList, Path, invalid, required, too_long
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.objectmeta import FIELD_IMMUTABLE, validate_kube_object_meta_update

OPAQUE = "Opaque"
SERVICE_ACCOUNT_TOKEN = "kubernetes.io/service-account-token"
SERVICE_ACCOUNT_NAME = "kubernetes.io/service-account.name"
TLS = "kubernetes.io/tls"

_DATA = Path("data")
_TYPE = Path("type")
_REDACTED = "<secret contents redacted>"

_Data = dict[str, str]
"""Base64 by key."""


def _service_account_token(obj: Object) -> ErrorList:
    """Its other parts are the token controller's."""
    if meta.annotations(obj).get(SERVICE_ACCOUNT_NAME):
        return []
    return [required(Path("metadata", "annotations").key(SERVICE_ACCOUNT_NAME))]


def _json_under(key: str) -> Callable[[Object], ErrorList]:
    """Of the two types of registry credentials: `key` holds a JSON object."""

    def validate(obj: Object) -> ErrorList:
        value = _data(obj).get(key)
        if value is None:
            return [required(_DATA.key(key))]
        problem = _json_object_problem(base64.b64decode(value))
        return [invalid(_DATA.key(key), _REDACTED, problem)] if problem else []

    return validate


def _json_object_problem(text: bytes) -> str:
    """As encoding/json says that `text` is no map[string]interface{}."""
    try:
        tree = syntax.load(text)
    except syntax.JSONSyntaxError as error:
        return str(error)
    if tree is None or isinstance(tree, dict):
        return ""
    kind = {bool: "bool", str: "string", list: "array"}.get(type(tree), "number")
    return f"json: cannot unmarshal {kind} into Go value of type map[string]interface {{}}"


def _basic_auth(obj: Object) -> ErrorList:
    """Either may be empty or missing, not both missing."""
    data = _data(obj)
    if "username" in data or "password" in data:
        return []
    return [required(_DATA.key("username")), required(_DATA.key("password"))]


def _ssh_auth(obj: Object) -> ErrorList:
    return [] if _data(obj).get("ssh-privatekey") else [required(_DATA.key("ssh-privatekey"))]


def _tls(obj: Object) -> ErrorList:
    return [required(_DATA.key(key)) for key in ("tls.crt", "tls.key") if key not in _data(obj)]


VALIDATE_TYPE: dict[str, Callable[[Object], ErrorList]] = {
    SERVICE_ACCOUNT_TOKEN: _service_account_token,
    "kubernetes.io/dockercfg": _json_under(".dockercfg"),
    "kubernetes.io/dockerconfigjson": _json_under(".dockerconfigjson"),
    "kubernetes.io/basic-auth": _basic_auth,
    "kubernetes.io/ssh-auth": _ssh_auth,
    TLS: _tls,
}
"""What the types that Kubernetes knows must hold; of others anything goes."""


def _data(obj: Object) -> _Data:
    return obj.get("data") or {}


class SecretStrategy(Strategy):
    def default(self, obj: Object) -> None:
        """The type, and stringData, which is write-only, turned into data."""
        if not obj.get("type"):
            obj["type"] = OPAQUE
        texts = obj.pop("stringData", None)
        if texts:
            encoded = {key: base64.b64encode(text.encode()).decode() for key, text in texts.items()}
            obj["data"] = {**_data(obj), **encoded}

    def validate(self, ctx: Context, obj: Object) -> ErrorList:
        """pkg/apis/core/validation ValidateSecret."""
        errors = self.validate_metadata(ctx, obj)
        size = 0
        for key, value in _data(obj).items():
            errors += validate_key(key, _DATA)
            size += decoded_length(value)
        if size > MAXIMUM_SIZE:
            errors.append(too_long(_DATA, MAXIMUM_SIZE))
        validate_type = VALIDATE_TYPE.get(obj.get("type") or "")
        return [*errors, *validate_type(obj)] if validate_type else errors

    def validate_update(self, ctx: Context, obj: Object, old: Object) -> ErrorList:
        errors = validate_kube_object_meta_update(obj["metadata"], old["metadata"], METADATA)
        if obj.get("type") != old.get("type"):
            errors.append(invalid(_TYPE, obj.get("type") or "", FIELD_IMMUTABLE))
        return [*errors, *validate_immutable(obj, old, ("data",)), *self.validate(ctx, obj)]

    def warnings_on_create(self, ctx: Context, obj: Object) -> list[str]:
        if obj.get("type") != TLS:
            return []
        certificate, key = (base64.b64decode(_data(obj).get(name) or "") for name in ("tls.crt", "tls.key"))
        problem = key_pair_error(certificate, key)
        return [problem] if problem else []

    def warnings_on_update(self, ctx: Context, obj: Object, old: Object) -> list[str]:
        return self.warnings_on_create(ctx, obj)


def cells(obj: Object) -> list[Any]:
    return [obj["metadata"]["name"], obj.get("type") or "", len(_data(obj)), age(obj)]


RESOURCES = (
    Resource(
        group="",
        version="v1",
        plural="secrets",
        kind="Secret",
        strategy=SecretStrategy(),
        columns=(
            NAME,
            Column("Type", doc="io.k8s.api.core.v1.Secret#type"),
            Column("Data", doc="io.k8s.api.core.v1.Secret#data"),
            AGE,
        ),
        cells=cells,
        fields={"type": lambda obj: obj.get("type") or ""},
    ),
)
