"""What images say of themselves: how a container of one starts where nothing else is said, and what it has in it
(OCI image-spec config.md).

"registry.k8s.io/e2e-test-images/agnhost:2.63.0"    ENTRYPOINT ["/agnhost"], CMD ["pause"]
"busybox"                                           CMD ["sh"], which ends at once where nobody types
"example/shop"                                      nothing: nobody knows it
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple

from minikube_py.controllers.kubelet.image import program_name
from minikube_py.machinery.gvr import Object

if TYPE_CHECKING:
    from minikube_py.controllers.kubelet.cri.container import Container
    from minikube_py.controllers.kubelet.shell.session import Command

Commands = Callable[[Any], Mapping[str, "Command"]]
"""What a container of the image finds in it beside the shell's own, by name ("nginx") or by path ("/agnhost")."""


class ImageConfig(NamedTuple):
    entrypoint: tuple[str, ...] = ()
    command: tuple[str, ...] = ()
    programs: frozenset[str] = frozenset()
    """The keys of its commands."""
    module: str = ""
    """With its `commands_of` and `FILES`; imported when a container of it is first looked into."""
    content: tuple[tuple[str, bytes], ...] = ()
    """Files beside these."""
    user: int = 0
    """Whose its processes are."""

    def commands(self, container: Container) -> Mapping[str, Command]:
        if not self.module:
            return {}
        found: Commands = import_module(self.module).commands_of
        return found(container)

    def files(self) -> Mapping[str, bytes]:
        """By path."""
        found: Mapping[str, bytes] = import_module(self.module).FILES if self.module else {}
        return {**found, **dict(self.content)}


NOTHING = ImageConfig()
_HERE = "minikube_py.controllers.kubelet.cri"
_ALPINE = (("/etc/os-release", b'NAME="Alpine Linux"\nID=alpine\nPRETTY_NAME="Alpine Linux"\n'),)
_AGNHOST = ImageConfig(
    ("/agnhost",), ("pause",), frozenset({"/agnhost", "/agnhost-2"}), f"{_HERE}.agnhost", content=_ALPINE
)


def _update_demo(name: str) -> ImageConfig:
    """Of agnhost, with a picture, and with a file that tells which."""
    told = f'{{\n  "image": "{name}.jpg"\n}}\n'.encode()
    return _AGNHOST._replace(
        command=("test-webserver",), content=(*_ALPINE, ("/data.json", told), (f"/{name}.jpg", b""))
    )


_CONFIGS: Mapping[str, ImageConfig] = {
    "nginx": ImageConfig(programs=frozenset({"nginx"}), module=f"{_HERE}.nginx"),
    "busybox": ImageConfig(command=("sh",)),
    "alpine": ImageConfig(command=("/bin/sh",), content=_ALPINE),
    "debian": ImageConfig(command=("bash",)),
    "ubuntu": ImageConfig(command=("/bin/bash",)),
    "agnhost": _AGNHOST,
    "kitten": _update_demo("kitten"),
    "nautilus": _update_demo("nautilus"),
    "nonewprivs": _AGNHOST._replace(command=("nonewprivs",)),
    "nonroot": ImageConfig(user=1234),
}
"""By the last part of their names."""


@lru_cache(maxsize=1024)
def config_of(image: str) -> ImageConfig:
    """NOTHING for an image that nobody knows."""
    return _CONFIGS.get(program_name(image), NOTHING)


def argv_of(container: Object) -> tuple[str, ...]:
    """What a container starts with: its own words, and else those of its image; of these a command of its own leaves
    nothing."""
    command, args = tuple(container.get("command") or ()), tuple(container.get("args") or ())
    if command:
        return (*command, *args)
    config = config_of(container["image"])
    return (*config.entrypoint, *(args or config.command))
