"""agnhost inclusterclient: asks the API server how it is, again and again, with the token of its account, and tells a
hash of that token, by which one sees when it is another one."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from typing import TYPE_CHECKING

from minikube_py.controllers.kubelet.cri.agnhost.flags import parse
from minikube_py.controllers.kubelet.cri.agnhost.golog import klog

if TYPE_CHECKING:
    from minikube_py.controllers.kubelet.cri.container import Container
    from minikube_py.controllers.kubelet.shell.session import Session

FLAGS = {"poll-interval": 30}
TOKEN = "/var/run/secrets/kubernetes.io/serviceaccount/token"


async def run(container: Container, session: Session, argv: Sequence[str]) -> int:
    flags, _ = parse(argv[2:], FLAGS)
    await klog(session, "started")
    while True:
        await session.sleep(flags["poll-interval"])
        await klog(session, "calling /healthz")
        try:
            token = (await session.files.read(TOKEN)).decode()
        except OSError:
            await klog(session, "authz_header=<empty>", "E")
            continue
        digest = hashlib.sha256(f"salt|Bearer {token}".encode()).digest()
        await klog(session, f"authz_header={base64.urlsafe_b64encode(digest).decode().rstrip('=')}")
