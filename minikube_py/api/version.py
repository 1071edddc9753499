"""/version and the list of all paths at / (apimachinery/pkg/version)."""

from __future__ import annotations

import platform
from collections.abc import Callable, Iterable

import orjson

from minikube_py.api.reply import Reply, Request
from minikube_py.machinery import errors
from minikube_py.machinery.gvr import Object
from minikube_py.release import __version__

EMULATION_SINCE = 33
"""The first minor version whose /version tells of emulation."""


def version_info(kubernetes: str) -> Object:
    """version.Info for "1.36": that version's words, our build behind the plus."""
    major, minor = kubernetes.split(".")[:2]
    info: Object = {"major": major, "minor": minor}
    if int(minor) >= EMULATION_SINCE:
        info |= {
            "emulationMajor": major,
            "emulationMinor": minor,
            "minCompatibilityMajor": major,
            "minCompatibilityMinor": str(int(minor) - 1),
        }
    return info | {
        "gitVersion": f"v{major}.{minor}.0+minikube-py",
        "gitCommit": __version__,
        "gitTreeState": "clean",
        "buildDate": "1970-01-01T00:00:00Z",
        "goVersion": f"python{platform.python_version()}",
        "compiler": platform.python_implementation().lower(),
        "platform": f"{platform.system().lower()}/{_machine()}",
    }


def _machine() -> str:
    return {"x86_64": "amd64", "aarch64": "arm64"}.get(platform.machine(), platform.machine())


class VersionPage:
    """Answers /version and /. `paths` lists the paths there are."""

    def __init__(self, kubernetes: str, paths: Callable[[], Iterable[str]]) -> None:
        self._info = version_info(kubernetes)
        self._paths = paths

    async def answer(self, request: Request) -> Reply | None:
        path = request.path.rstrip("/")
        if path not in ("", "/version"):
            return None
        if request.method != "GET":
            raise errors.method_not_allowed()
        tree = self._info if path else {"paths": sorted({*self._paths(), "/version"})}
        # Indented JSON whatever is asked: upstream writes both with an encoder of their own.
        return Reply(200, orjson.dumps(tree, option=orjson.OPT_INDENT_2))
