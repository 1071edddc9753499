"""`minikube-py why`, `trace` and `node`: the explorer's pages on the terminal."""

from __future__ import annotations

import argparse
import http.client
import json
import urllib.parse
from collections.abc import Iterator
from typing import Any

from minikube_py.explorer.causes import cause_text, explanation_text
from minikube_py.refusal import Refused


def run(options: argparse.Namespace) -> int:
    """Raises Refused."""
    return {"why": why, "trace": trace, "node": node}[options.command](options)


def why(options: argparse.Namespace) -> int:
    if "/" not in options.object:
        raise Refused(f"why: {options.object} is not of the form KIND/NAME")
    query = urllib.parse.urlencode({"object": options.object, "namespace": options.namespace})
    body = "".join(_ask(options.server, f"/minikube-py/why?{query}"))
    answer = json.loads(body)
    if options.output == "json":
        print(json.dumps(answer, indent=2))
        return 0
    print(options.object)
    for line in explanation_text(answer["history"]):
        print(f"  {line}")
    return 0


def trace(options: argparse.Namespace) -> int:
    path = "/minikube-py/trace" + ("?follow=true" if options.follow else "")
    for line in _ask(options.server, path):
        if not line.strip():
            continue
        print(line.rstrip() if options.output == "json" else _trace_text(json.loads(line)), flush=options.follow)
    return 0


DONE = {"add": "added", "remove": "removed", "stop": "stopped", "start": "started"}


def node(options: argparse.Namespace) -> int:
    body: dict[str, Any] = {"name": options.name}
    if options.verb == "add":
        body["labels"] = _pairs(options.label, "--label")
        body["capacity"] = _pairs(options.capacity, "--capacity")
        body["taints"] = [_taint(each) for each in options.taint]
    answer = json.loads("".join(_ask(options.server, f"/minikube-py/nodes/{options.verb}", body)))
    print(f"node/{answer['name']} {DONE[options.verb]}")
    return 0


def _pairs(texts: list[str], flag: str) -> dict[str, str]:
    for text in texts:
        if "=" not in text:
            raise Refused(f"node: {flag} {text} is not of the form KEY=VALUE")
    return dict(text.split("=", 1) for text in texts)


def _taint(text: str) -> dict[str, str]:
    """Of key=value:effect or key:effect, as kubectl taint has it."""
    pair, separator, effect = text.rpartition(":")
    if not separator:
        raise Refused(f"node: --taint {text} is not of the form KEY=VALUE:EFFECT")
    key, _, value = pair.partition("=")
    return {"key": key, "effect": effect, **({"value": value} if value else {})}


def _trace_text(cause: dict[str, Any]) -> str:
    triggers = ",".join(map(str, cause["triggers"])) or "-"
    writes = ",".join(map(str, cause["writes"])) or "-"
    return f"{cause_text(cause)}  {triggers} -> {writes}"


def _ask(server: str, path: str, body: dict[str, Any] | None = None) -> Iterator[str]:
    """The lines of an answer as they come; a body is posted. Raises Refused."""
    parts = urllib.parse.urlsplit(server if "//" in server else f"http://{server}")
    connection = http.client.HTTPConnection(parts.hostname or "localhost", parts.port or 80)
    try:
        if body is None:
            connection.request("GET", path)
        else:
            connection.request("POST", path, json.dumps(body), {"Content-Type": "application/json"})
        response = connection.getresponse()
        if response.status not in (200, 201):
            refusal = response.read().decode(errors="replace")
            raise Refused(_message(refusal) or f"{server} answers {response.status}")
        for line in response:
            yield line.decode()
    except (OSError, http.client.HTTPException) as error:
        raise Refused(f"no control plane at {server}: {error}") from None
    finally:
        connection.close()


def _message(body: str) -> str:
    try:
        return str(json.loads(body).get("message", ""))
    except (ValueError, AttributeError):
        return body.strip()
