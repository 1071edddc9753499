"""agnhost dns-suffix, dns-server-list and etc-hosts: what its files say of names."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from minikube_py.controllers.kubelet.cri.container import Container
    from minikube_py.controllers.kubelet.shell.session import Session

_KEYWORDS = {"dns-suffix": "search", "dns-server-list": "nameserver"}


async def run(container: Container, session: Session, argv: Sequence[str]) -> int:
    if argv[1] == "etc-hosts":
        await session.say((await session.files.read("/etc/hosts")).decode() + "\n")
        return 0
    lines = (await session.files.read("/etc/resolv.conf")).decode().splitlines()
    found = next((line.split() for line in lines if line.startswith(_KEYWORDS[argv[1]])), None)
    if found is None:
        await session.complain("panic: Could not find DNS search list!")
        return 2
    await session.say(",".join(found[1:]) + "\n")
    return 0
