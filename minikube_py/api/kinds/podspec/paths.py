"""Rules of file paths and modes inside pods."""

from __future__ import annotations

from minikube_py.machinery.field import ErrorList, Path, invalid

DEFAULT_MODE = 0o644
"""Of files in volumes."""
_MODE_PROBLEM = "must be a number between 0 and 0777 (octal), both inclusive"


def backstep_errors(target: str, path: Path) -> ErrorList:
    """No element is ".."; said once."""
    if ".." in target and ".." in target.split("/"):
        return [invalid(path, target, "must not contain '..'")]
    return []


def is_plain(target: str) -> bool:
    """Whether none of these rules has anything against a path: for callers that would make its Path for nothing."""
    return not target.startswith("/") and ".." not in target


def descending_errors(target: str, path: Path) -> ErrorList:
    """Relative, and without "..": stays below where it starts."""
    errors: ErrorList = []
    if target.startswith("/"):
        errors.append(invalid(path, target, "must be a relative path"))
    return errors + backstep_errors(target, path)


def non_reserved_errors(target: str, path: Path) -> ErrorList:
    """Descending, and not named "..something", which volumes keep for themselves."""
    errors = descending_errors(target, path)
    if target.startswith("..") and not target.startswith("../"):
        errors.append(invalid(path, target, "must not start with '..'"))
    return errors


def mode_errors(mode: int | None, path: Path) -> ErrorList:
    if mode is None or 0 <= mode <= 0o777:
        return []
    return [invalid(path, mode, _MODE_PROBLEM)]
