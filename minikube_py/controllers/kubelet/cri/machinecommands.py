"""Commands that look at the machine a container takes itself to be on: ip, mount, ping, sysctl."""

from __future__ import annotations

import functools
import ipaddress
from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from minikube_py.controllers.kubelet.shell.commands.options import needed, number, parse
from minikube_py.controllers.kubelet.shell.session import Complaint
from minikube_py.machinery.gvr import Object

if TYPE_CHECKING:
    from minikube_py.controllers.kubelet.shell.session import Command, Session

_MOUNTED = (
    "overlay on / type overlay (rw,relatime)",
    "proc on /proc type proc (rw,nosuid,nodev,noexec,relatime)",
    "tmpfs on /dev type tmpfs (rw,nosuid,size=65536k,mode=755)",
    "sysfs on /sys type sysfs (ro,nosuid,nodev,noexec,relatime)",
    "cgroup on /sys/fs/cgroup type cgroup2 (ro,nosuid,nodev,noexec,relatime)",
)
_FOREVER = "       valid_lft forever preferred_lft forever"


class Machine(Protocol):
    """A container, as far as they need one."""

    spec: Object
    address: str

    async def resolve(self, host: str) -> str: ...


def machine_commands(machine: Machine) -> dict[str, Command]:
    """By name, as run there."""
    known = {"ip": ip, "mount": mount, "ping": ping, "sysctl": sysctl}
    return {name: functools.partial(command, machine) for name, command in known.items()}


async def mount(machine: Machine, session: Session, argv: Sequence[str]) -> int:
    """mount [-t type]: what is mounted; mounting is not permitted."""
    options = parse(argv[1:], "alrw", "to")
    if options.operands:
        raise Complaint("permission denied (are you root?)")
    volumes = (
        f"/dev/vda1 on {each['mountPath']} type ext4 ({'ro' if each.get('readOnly') else 'rw'},relatime)"
        for each in machine.spec.get("volumeMounts") or ()
    )
    for line in (*_MOUNTED, *volumes):
        if line.split()[4] == options.value("t", line.split()[4]):
            await session.say(f"{line}\n")
    return 0


async def sysctl(machine: Machine, session: Session, argv: Sequence[str]) -> int:
    """sysctl [-n] name ...: reads what is in /proc/sys."""
    options = parse(argv[1:], "neaqw")
    code = 0
    for name in options.operands:
        name, sets, _ = name.partition("=")
        dotted = name.replace("/", ".")
        try:
            value = (await session.files.read(f"/proc/sys/{dotted.replace('.', '/')}")).decode().rstrip("\n")
        except OSError:
            await session.complain(f"sysctl: error: '{name}' is an unknown key")
            code = 1
            continue
        if sets:
            raise Complaint(f"error setting key '{name}': Read-only file system")
        await session.say(f"{value}\n" if "n" in options else f"{dotted} = {value}\n")
    return code


async def ip(machine: Machine, session: Session, argv: Sequence[str]) -> int:
    """ip [-4] address|link|route [show]: changing anything takes a privileged container, where nothing is to be seen of
    it."""
    words = [word for word in argv[1:] if not word.startswith("-")]
    needed(words, 1)
    about = next((each for each in ("address", "link", "route") if each.startswith(words[0])), "")
    if not about:
        raise Complaint(f"invalid argument '{words[0]}'")
    if words[1:2] and not any(each.startswith(words[1]) for each in ("show", "list", "dev", "eth0", "lo")):
        if (machine.spec.get("securityContext") or {}).get("privileged"):
            return 0
        raise Complaint("RTNETLINK answers: Operation not permitted", 2)
    lines = _routes(machine.address) if about == "route" else _links(machine.address, about == "address")
    await session.say("".join(f"{line}\n" for line in lines))
    return 0


def _routes(address: str) -> list[str]:
    network = ipaddress.ip_network(f"{address}/24", strict=False)
    return [f"default via {network[1]} dev eth0 ", f"{network} dev eth0 scope link  src {address} "]


def _links(address: str, with_addresses: bool) -> list[str]:
    network = ipaddress.ip_network(f"{address}/24", strict=False)
    hardware = ":".join(f"{byte:02x}" for byte in (0x0A, 0x58, *ipaddress.ip_address(address).packed[-4:]))
    lo = ["    inet 127.0.0.1/8 scope host lo", _FOREVER] if with_addresses else []
    eth0 = [f"    inet {address}/24 brd {network[-1]} scope global eth0", _FOREVER] if with_addresses else []
    return [
        "1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue qlen 1000",
        "    link/loopback 00:00:00:00:00:00 brd 00:00:00:00:00:00",
        *lo,
        "2: eth0@if5: <BROADCAST,MULTICAST,UP,LOWER_UP,M-DOWN> mtu 1500 qdisc noqueue ",
        f"    link/ether {hardware} brd ff:ff:ff:ff:ff:ff",
        *eth0,
    ]


async def ping(machine: Machine, session: Session, argv: Sequence[str]) -> int:
    """ping [-c count] [-i seconds] host: whatever has a name answers."""
    options = parse(argv[1:], "46qnA", "ciwWsIt")
    needed(options.operands, 1)
    host, count = options.operands[0], number(options.value("c", "0"))
    try:
        address = await machine.resolve(host)
    except OSError:
        raise Complaint(f"bad address '{host}'") from None
    await session.say(f"PING {host} ({address}): 56 data bytes\n")
    sent = 0
    while not count or sent < count:
        if sent:
            await session.sleep(1.0)
        await session.say(f"64 bytes from {address}: seq={sent} ttl=64 time=0.100 ms\n")
        sent += 1
    told = f"{sent} packets transmitted, {sent} packets received, 0% packet loss"
    times = "round-trip min/avg/max = 0.100/0.100/0.100 ms"
    await session.say(f"\n--- {host} ping statistics ---\n{told}\n{times}\n")
    return 0
