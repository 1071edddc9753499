"""agnhost inclusterclient: asks the API server how it is, again and again, with the token of its account, and tells a
hash of that token, by which one sees when it is another one."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from typing import TYPE_CHECKING

from minikube_py.controllers.kubelet.cri.agnhost.flags import parse
from minikube_py.controllers.kubelet.cri.agnhost.golog import klog
from minikube_py.controllers.kubelet.cri.agnhost.http import fetched

if TYPE_CHECKING:
    from minikube_py.controllers.kubelet.cri.container import Container
    from minikube_py.controllers.kubelet.shell.session import Session

FLAGS = {"poll-interval": 30}
TOKEN = "/var/run/secrets/kubernetes.io/serviceaccount/token"


async def run(container: Container, session: Session, argv: Sequence[str]) -> int:
    flags, _ = parse(argv[2:], FLAGS)
    await klog(session, "started")
    place = ":".join(session.env.get(name, "") for name in ("KUBERNETES_SERVICE_HOST", "KUBERNETES_SERVICE_PORT"))
    while True:
        await session.sleep(flags["poll-interval"])
        await klog(session, "calling /healthz")
        try:
            token = (await session.files.read(TOKEN)).decode()
            await klog(session, f"authz_header={_hashed(token)}")
            await fetched(container, session, f"https://{place}/healthz", {"Authorization": f"Bearer {token}"})
        except OSError as error:
            await klog(session, "status=failed", "E")
            await klog(session, f"error checking /healthz: {error}", "E")


def _hashed(token: str) -> str:
    digest = hashlib.sha256(f"salt|Bearer {token}".encode()).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")
