"""An extender: a web server that has a say in where pods go (pkg/scheduler/extender.go).

What it is sent and what it answers is k8s.io/kube-scheduler/extender/v1, whose fields are named as in Go: "NodeNames".
"""

from __future__ import annotations

import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import orjson

from minikube_py.machinery.gotext import quote
from minikube_py.machinery.gvr import NamespacedName, Object
from minikube_py.machinery.meta import uid

if TYPE_CHECKING:
    from aiohttp import ClientSession

TIMEOUT = 5.0
"""Seconds that it has for an answer, where nothing else is said (DefaultExtenderTimeout)."""


class ExtenderError(Exception):
    """It did not answer, or says that something is wrong."""


class Told(NamedTuple):
    """Victims on a node, as extenders are told of them."""

    pods: list[Object]
    violations: int
    """Of disruption budgets."""


class Filtered(NamedTuple):
    nodes: list[str]
    failed: dict[str, str]
    """Why nodes will not do unless pods go from them."""
    unresolvable: dict[str, str]
    """Why others will not do in any case."""


@dataclass(frozen=True)
class TLS:
    """`tlsConfig`."""

    insecure: bool = False
    server_name: str = ""
    cert_file: str = ""
    key_file: str = ""
    ca_file: str = ""
    ca_data: str = ""
    """PEM."""

    def context(self) -> ssl.SSLContext:
        """Raises OSError for files that cannot be read."""
        made = ssl.create_default_context(cafile=self.ca_file or None, cadata=self.ca_data or None)
        if self.insecure:
            made.check_hostname, made.verify_mode = False, ssl.CERT_NONE
        if self.cert_file:
            made.load_cert_chain(self.cert_file, self.key_file or None)
        return made


@dataclass(frozen=True)
class Extender:
    """As KubeSchedulerConfiguration has it. A verb that is "" is one that it does not have."""

    url: str
    filter_verb: str = ""
    prioritize_verb: str = ""
    preempt_verb: str = ""
    bind_verb: str = ""
    weight: int = 0
    timeout: float = TIMEOUT
    knows_nodes: bool = False
    """Whether it is told names alone (nodeCacheCapable)."""
    ignorable: bool = False
    managed: frozenset[str] = frozenset()
    """The resources of which pods that ask for one are its concern; none: all pods are."""
    tls: TLS | None = None

    def is_interested(self, pod: Object) -> bool:
        if not self.managed:
            return True
        spec = pod["spec"]
        for container in (*spec["containers"], *(spec.get("initContainers") or ())):
            resources = container.get("resources") or {}
            for field in ("requests", "limits"):
                if not self.managed.isdisjoint(resources.get(field) or ()):
                    return True
        return False

    # Verbs. All raise ExtenderError

    async def filter(self, session: ClientSession, pod: Object, nodes: Mapping[str, Object]) -> Filtered:
        """Which of the nodes will do."""
        result = _Answer(await self._send(session, self.filter_verb, self._arguments(pod, nodes)))
        if error := result.text("Error"):
            raise ExtenderError(error)
        names: list[str] = []
        if self.knows_nodes and (told := result.get("NodeNames")) is not None:
            names = told
            stranger = next((each for each in names if each not in nodes), None)
            if stranger is not None:
                claims = f"claims a filtered node {quote(stranger)} which is not found in the input node list"
                raise ExtenderError(f"extender {quote(self.url)} {claims}")
        elif (found := result.get("Nodes")) is not None:
            names = [each["metadata"]["name"] for each in found.get("items") or () if each["metadata"]["name"] in nodes]
        return Filtered(names, result.get("FailedNodes") or {}, result.get("FailedAndUnresolvableNodes") or {})

    async def prioritize(self, session: ClientSession, pod: Object, nodes: Mapping[str, Object]) -> dict[str, int]:
        """Scores by node, from 0 to 10."""
        given = await self._send(session, self.prioritize_verb, self._arguments(pod, nodes))
        answers = [_Answer(each) for each in given or ()]
        return {each.text("Host"): each.get("Score") or 0 for each in answers}

    async def preempt(
        self, session: ClientSession, pod: Object, victims: Mapping[str, Told], pods: Mapping[str, Mapping[str, Object]]
    ) -> dict[str, Told]:
        """Whom it would have go, by node; `pods` are those of each node, by uid."""
        field = "NodeNameToMetaVictims" if self.knows_nodes else "NodeNameToVictims"
        told: dict[str, Object] = {}
        for node, each in victims.items():
            listed = [{"UID": uid(pod)} for pod in each.pods] if self.knows_nodes else each.pods
            told[node] = {"Pods": listed, "NumPDBViolations": each.violations}
        arguments = {"Pod": pod, "NodeNameToVictims": None, "NodeNameToMetaVictims": None, field: told}
        result = _Answer(await self._send(session, self.preempt_verb, arguments))
        chosen = result.get("NodeNameToMetaVictims") or {}
        return {node: self._victims(node, _Answer(each), pods) for node, each in chosen.items()}

    def _victims(self, node: str, told: _Answer, pods: Mapping[str, Mapping[str, Object]]) -> Told:
        if node not in pods:
            raise ExtenderError(f'nodeinfo not found for node name "{node}"')
        found: list[Object] = []
        for wanted in (_Answer(each).text("UID") for each in told.get("Pods") or ()):
            if wanted not in pods[node]:
                claims = f"claims to preempt pod (UID: &MetaPod{{UID:{wanted},}}) on node: {node}"
                raise ExtenderError(f"extender: {self.url} {claims}, but the pod is not found on that node")
            found.append(pods[node][wanted])
        return Told(found, told.get("NumPDBViolations") or 0)

    async def bind(self, session: ClientSession, pod: NamespacedName, uid: str, node: str) -> None:
        arguments = {"PodName": pod.name, "PodNamespace": pod.namespace, "PodUID": uid, "Node": node}
        if error := _Answer(await self._send(session, self.bind_verb, arguments)).text("Error"):
            raise ExtenderError(error)

    def _arguments(self, pod: Object, nodes: Mapping[str, Object]) -> Object:
        listed = None if self.knows_nodes else {"metadata": {}, "items": list(nodes.values())}
        return {"Pod": pod, "Nodes": listed, "NodeNames": list(nodes) if self.knows_nodes else None}

    async def _send(self, session: ClientSession, verb: str, arguments: Object) -> Any:
        from aiohttp import ClientError, ClientTimeout

        url = f"{self.url.rstrip('/')}/{verb}"
        try:
            async with session.post(
                url,
                data=orjson.dumps(arguments),
                headers={"Content-Type": "application/json"},
                timeout=ClientTimeout(total=self.timeout),
                ssl=self.tls.context() if self.tls is not None else True,
                server_hostname=(self.tls.server_name or None) if self.tls is not None else None,
            ) as response:
                if response.status != 200:
                    raise ExtenderError(f"failed {verb} with extender at URL {url}, code {response.status}")
                return orjson.loads(await response.read())
        except TimeoutError as error:
            why = "context deadline exceeded (Client.Timeout exceeded while awaiting headers)"
            raise ExtenderError(f'Post "{url}": {why}') from error
        except (ClientError, OSError) as error:
            raise ExtenderError(f'Post "{url}": {_cause(error)}') from error
        except orjson.JSONDecodeError as error:
            raise ExtenderError(str(error)) from error


def _cause(error: BaseException) -> str:
    if isinstance(error.__cause__ or error, ConnectionRefusedError):
        host, port = getattr(error, "host", ""), getattr(error, "port", "")
        return f"dial tcp {host}:{port}: connect: connection refused"
    return str(error)


class _Answer:
    """Names of fields are the same in capitals and without, as Go reads them."""

    def __init__(self, given: Any) -> None:
        self._fields = {name.lower(): value for name, value in given.items()} if isinstance(given, dict) else {}

    def get(self, field: str) -> Any:
        return self._fields.get(field.lower())

    def text(self, field: str) -> str:
        return self.get(field) or ""


def in_order(extenders: Sequence[Extender]) -> tuple[Extender, ...]:
    """Those without which nothing goes are asked first."""
    return tuple(sorted(extenders, key=lambda each: each.ignorable))
