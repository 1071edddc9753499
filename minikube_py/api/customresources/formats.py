"""String formats that a schema can ask for (kube-openapi/pkg/validation/strfmt, govalidator).

Which are known: apiextensions-apiserver/pkg/apiserver/validation/formats.go; others are ignored.
"""

from __future__ import annotations

import datetime
import ipaddress
import re
from collections.abc import Callable
from email.utils import parseaddr
from urllib.parse import urlsplit

from minikube_py.api.schema import goduration

SHORT_NAMES_SINCE = 34
"""The first minor version that knows k8s-short-name and k8s-long-name."""


def normalized(format: str) -> str:
    return format.replace("-", "")


def known_format(format: str, types: tuple[str, ...], minor: int) -> str:
    """The format if Kubernetes 1.`minor` validates it for these types, else ""."""
    if not format:
        return ""
    only = types[0] if len(types) == 1 else ""
    if only in ("", "string"):
        name = normalized(format)
        known = name in FORMATS and (minor >= SHORT_NAMES_SINCE or not name.startswith("k8s"))
    elif only == "integer":
        known = format in ("int32", "int64")
    else:
        known = only == "number" and format in ("float", "double")
    return format if known else ""


def _matching(pattern: str, flags: int = 0) -> Callable[[str], bool]:
    compiled = re.compile(pattern, flags | re.ASCII)
    return lambda text: compiled.fullmatch(text) is not None


def _date(text: str) -> bool:
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        return False
    year, month, day = (int(part) for part in text.split("-"))
    try:
        datetime.date(year or 2000, month, day)  # Go knows the year 0, a leap year
    except ValueError:
        return False
    return True


_TIME = re.compile(r"([0-9]{2}):([0-9]{2}):([0-9]{2})(.[0-9]+)?(z|[+-][0-9]{2}:[0-9]{2})")


def _date_time(text: str) -> bool:
    date, separator, time = text.lower().partition("t")
    found = _TIME.fullmatch(time.partition("t")[0]) if separator and _date(date) else None
    return found is not None and found[1] <= "23" and found[2] <= "59" and found[3] <= "59"


def _email(text: str) -> bool:
    name, address = parseaddr(text)
    local, at, domain = address.rpartition("@")
    if not at or not local or not domain:
        return False
    if text.strip() == address:
        return not re.search(r"[\s<>()\[\],;:\\]", address) and ".." not in address and not domain.startswith(".")
    return text.strip().endswith(f"<{address}>") or bool(name)


_SYMBOL = re.compile(r"[\x00-\x2c\x2e\x2f\x3a-\x40\x5b-\x60\x7b-\x7f]")


def _hostname(text: str) -> bool:
    """Segments of letters, digits, symbols beyond ASCII and inner dashes; a last one of several is letters alone."""
    if not text or len(text.encode()) > 255:
        return False
    segments = text.split(".")
    if any(not _host_segment(each) for each in segments):
        return False
    last = segments[-1]
    return len(segments) == 1 or (2 <= len(last) <= 63 and all(each.isalpha() for each in last))


def _host_segment(segment: str) -> bool:
    return (
        0 < len(segment.encode()) <= 63
        and not _SYMBOL.search(segment)
        and not segment.startswith("-")
        and not segment.endswith("-")
    )


def _sloppy(text: str) -> str:
    """An address without the leading zeros that Go once took."""
    return re.sub(r"(?<![0-9a-fA-F:])0+(?=[0-9])", "", text) if "." in text else text


def _ipv4(text: str) -> bool:
    return "." in text and _address(text)


def _ipv6(text: str) -> bool:
    return ":" in text and _address(text)


def _address(text: str) -> bool:
    try:
        ipaddress.ip_address(_sloppy(text))
    except ValueError:
        return False
    return "%" not in text


def _cidr(text: str) -> bool:
    address, slash, length = text.partition("/")
    if not slash or not re.fullmatch(r"[0-9]+", length) or not _address(address):
        return False
    return int(length) <= (32 if ":" not in address else 128)


def _mac(text: str) -> bool:
    """EUI-48, EUI-64 and the 20 bytes of IPoIB, with colons, dashes, or dots between groups of four."""
    for separator, digits in ((":", 2), ("-", 2), (".", 4)):
        groups = text.split(separator)
        if len(groups) > 1 and all(re.fullmatch(rf"[0-9a-fA-F]{{{digits}}}", group) for group in groups):
            return len(groups) * digits // 2 in (6, 8, 20)
    return False


def _uri(text: str) -> bool:
    """net/url.ParseRequestURI: an absolute URI or an absolute path."""
    if not text or any(ord(each) < 0x20 or ord(each) == 0x7F for each in text):
        return False
    if text.startswith("/"):
        return True
    scheme, colon, rest = text.partition(":")
    if not colon or not re.fullmatch(r"[a-zA-Z][a-zA-Z0-9+.-]*", scheme) or not rest:
        return False
    try:
        return urlsplit(text).port is None or True
    except ValueError:
        return False


_DURATION = re.compile(r"([0-9]+)\s*([A-Za-zµ]+)")
_UNITS = (
    ("ns", "nano"),
    ("us", "µs", "micro"),
    ("ms", "milli"),
    ("s", "sec"),
    ("m", "min"),
    ("h", "hr", "hour"),
    ("d", "day"),
    ("w", "wk", "week"),
)


def _duration(text: str) -> bool:
    """A Go duration, or Scala's: "3 days", "5 minutes"."""
    try:
        goduration.duration(text)
    except ValueError:
        units = [found[2].lower() for found in _DURATION.finditer(text)]
        return any(unit in names or unit.startswith(names[-1]) for unit in units for names in _UNITS)
    return True


def _isbn10(text: str) -> bool:
    digits = re.sub(r"[\s-]", "", text)
    if not re.fullmatch(r"[0-9]{9}[0-9X]", digits):
        return False
    return sum((10 if each == "X" else int(each)) * (index + 1) for index, each in enumerate(digits)) % 11 == 0


def _isbn13(text: str) -> bool:
    digits = re.sub(r"[\s-]", "", text)
    if not re.fullmatch(r"[0-9]{13}", digits):
        return False
    total = sum(int(each) * (3 if index % 2 else 1) for index, each in enumerate(digits[:12]))
    return (10 - total % 10) % 10 == int(digits[12])


_CARDS = re.compile(
    r"4[0-9]{12}([0-9]{3})?|5[1-5][0-9]{14}|6(011|5[0-9][0-9])[0-9]{12}|3[47][0-9]{13}"
    r"|3(0[0-5]|[68][0-9])[0-9]{11}|(2131|1800|35[0-9]{3})[0-9]{11}|6[27][0-9]{14}"
)


def _credit_card(text: str) -> bool:
    digits = re.sub(r"[^0-9]+", "", text)
    if not _CARDS.fullmatch(digits):
        return False
    doubled = (int(each) * (2 if index % 2 else 1) for index, each in enumerate(reversed(digits)))
    return sum(number - 9 if number > 9 else number for number in doubled) % 10 == 0


_BYTE = r"(0|[1-9][0-9]?|1[0-9]{2}|2[0-4][0-9]|25[0-5])"
_LABEL = r"[a-z0-9]([-a-z0-9]*[a-z0-9])?"
_short_name = _matching(_LABEL)
_long_name = _matching(rf"{_LABEL}(\.{_LABEL})*")


def _uuid(version: str = "[0-9a-f]", variant: str = "[0-9a-f]") -> Callable[[str], bool]:
    pattern = f"[0-9a-f]{{8}}-?[0-9a-f]{{4}}-?{version}[0-9a-f]{{3}}-?{variant}[0-9a-f]{{3}}-?[0-9a-f]{{12}}"
    return _matching(pattern, re.IGNORECASE)


FORMATS: dict[str, Callable[[str], bool]] = {
    "bsonobjectid": _matching("[0-9a-fA-F]{24}"),
    "uri": _uri,
    "email": _email,
    "hostname": _hostname,
    "ipv4": _ipv4,
    "ipv6": _ipv6,
    "cidr": _cidr,
    "mac": _mac,
    "uuid": _uuid(),
    "uuid3": _uuid("3"),
    "uuid4": _uuid("4", "[89ab]"),
    "uuid5": _uuid("5", "[89ab]"),
    "isbn": lambda text: _isbn10(text) or _isbn13(text),
    "isbn10": _isbn10,
    "isbn13": _isbn13,
    "creditcard": _credit_card,
    "ssn": _matching(r"[0-9]{3}[- ]?[0-9]{2}[- ]?[0-9]{4}"),
    "hexcolor": _matching(r"#?([0-9a-fA-F]{3}|[0-9a-fA-F]{6})"),
    "rgbcolor": _matching(rf"rgb\(\s*{_BYTE}\s*,\s*{_BYTE}\s*,\s*{_BYTE}\s*\)"),
    "byte": _matching(r"([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=|[A-Za-z0-9+/]{4})"),
    "password": lambda text: True,
    "date": _date,
    "duration": _duration,
    "datetime": _date_time,
    "k8sshortname": lambda text: len(text) <= 63 and _short_name(text),
    "k8slongname": lambda text: len(text) <= 253 and _long_name(text),
}
"""By name without dashes."""
