"""ServiceAccount: every pod runs as a service account and, unless it does not want to, carries its token
(plugin/pkg/admission/serviceaccount)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from minikube_py.api.admission.refusal import forbidden
from minikube_py.api.context import Context
from minikube_py.api.kinds.podspec.annotations import MIRROR
from minikube_py.machinery.clock import next_turn
from minikube_py.machinery.gvr import Object
from minikube_py.store import Key

DEFAULT = "default"
TOKEN_PATH = "/var/run/secrets/kubernetes.io/serviceaccount"
TOKEN_VOLUME = "kube-api-access-"
TOKEN_SECONDS = 3607
"""An hour and seven seconds, by which upstream tells such tokens from those that somebody asked for."""
ENFORCE = "kubernetes.io/enforce-mountable-secrets"

_PATIENCE = 1000
"""Turns of the event loop that the default account of a new namespace is waited for."""
_TRUE = frozenset({"1", "t", "T", "true", "TRUE", "True"})
_SIDES = {"initContainers": "init container", "containers": "container", "ephemeralContainers": "ephemeral container"}


class ServiceAccount:
    name = "ServiceAccount"
    handles = frozenset({("pods", ""), ("pods", "ephemeralcontainers")})
    verbs = frozenset({"create", "update"})

    async def admit(self, ctx: Context, obj: Object, old: Object | None) -> None:
        if old is not None or _is_mirror(obj):
            return
        spec = obj["spec"]
        name = spec.get("serviceAccountName") or DEFAULT
        spec["serviceAccountName"] = spec["serviceAccount"] = name
        account = await _account(ctx, obj, name)
        if _automounts(spec, account):
            _mount_token(ctx, spec)
        if not spec.get("imagePullSecrets") and account.get("imagePullSecrets"):
            spec["imagePullSecrets"] = [{"name": secret.get("name", "")} for secret in account["imagePullSecrets"]]

    async def validate(self, ctx: Context, obj: Object, old: Object | None) -> None:
        spec = obj["spec"]
        if old is not None and not ctx.subresource:
            return
        if old is None and _is_mirror(obj):
            _check_mirror(ctx, obj)
            return
        name = spec.get("serviceAccountName")
        if not name:
            pod = f"{ctx.namespace}/{obj['metadata'].get('name', '')}"
            raise forbidden(ctx, obj, f"no service account specified for pod {pod}")
        account = await _account(ctx, obj, name)
        if (account["metadata"].get("annotations") or {}).get(ENFORCE) in _TRUE:
            sides = ("ephemeralContainers",) if ctx.subresource else ("initContainers", "containers")
            _limit_secrets(ctx, obj, account, sides)


def _is_mirror(pod: Object) -> bool:
    return MIRROR in (pod["metadata"].get("annotations") or ())


async def _account(ctx: Context, pod: Object, name: str) -> Object:
    """Raises StatusError 403. A new namespace's default account is waited for, since a controller makes it."""
    key = Key("serviceaccounts", ctx.namespace, name)
    for _ in range(_PATIENCE if name == DEFAULT else 1):
        stored = ctx.registry.store.get(key)
        if stored is not None:
            return stored.object
        if name == DEFAULT:
            await next_turn()
    why = f'serviceaccount "{name}" not found'
    raise forbidden(ctx, pod, f"error looking up service account {ctx.namespace}/{name}: {why}")


def _automounts(spec: Object, account: Object) -> bool:
    """The pod's preference counts before the account's."""
    for preference in (spec.get("automountServiceAccountToken"), account.get("automountServiceAccountToken")):
        if preference is not None:
            return bool(preference)
    return True


def _mount_token(ctx: Context, spec: Object) -> None:
    """Into every container that mounts nothing there."""
    volumes: list[Object] = spec.get("volumes") or []
    present = next((v["name"] for v in volumes if v.get("name", "").startswith(TOKEN_VOLUME)), "")
    name = present or TOKEN_VOLUME + ctx.registry.random.suffix()
    needed = False
    for side in ("initContainers", "containers"):
        for container in spec.get(side) or ():
            mounts = container.get("volumeMounts") or []
            if any(mount.get("mountPath") == TOKEN_PATH for mount in mounts):
                continue
            mount = {"name": name, "readOnly": True, "mountPath": TOKEN_PATH}
            container["volumeMounts"] = [*mounts, mount]
            needed = True
    if needed and not present:
        spec["volumes"] = [*volumes, {"name": name, "projected": token_volume_source()}]


def token_volume_source() -> Object:
    """The projected volume of a service account's token, its cluster's certificate and its namespace."""
    namespace: dict[str, Any] = {
        "path": "namespace",
        "fieldRef": {"apiVersion": "v1", "fieldPath": "metadata.namespace"},
    }
    return {
        "sources": [
            {"serviceAccountToken": {"expirationSeconds": TOKEN_SECONDS, "path": "token"}},
            {"configMap": {"name": "kube-root-ca.crt", "items": [{"key": "ca.crt", "path": "ca.crt"}]}},
            {"downwardAPI": {"items": [namespace]}},
        ],
        "defaultMode": 0o644,
    }


def _check_mirror(ctx: Context, pod: Object) -> None:
    """A node's own pods run as nobody. Raises StatusError 403."""
    spec = pod["spec"]
    if spec.get("serviceAccountName"):
        raise forbidden(ctx, pod, "a mirror pod may not reference service accounts")
    if any(True for _ in _secret_names(spec)):
        raise forbidden(ctx, pod, "a mirror pod may not reference secrets")
    for volume in spec.get("volumes") or ():
        for source in (volume.get("projected") or {}).get("sources") or ():
            if "serviceAccountToken" in source:
                raise forbidden(ctx, pod, "a mirror pod may not use ServiceAccountToken volume projections")


def _secret_names(spec: Object) -> Iterator[str]:
    """Every secret a pod spec names (pkg/api/pod VisitPodSecretNames)."""
    for secret in spec.get("imagePullSecrets") or ():
        yield secret.get("name", "")
    for side in _SIDES:
        for container in spec.get(side) or ():
            for name, _ in _container_secrets(container):
                yield name
    for volume in spec.get("volumes") or ():
        for source in volume.values():
            if isinstance(source, dict):
                yield from _source_secrets(source)


def _source_secrets(source: Object) -> Iterator[str]:
    if "secretName" in source:
        yield source["secretName"]
    for field in ("secretRef", "nodePublishSecretRef"):
        if source.get(field):
            yield source[field].get("name", "")
    for projection in source.get("sources") or ():
        if "secret" in projection:
            yield projection["secret"].get("name", "")


def _container_secrets(container: Object) -> Iterator[tuple[str, str]]:
    """(secret, how the container uses it)."""
    for variable in container.get("env") or ():
        if reference := (variable.get("valueFrom") or {}).get("secretKeyRef"):
            yield reference.get("name", ""), f"envVar {variable.get('name', '')}"
    for source in container.get("envFrom") or ():
        if reference := source.get("secretRef"):
            yield reference.get("name", ""), "envFrom"


def _limit_secrets(ctx: Context, pod: Object, account: Object, sides: tuple[str, ...]) -> None:
    """Only secrets that the account names. Raises StatusError 403."""
    spec, owner = pod["spec"], account["metadata"]["name"]
    allowed = {secret.get("name", "") for secret in account.get("secrets") or ()}
    refusal = f"is not allowed because service account {owner} does not reference that"
    if "containers" in sides:
        for volume in spec.get("volumes") or ():
            secret = (volume.get("secret") or {}).get("secretName")
            if secret is not None and secret not in allowed:
                raise forbidden(ctx, pod, f'volume with secret.secretName="{secret}" {refusal} secret')
    for side in sides:
        for container in spec.get(side) or ():
            for secret, use in _container_secrets(container):
                if secret not in allowed:
                    who = f"{_SIDES[side]} {container.get('name', '')} with {use}"
                    raise forbidden(ctx, pod, f'{who} referencing secret.secretName="{secret}" {refusal} secret')
    if "containers" not in sides:
        return
    pulls = {secret.get("name", "") for secret in account.get("imagePullSecrets") or ()}
    for index, secret in enumerate(spec.get("imagePullSecrets") or ()):
        if (name := secret.get("name", "")) not in pulls:
            raise forbidden(ctx, pod, f'imagePullSecrets[{index}].name="{name}" {refusal} imagePullSecret')


PLUGIN = ServiceAccount()
