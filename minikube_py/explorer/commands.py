"""`minikube-py why` and `minikube-py trace`: the explorer's pages on the terminal."""

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
    return why(options) if options.command == "why" else trace(options)


def why(options: argparse.Namespace) -> int:
    if "/" not in options.object:
        raise Refused(f"why: {options.object} is not of the form KIND/NAME")
    query = urllib.parse.urlencode({"object": options.object, "namespace": options.namespace})
    body = "".join(_get(options.server, f"/minikube-py/why?{query}"))
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
    for line in _get(options.server, path):
        if not line.strip():
            continue
        print(line.rstrip() if options.output == "json" else _trace_text(json.loads(line)), flush=options.follow)
    return 0


def _trace_text(cause: dict[str, Any]) -> str:
    triggers = ",".join(map(str, cause["triggers"])) or "-"
    writes = ",".join(map(str, cause["writes"])) or "-"
    return f"{cause_text(cause)}  {triggers} -> {writes}"


def _get(server: str, path: str) -> Iterator[str]:
    """The lines of an answer as they come. Raises Refused."""
    parts = urllib.parse.urlsplit(server if "//" in server else f"http://{server}")
    connection = http.client.HTTPConnection(parts.hostname or "localhost", parts.port or 80)
    try:
        connection.request("GET", path)
        response = connection.getresponse()
        if response.status != 200:
            body = response.read().decode(errors="replace")
            raise Refused(_message(body) or f"{server} answers {response.status}")
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
