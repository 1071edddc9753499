"""Commands that say where one is, who one is and when: printenv, hostname, id, uname, date, pwd, basename, ..."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from minikube_py.controllers.kubelet.cri.user import name_of
from minikube_py.controllers.kubelet.shell.commands.options import needed, parse
from minikube_py.controllers.kubelet.shell.launch import where
from minikube_py.controllers.kubelet.shell.session import Complaint, Session
from minikube_py.machinery.clock import parse_rfc3339

_DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
_MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]
_ISO = {"": "%Y-%m-%d", "date": "%Y-%m-%d", "hours": "%Y-%m-%dT%H+00:00", "minutes": "%Y-%m-%dT%H:%M+00:00"}
_ISO |= {"seconds": "%Y-%m-%dT%H:%M:%S+00:00", "ns": "%Y-%m-%dT%H:%M:%S,%N+00:00"}
_UNAME = {"s": "Linux", "n": "", "r": "6.1.0", "v": "#1 SMP", "m": "x86_64", "o": "GNU/Linux"}


async def true(session: Session, argv: Sequence[str]) -> int:
    return 0


async def false(session: Session, argv: Sequence[str]) -> int:
    return 1


async def printenv(session: Session, argv: Sequence[str]) -> int:
    if len(argv) == 1:
        await session.say("".join(f"{name}={value}\n" for name, value in session.env.items()))
        return 0
    code = 0
    for name in argv[1:]:
        if name in session.env:
            await session.say(f"{session.env[name]}\n")
        else:
            code = 1
    return code


async def hostname(session: Session, argv: Sequence[str]) -> int:
    options = parse(argv[1:], "sfdiI")
    if "i" in options or "I" in options:
        await session.say(f"{await _own_address(session)}\n")
    else:
        await session.say(f"{session.hostname}\n")
    return 0


async def _own_address(session: Session) -> str:
    """As /etc/hosts has it. Raises OSError, Complaint."""
    for line in (await session.files.read("/etc/hosts")).decode().splitlines():
        address, *names = line.split() or [""]
        if session.hostname in names:
            return address
    raise Complaint(f"{session.hostname}: Unknown host")


async def identity(session: Session, argv: Sequence[str]) -> int:
    """id [-u|-g|-G] [-n]"""
    options = parse(argv[1:], "ugGnr")
    user, groups = session.user, session.user.groups
    chosen = (user.uid,) if "u" in options else (user.gid,) if "g" in options else groups if "G" in options else ()
    if chosen:
        text = " ".join((name_of(each) or str(each)) if "n" in options else str(each) for each in chosen)
    else:
        text = f"uid={_named(user.uid)} gid={_named(user.gid)} groups={','.join(map(_named, groups))}"
    await session.say(f"{text}\n")
    return 0


def _named(id: int) -> str:
    name = name_of(id)
    return f"{id}({name})" if name else str(id)


async def whoami(session: Session, argv: Sequence[str]) -> int:
    if not session.user.name:
        raise Complaint(f"unknown uid {session.user.uid}")
    await session.say(f"{session.user.name}\n")
    return 0


async def uname(session: Session, argv: Sequence[str]) -> int:
    """uname [-asnrvmo]"""
    options = parse(argv[1:], "asnrvmpio", long={"all": "a"})
    facts = {**_UNAME, "n": session.hostname}
    shown = [fact for letter, fact in facts.items() if letter in options or "a" in options]
    await session.say(" ".join(shown or [facts["s"]]) + "\n")
    return 0


async def pwd(session: Session, argv: Sequence[str]) -> int:
    await session.say(f"{session.cwd}\n")
    return 0


async def nproc(session: Session, argv: Sequence[str]) -> int:
    await session.say("1\n")
    return 0


async def date(session: Session, argv: Sequence[str]) -> int:
    """date [-u] [-R] [-I[spec]] [-d @seconds|time] [+format]"""
    words = [f"-I{word[11:]}" if word.startswith("--iso-8601=") else word for word in argv[1:]]
    iso = next((word[2:] for word in words if word.startswith("-I")), None)
    options = parse([word for word in words if not word.startswith("-I")], "uR", "d", {"utc": "u", "date": "d"})
    when = _moment(options.value("d", ""), session.now())
    form = "%a %b %e %H:%M:%S UTC %Y"
    if iso is not None:
        if iso not in _ISO:
            raise Complaint(f"unknown specification '{iso}'")
        form = _ISO[iso]
    if "R" in options:
        form = "%a, %d %b %Y %H:%M:%S +0000"
    for operand in options.operands:
        if not operand.startswith("+"):
            raise Complaint(f"invalid date '{operand}'")
        form = operand[1:]
    await session.say(formatted(form, when) + "\n")
    return 0


def _moment(text: str, now: float) -> float:
    """Raises Complaint."""
    if text in ("", "now"):
        return now
    try:
        if text.startswith("@"):
            seconds = float(text[1:])
            datetime.fromtimestamp(seconds, UTC)
            return seconds
        return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() if "Z" not in text else parse_rfc3339(text)
    except (ValueError, OverflowError, OSError):
        raise Complaint(f"invalid date '{text}'") from None


def formatted(form: str, when: float) -> str:
    """As strftime does in UTC and plain English."""
    moment = datetime.fromtimestamp(0, UTC) + timedelta(microseconds=int(when * 1e6))

    def meant(match: re.Match[str]) -> str:
        plain, letter = match[1], match[2]
        value = _field(letter, moment, when)
        return match[0] if value is None else value.lstrip("0 ") or "0" if plain else value

    return re.sub(r"%([-_]?)([a-zA-Z%])", meant, form)


def _field(letter: str, moment: datetime, when: float) -> str | None:
    compound = {"F": "%Y-%m-%d", "T": "%H:%M:%S", "R": "%H:%M", "D": "%m/%d/%y", "c": "%a %b %e %H:%M:%S %Y"}
    if letter in compound:
        return formatted(compound[letter], when)
    fields = {
        "Y": f"{moment.year:04}",
        "y": f"{moment.year % 100:02}",
        "m": f"{moment.month:02}",
        "d": f"{moment.day:02}",
        "e": f"{moment.day:>2}",
        "H": f"{moment.hour:02}",
        "I": f"{(moment.hour - 1) % 12 + 1:02}",
        "M": f"{moment.minute:02}",
        "S": f"{moment.second:02}",
        "N": f"{moment.microsecond * 1000:09}",
        "p": "AM" if moment.hour < 12 else "PM",
        "s": str(int(when // 1)),
        "j": f"{moment.timetuple().tm_yday:03}",
        "u": str(moment.isoweekday()),
        "w": str(moment.isoweekday() % 7),
        "A": _DAYS[moment.weekday()],
        "a": _DAYS[moment.weekday()][:3],
        "B": _MONTHS[moment.month - 1],
        "b": _MONTHS[moment.month - 1][:3],
        "h": _MONTHS[moment.month - 1][:3],
        "z": "+0000",
        "Z": "UTC",
        "n": "\n",
        "t": "\t",
        "%": "%",
    }
    return fields.get(letter)


async def basename(session: Session, argv: Sequence[str]) -> int:
    """basename path [suffix]"""
    needed(argv, 2)
    name = posixpath.basename(argv[1].rstrip("/")) or ("/" if argv[1] else "")
    if len(argv) > 2 and name != argv[2]:
        name = name.removesuffix(argv[2])
    await session.say(f"{name}\n")
    return 0


async def dirname(session: Session, argv: Sequence[str]) -> int:
    needed(argv, 2)
    for path in argv[1:]:
        above = posixpath.dirname(path.rstrip("/")) if path.strip("/") else "/" if path else ""
        await session.say(f"{above or '.'}\n")
    return 0


async def which(session: Session, argv: Sequence[str]) -> int:
    options = parse(argv[1:], "a")
    code = 0
    for name in options.operands:
        path = await where(session, name)
        if path is None:
            code = 1
        else:
            await session.say(f"{path}\n")
    return code
