"""Programs given at the start: Python files whose IMAGES say which coroutine runs as the containers of which image."""

from __future__ import annotations

import runpy
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from minikube_py.images import Program


class ProgramError(Exception):
    """A file of images cannot be used; the message is one line and names it."""


def read_images(paths: Iterable[str]) -> dict[str, Program | None]:
    """The IMAGES of all files; of the same name the last counts. Raises ProgramError."""
    found: dict[str, Program | None] = {}
    for path in paths:
        found.update(_read(Path(path)))
    return found


def _read(file: Path) -> dict[str, Program | None]:
    try:
        names = runpy.run_path(str(file))
    except OSError as error:
        raise ProgramError(f"--images: cannot read {file}: {error.strerror or error}") from None
    except Exception as error:  # whatever the file does
        raise ProgramError(f"--images: {file}: {type(error).__name__}: {' '.join(str(error).split())}") from None
    images = names.get("IMAGES")
    if not isinstance(images, dict) or not all(
        isinstance(name, str) and (program is None or callable(program)) for name, program in images.items()
    ):
        raise ProgramError(f"--images: {file} has no IMAGES, a dict of coroutine functions by name of an image")
    return images
