"""How volumes may be mounted."""

from __future__ import annotations

from collections.abc import Sequence

from minikube_py.machinery.field import ErrorList, Path, as_json, forbidden, not_supported

ACCESS_MODES = ("ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod")
VOLUME_MODES = ("Block", "Filesystem")
_SHORT = {"ReadWriteOnce": "RWO", "ReadOnlyMany": "ROX", "ReadWriteMany": "RWX", "ReadWriteOncePod": "RWOP"}


def access_modes_text(modes: Sequence[str] | None) -> str:
    """As tables show them: "RWO,ROX"."""
    return ",".join(short for mode, short in _SHORT.items() if mode in (modes or ()))


def validate_access_modes(modes: Sequence[str], path: Path) -> ErrorList:
    """Known ones, and ReadWriteOncePod alone."""
    errors: ErrorList = [not_supported(path, as_json(mode), ACCESS_MODES) for mode in modes if mode not in ACCESS_MODES]
    if "ReadWriteOncePod" in modes and len(set(ACCESS_MODES).intersection(modes)) > 1:
        errors.append(forbidden(path, "may not use ReadWriteOncePod with other access modes"))
    return errors
