"""A container's environment, from its env and envFrom and from the Services around it (pkg/kubelet
makeEnvironmentVariables, pkg/kubelet/envvars)."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Mapping, Sequence

from minikube_py.client.protocol import Client
from minikube_py.controllers.kubelet.cri import downward
from minikube_py.controllers.kubelet.cri.hosts import hostname
from minikube_py.controllers.kubelet.cri.user import user_of
from minikube_py.machinery.errors import StatusError, is_not_found
from minikube_py.machinery.gvr import GroupVersionResource, Object
from minikube_py.machinery.streams import CommandFailed
from minikube_py.machinery.wellknown import CONFIG_MAPS, SECRETS, SERVICES

PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_reference = re.compile(r"\$(\$|\([^)]*\)|)")


class Sources:
    """ConfigMaps and Secrets as a pod sees them, each read once."""

    def __init__(self, client: Client, namespace: str) -> None:
        self._client = client
        self._namespace = namespace
        self._found: dict[tuple[str, str], Mapping[str, bytes] | None] = {}

    async def config_map(self, name: str, optional: bool) -> Mapping[str, bytes] | None:
        return await self._read(CONFIG_MAPS, name, optional, _config_map_data)

    async def secret(self, name: str, optional: bool) -> Mapping[str, bytes] | None:
        return await self._read(SECRETS, name, optional, _secret_data)

    async def _read(
        self,
        resource: GroupVersionResource,
        name: str,
        optional: bool,
        data: Callable[[Object], Mapping[str, bytes]],
    ) -> Mapping[str, bytes] | None:
        """None for one that is not there and need not be. Raises CommandFailed for one that has to."""
        key = (resource.resource, name)
        if key not in self._found:
            try:
                self._found[key] = data(await self._client.get(resource, self._namespace, name))
            except StatusError as error:
                if not is_not_found(error):
                    raise
                self._found[key] = None
        if self._found[key] is None and not optional:
            raise CommandFailed(f'{resource.resource.removesuffix("s")} "{name}" not found')
        return self._found[key]


def _config_map_data(config_map: Object) -> Mapping[str, bytes]:
    texts = {key: text.encode() for key, text in (config_map.get("data") or {}).items()}
    return texts | {key: base64.b64decode(text) for key, text in (config_map.get("binaryData") or {}).items()}


def _secret_data(secret: Object) -> Mapping[str, bytes]:
    return {key: base64.b64decode(text or "") for key, text in (secret.get("data") or {}).items()}


async def environment(client: Client, pod: Object, container: Object, allocatable: Mapping[str, str]) -> dict[str, str]:
    """Raises CommandFailed for what refers to something that is not there."""
    namespace = pod["metadata"]["namespace"]
    sources = Sources(client, namespace)
    declared: dict[str, str] = {}
    for source in container.get("envFrom") or ():
        declared.update(await _all_of(sources, source))
    services = await _service_variables(client, pod)
    for variable in container.get("env") or ():
        value: str | None = variable.get("value")
        if value:
            value = expand(value, {**services, **declared})
        elif variable.get("valueFrom"):
            value = await _value_from(sources, variable["valueFrom"], pod, container, allocatable)
            if value is None:
                continue
        declared[variable["name"]] = value or ""
    home = user_of(pod["spec"], container).home
    return {"PATH": PATH, "HOSTNAME": hostname(pod), "HOME": home, **services, **declared}


async def _all_of(sources: Sources, source: Object) -> dict[str, str]:
    found: Mapping[str, bytes] | None = None
    if (reference := source.get("configMapRef")) is not None:
        found = await sources.config_map(reference["name"], bool(reference.get("optional")))
    elif (reference := source.get("secretRef")) is not None:
        found = await sources.secret(reference["name"], bool(reference.get("optional")))
    return {source.get("prefix", "") + key: value.decode("utf-8", "replace") for key, value in (found or {}).items()}


async def _value_from(
    sources: Sources, source: Object, pod: Object, container: Object, allocatable: Mapping[str, str]
) -> str | None:
    """None for what is not there and need not be."""
    if (reference := source.get("fieldRef")) is not None:
        return downward.field(pod, reference["fieldPath"])
    if (reference := source.get("resourceFieldRef")) is not None:
        return downward.resource(pod, container, reference, allocatable)
    kind = "ConfigMap" if "configMapKeyRef" in source else "Secret"
    reference = source.get("configMapKeyRef") or source.get("secretKeyRef")
    if reference is None:
        return None
    optional = bool(reference.get("optional"))
    read = sources.config_map if kind == "ConfigMap" else sources.secret
    found = await read(reference["name"], optional)
    if found is None:
        return None
    value = found.get(reference["key"])
    if value is None and not optional:
        where = f"{pod['metadata']['namespace']}/{reference['name']}"
        raise CommandFailed(f"couldn't find key {reference['key']} in {kind} {where}")
    return None if value is None else value.decode("utf-8", "replace")


def expand(text: str, variables: Mapping[str, str]) -> str:
    """$(NAME) becomes its value where there is one; $$ is a dollar (third_party/forked/golang/expansion)."""

    def replaced(match: re.Match[str]) -> str:
        inside = match[1]
        if inside == "$":
            return "$"
        return variables.get(inside[1:-1], match[0]) if inside else match[0]

    return _reference.sub(replaced, text)


def expanded(words: Sequence[str], variables: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(expand(word, variables) for word in words)


async def _service_variables(client: Client, pod: Object) -> dict[str, str]:
    """Of the namespace's Services, unless the pod wants no links, and in any case of default/kubernetes."""
    namespace = pod["metadata"]["namespace"]
    found = list((await client.list(SERVICES, "default", field_selector="metadata.name=kubernetes")).items)
    if pod["spec"].get("enableServiceLinks", True):
        found += (await client.list(SERVICES, namespace)).items
    variables: dict[str, str] = {}
    for service in found:
        if service["spec"].get("clusterIP", "") not in ("", "None") and service["spec"].get("ports"):
            variables.update(_variables_of(service))
    return variables


def _variables_of(service: Object) -> dict[str, str]:
    prefix, address, ports = (
        _variable(service["metadata"]["name"]),
        service["spec"]["clusterIP"],
        service["spec"]["ports"],
    )
    host = f"[{address}]" if ":" in address else address
    found = {f"{prefix}_SERVICE_HOST": address, f"{prefix}_SERVICE_PORT": str(ports[0]["port"])}
    for number, port in enumerate(ports):
        protocol = port.get("protocol", "TCP")
        url = f"{protocol.lower()}://{host}:{port['port']}"
        if port.get("name"):
            found[f"{prefix}_SERVICE_PORT_{_variable(port['name'])}"] = str(port["port"])
        if not number:
            found[f"{prefix}_PORT"] = url
        link = f"{prefix}_PORT_{port['port']}_{protocol.upper()}"
        found[link] = url
        found[f"{link}_PROTO"] = protocol.lower()
        found[f"{link}_PORT"] = str(port["port"])
        found[f"{link}_ADDR"] = address
    return found


def _variable(name: str) -> str:
    return name.replace("-", "_").upper()
