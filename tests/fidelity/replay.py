"""Replays recordings against a cluster in this process, over HTTP, with time that only the steps move."""

from __future__ import annotations

import hashlib
import json
import string
import urllib.parse
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property
from types import TracebackType
from typing import Any

import yaml

from minikube_py.cluster import Cluster
from tests.fidelity import known, normalise
from tests.fidelity.recordings import Recording
from tests.fidelity.wire import Answer, HungUp, Wire

CONTROLLERS = "serviceaccount-controller,serviceaccount-token-controller,namespace-controller"
"""What ran beside the recorded server: the API server is compared, not the controllers."""
OPTIONS: dict[str, Any] = {
    "kubernetes_version": "1.36",
    "service_cluster_ip_range": "10.96.0.0/16",
    "controllers": CONTROLLERS,
    "clock": "virtual",
    "seed": 36,
}
TOKEN = "admintoken"
"""The recorded server's administrator."""
HEADERS = ("content-type", "warning", "allow", "retry-after", "location", "accept-patch")
"""The headers that are compared."""
TRIES = 10
"""So many seconds of the cluster's time is a step's `until` waited for."""


class Verdict(Enum):
    """From best to worst."""

    IDENTICAL = "identical"
    PATCHED = "identical but for a patch"
    """What the recorded distribution has changed in Kubernetes aside."""
    SAME_STATUS = "same status"
    DIFFERENT = "different"


@dataclass(frozen=True)
class Outcome:
    """How a step went."""

    scenario: str
    step: str
    request: str
    """"GET /api/v1/namespaces/$ns/pods", as the scenario writes it."""
    expected: dict[str, Any] = field(repr=False)
    actual: dict[str, Any] = field(repr=False)

    @cached_property
    def verdict(self) -> Verdict:
        if self.expected == self.actual:
            return Verdict.IDENTICAL
        if known.without_patch(self.expected) == self.actual:
            return Verdict.PATCHED
        same = self.expected["status"] == self.actual["status"]
        return Verdict.SAME_STATUS if same else Verdict.DIFFERENT


class Replayer:
    """A cluster, and recordings replayed against it in whatever order. Enter it to start the cluster."""

    def __init__(self) -> None:
        self._cluster = Cluster(port=0, **OPTIONS)
        self._wire: Wire | None = None

    async def __aenter__(self) -> Replayer:
        await self._cluster.__aenter__()
        await self._cluster.settle()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._wire is not None:
            self._wire.close()
        await self._cluster.stop()

    async def replay(self, recording: Recording) -> list[Outcome]:
        """The scenario's steps in two namespaces of its own, which go again in the end."""
        unique = hashlib.sha256(recording.name.encode()).hexdigest()[:6]
        variables = {"ns": f"ns-{unique}", "ns2": f"ns2-{unique}", "uniq": unique, "token": TOKEN, "mib": "a" * 2**20}
        for name in (variables["ns"], variables["ns2"]):
            await self._request("POST", "/api/v1/namespaces", {"Content-Type": "application/json"}, _namespace(name))
        outcomes = []
        for step in recording.steps:
            done = Step(substitute({key: value for key, value in step.items() if key != "id"}, variables))
            actual = await self._perform(done, variables)
            expected = recording.answers[step["id"]]
            outcomes.append(
                Outcome(
                    recording.name,
                    step["id"],
                    step["req"],
                    normalise.compared(expected, done.tree),
                    normalise.compared(actual, done.tree),
                )
            )
        for name in (variables["ns"], variables["ns2"]):
            await self._request("DELETE", f"/api/v1/namespaces/{name}", {}, None)
        return outcomes

    async def _perform(self, step: Step, variables: dict[str, str]) -> dict[str, Any]:
        names = {variables["ns2"]: "<ns2>", variables["ns"]: "<ns>", variables["uniq"]: "<uniq>"}
        if step.tree.get("sleep"):
            await self._cluster.advance(step.tree["sleep"])
        try:
            answer, parsed = await (self._watch(step) if step.tree.get("watch") else self._ask(step))
        except HungUp as error:
            return {"status": 0, "headers": {}, "body": str(error)}
        if step.tree.get("keep") and isinstance(parsed, dict):
            parts = step.tree["keep"]
            parsed = {part if isinstance(part, str) else " ".join(part): normalise.dig(parsed, part) for part in parts}
        for name, path in (step.tree.get("save") or {}).items():
            variables[name] = str(normalise.dig(parsed, path) if not isinstance(parsed, str) else "")
        headers = {name: ", ".join(answer.headers[name]) for name in HEADERS if name in answer.headers}
        return {
            "status": answer.status,
            "headers": {name: normalise.text(value, names) for name, value in headers.items()},
            "body": normalise.tree(parsed, names),
        }

    async def _ask(self, step: Step) -> tuple[Answer, Any]:
        """The answer; where the step waits for something, the first that has it, or the last."""
        for _ in range(TRIES):
            await self._cluster.settle()
            answer = await self._request(step.method, step.path, step.headers, step.body)
            parsed = parse(answer, step.tree.get("raw", False))
            if step.satisfied(answer.status, parsed):
                break
            await self._cluster.advance(1.0)
        return answer, parsed

    async def _watch(self, step: Step) -> tuple[Answer, Any]:
        """The events of so many seconds, without the bookmarks that come when the server likes."""
        await self._cluster.settle()
        wire = await self._open()
        try:
            answer = await wire.watch(step.method, step.path, _authorized(step.headers), step.body)
            if answer.is_stream:
                await self._cluster.advance(step.tree["watch"])
                answer.body = await wire.arrived()
        finally:
            wire.close()
        if answer.status != 200 or "protobuf" in answer.content_type:
            return answer, parse(answer, step.tree.get("raw", False))
        lines = [line for line in answer.body.decode(errors="replace").split("\n") if line.strip()]
        events = [json.loads(line) if line.startswith("{") else line for line in lines]
        return answer, {"events": [event for event in events if not _is_plain_bookmark(event)]}

    async def _request(self, method: str, path: str, headers: dict[str, str | None], body: bytes | None) -> Answer:
        """Once more on a new connection where the server has ended the old one."""
        for last in (False, True):
            if self._wire is None or self._wire.ended:
                self._wire = await self._open()
            try:
                return await self._wire.request(method, path, _authorized(headers), body)
            except HungUp:
                self._wire = None
                if last:
                    raise
        raise AssertionError("unreachable")

    async def _open(self) -> Wire:
        assert self._cluster.port is not None
        return await Wire.open(self._cluster.port)


class Step:
    """A step with its variables filled in."""

    def __init__(self, tree: dict[str, Any]) -> None:
        self.tree = tree
        self.method, path = tree["req"].split(" ", 1)
        self.path = urllib.parse.quote(path, safe="/?&=%:,@*!()+~$-_.")
        self.body, media_type = _body(tree.get("body"))
        usual: dict[str, str | None] = {"Accept": "application/json", "User-Agent": "replay/1.0"}
        self.headers = usual | media_type | (tree.get("headers") or {})

    def satisfied(self, status: int, parsed: Any) -> bool:
        until = self.tree.get("until")
        if not until:
            return True
        if "status_code" in until:
            return bool(status == until["status_code"])
        return bool(normalise.dig(parsed, until["path"]) == until.get("equals"))


def substitute(value: Any, variables: dict[str, str]) -> Any:
    """A tree with $names filled in, in keys too; in bytes, which are protobuf, the lengths stay those of a name."""
    if isinstance(value, str):
        return string.Template(value).safe_substitute(variables)
    if isinstance(value, bytes):
        return substitute(value.decode("latin-1"), variables).encode("latin-1")
    if isinstance(value, dict):
        return {substitute(key, variables): substitute(each, variables) for key, each in value.items()}
    if isinstance(value, list):
        return [substitute(each, variables) for each in value]
    return value


def parse(answer: Answer, raw: bool) -> Any:
    """A body as it is compared: JSON and YAML as trees, protobuf as a placeholder, all else as text."""
    if "protobuf" in answer.content_type:
        return "<protobuf>"
    text = answer.body.decode(errors="replace")
    if raw:
        return text
    try:
        return yaml.safe_load(text) if "yaml" in answer.content_type else json.loads(text)
    except (ValueError, yaml.YAMLError):
        return text


def _body(value: Any) -> tuple[bytes | None, dict[str, str]]:
    if value is None:
        return None, {}
    if not isinstance(value, bytes):
        value = (value if isinstance(value, str) else json.dumps(value)).encode()
    return value, {"Content-Type": "application/json"}


def _authorized(headers: dict[str, str | None]) -> dict[str, str]:
    return {
        name: value for name, value in ({"Authorization": f"Bearer {TOKEN}"} | headers).items() if value is not None
    }


def _namespace(name: str) -> bytes:
    return json.dumps({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}).encode()


def _is_plain_bookmark(event: Any) -> bool:
    """One that does not end the initial events."""
    if not isinstance(event, dict) or event.get("type") != "BOOKMARK":
        return False
    return "k8s.io/initial-events-end" not in json.dumps(event)
