"""IntOrString values that are counts or percentages: 3, "25%" (pkg/apis/apps/validation)."""

from __future__ import annotations

from minikube_py.machinery.field import ErrorList, Path, as_json, invalid, invalid_each
from minikube_py.machinery.integers import parse_int64
from minikube_py.machinery.names import percent

IntOrString = int | str

_NEGATIVE = "must be greater than or equal to 0"


def validate_int_or_percent(value: IntOrString, path: Path) -> ErrorList:
    """A count from 0, or digits and a percent sign (ValidatePositiveIntOrPercent)."""
    if isinstance(value, str):
        problems = percent(value)
        return invalid_each(path, as_json(value), problems) if problems else []
    return [invalid(path, value, _NEGATIVE, "minimum")] if value < 0 else []


def validate_at_most_100_percent(value: IntOrString, path: Path) -> ErrorList:
    """Counts and what is no percentage pass (IsNotMoreThan100Percent)."""
    share = percentage(value)
    return [] if share is None or share <= 100 else [invalid(path, as_json(value), "must not be greater than 100%")]


def percentage(value: IntOrString) -> int | None:
    """25 of "25%"; None of what is no percentage."""
    return int(value[:-1]) if isinstance(value, str) and not percent(value) else None


def amount(value: IntOrString) -> int:
    """The number before the percent sign, or the count; 0 of what is neither (getIntOrPercentValue)."""
    if isinstance(value, int):
        return value
    share = percentage(value)
    return share if share is not None else parse_int64(value) or 0
