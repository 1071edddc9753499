"""What a pod's fsGroup does to the modes of its volumes (pkg/volume/volume_linux.go)."""

from __future__ import annotations

SET_GROUP = 0o2000
"""What is made in such a directory has its group."""
READ_WRITE, READ, ENTER = 0o660, 0o440, 0o110


def folder(mode: int, group: int, read_only: bool = False) -> int:
    return file(mode, group, read_only) | SET_GROUP | ENTER if group else mode


def file(mode: int, group: int, read_only: bool = False) -> int:
    """Owner and group may read, and write unless the volume is read-only."""
    return mode | (READ if read_only else READ_WRITE) if group else mode
