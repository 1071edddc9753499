"""Modes of files as Go's fs.FileMode writes them: "-rw-r--r--", "drwxrwxrwx", "dtrwxrwxrwx", "dgrwxrws---"."""

from __future__ import annotations

from minikube_py.controllers.kubelet.cri.filesystem import Stat

_SPECIAL = ((0o4000, "u"), (0o2000, "g"), (0o1000, "t"))


def written(stat: Stat) -> str:
    kind = ("d" if stat.is_dir else "") + ("L" if stat.target is not None else "")
    kind += "".join(letter for bit, letter in _SPECIAL if stat.mode & bit)
    bits = "".join(letter if stat.mode >> (8 - index) & 1 else "-" for index, letter in enumerate("rwxrwxrwx"))
    return (kind or "-") + bits
