"""Counts that may be percentages: apimachinery's intstr.GetScaledValueFromIntOrPercent."""

from __future__ import annotations

import math
import re

IntOrString = int | str

_is_percentage = re.compile("([0-9]+)%").fullmatch


def scaled(value: IntOrString, total: int, *, round_up: bool) -> int:
    """A count as it is, a percentage as its share of `total`. Raises ValueError of what is neither."""
    if isinstance(value, int):
        return value
    percentage = _is_percentage(value)
    if percentage is None:
        raise ValueError(f'invalid value for IntOrString: invalid type: string is not a percentage: "{value}"')
    share = int(percentage[1]) * total / 100
    return math.ceil(share) if round_up else math.floor(share)
