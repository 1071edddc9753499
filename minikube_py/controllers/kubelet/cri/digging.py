"""dig and getent: what the cluster's DNS and /etc/hosts say of names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from minikube_py.controllers.kubelet.cri.resolvconf import CLUSTER_SERVER
from minikube_py.controllers.kubelet.shell.session import Complaint

if TYPE_CHECKING:
    from minikube_py.controllers.kubelet.cri.clusterdns import Record
    from minikube_py.controllers.kubelet.cri.transfer import Place
    from minikube_py.controllers.kubelet.shell.session import Session

LIFETIME = 30
"""Seconds that a record is told to last."""
KINDS = ("A", "AAAA", "CNAME", "SRV", "PTR", "NS", "MX", "TXT", "SOA", "ANY")
UNREACHABLE, NOT_FOUND = 9, 2
"""Exit codes of dig and getent."""


@dataclass
class _Question:
    name: str = ""
    kind: str = "A"
    server: str = ""
    options: set[str] = field(default_factory=set)
    """Those of a plus that are on."""


@dataclass
class _Resolver:
    """What /etc/resolv.conf says."""

    servers: list[str] = field(default_factory=list)
    searches: list[str] = field(default_factory=list)
    dots: int = 1

    def candidates(self, name: str) -> list[str]:
        """The whole names that are tried, in order."""
        if name.endswith("."):
            return [name]
        searched = [f"{name}.{each}" for each in self.searches]
        return [name, *searched] if name.count(".") >= self.dots else [*searched, name]


async def _resolver(session: Session) -> _Resolver:
    found = _Resolver()
    try:
        text = (await session.files.read("/etc/resolv.conf")).decode()
    except OSError:
        return found
    for keyword, *values in (line.split() for line in text.splitlines() if line.strip()):
        if keyword == "nameserver":
            found.servers += values
        elif keyword == "search":
            found.searches = values
        elif keyword == "options":
            dots = [each[6:] for each in values if each.startswith("ndots:")]
            found.dots = int(dots[-1]) if dots else found.dots
    return found


async def dig(place: Place, session: Session, argv: Sequence[str]) -> int:
    """dig [@server] [+short] [+search] [+noall] [+answer] [-x address] [-t type] name [type]"""
    question, resolver = _asked(argv[1:]), await _resolver(session)
    server = question.server or next(iter(resolver.servers), "127.0.0.1")
    if server not in (CLUSTER_SERVER, *(await _addresses(place, server))):
        await session.say(";; no servers could be reached\n")
        return UNREACHABLE
    searched = "search" in question.options
    names = resolver.candidates(question.name) if searched else [question.name]
    found: list[Record] = []
    for name in names:
        found = place.look_up(name, question.kind)
        if found:
            break
    await session.say(_told(question, found, server))
    return 0


async def _addresses(place: Place, server: str) -> list[str]:
    """Of a server by its name, as far as the cluster's own may be meant."""
    try:
        return [CLUSTER_SERVER] if await place.resolve(server) == CLUSTER_SERVER else []
    except OSError:
        return []


def _asked(words: Sequence[str]) -> _Question:
    """Raises Complaint."""
    question = _Question(options={"cmd", "comments", "question", "answer", "stats"})
    rest = list(words)
    while rest:
        word = rest.pop(0)
        if word.startswith("@"):
            question.server = word[1:]
        elif word.startswith("+"):
            _option(question.options, word[1:].partition("=")[0])
        elif word in ("-x", "-t", "-p", "-q"):
            if not rest:
                raise Complaint(f"option requires an argument: {word[1:]}", 1)
            value = rest.pop(0)
            if word == "-x":
                question.name, question.kind = ".".join([*reversed(value.split(".")), "in-addr.arpa"]), "PTR"
            elif word == "-t":
                question.kind = value.upper()
            elif word == "-q":
                question.name = value
        elif word.upper() in KINDS and question.name:
            question.kind = word.upper()
        elif word.upper() != "IN" and not word.startswith("-"):
            question.name = word
    return question


def _option(options: set[str], name: str) -> None:
    if name == "noall":
        options -= {"cmd", "comments", "question", "answer", "stats"}
    elif name == "all":
        options |= {"cmd", "comments", "question", "answer", "stats"}
    elif name.startswith("no"):
        options.discard(name[2:])
    else:
        options.add(name)


def _told(question: _Question, found: Sequence[Record], server: str) -> str:
    if "short" in question.options:
        return "".join(f"{each.data}\n" for each in found)
    name = found[0].name if found else f"{question.name.rstrip('.')}."
    lines: list[str] = []
    if "comments" in question.options:
        status = "NOERROR" if found else "NXDOMAIN"
        lines += [";; Got answer:", f";; ->>HEADER<<- opcode: QUERY, status: {status}, id: 1"]
        lines += [f";; flags: qr aa rd; QUERY: 1, ANSWER: {len(found)}, AUTHORITY: 0, ADDITIONAL: 0", ""]
    if "question" in question.options:
        lines += [";; QUESTION SECTION:", f";{name}\t\tIN\t{question.kind}", ""]
    if "answer" in question.options and found:
        lines += [";; ANSWER SECTION:"] if "comments" in question.options else []
        lines += [f"{each.name}\t{LIFETIME}\tIN\t{each.kind}\t{each.data}" for each in found]
        lines += [""] if "comments" in question.options else []
    if "stats" in question.options:
        lines += [";; Query time: 0 msec", f";; SERVER: {server}#53({server})"]
    return "".join(f"{line}\n" for line in lines)


async def getent(place: Place, session: Session, argv: Sequence[str]) -> int:
    """getent hosts name ..."""
    if len(argv) < 3 or argv[1] not in ("hosts", "ahosts", "ahostsv4"):
        raise Complaint("wrong number of arguments", 1)
    known = await _hosts(session)
    code = 0
    for name in argv[2:]:
        line = known.get(name)
        if line is None:
            try:
                line = f"{await place.resolve(name)}\t{name}"
            except OSError:
                code = NOT_FOUND
                continue
        address, *names = line.split()
        await session.say(f"{address:<15} {' '.join(names)}\n")
    return code


async def _hosts(session: Session) -> dict[str, str]:
    """Lines of /etc/hosts by each of the names in them, the first one's."""
    found: dict[str, str] = {}
    try:
        text = (await session.files.read("/etc/hosts")).decode()
    except OSError:
        return found
    for line in text.splitlines():
        for name in line.partition("#")[0].split():
            found.setdefault(name, line)
    return found
