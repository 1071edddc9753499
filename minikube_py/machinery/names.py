"""What names, keys and values may look like: apimachinery's util/validation, api/validate/content and api/validation.

Each validator answers the problems in upstream's words; an empty list is a fine string. A NameFn also takes `prefix`:
whether the name is a generateName, to which something will still be added.
"""

from __future__ import annotations

import re
from collections.abc import Callable

NameFn = Callable[[str, bool], list[str]]

_LABEL = "[a-z0-9]([-a-z0-9]*[a-z0-9])?"
_LABEL_UNDERSCORE = "_?[a-z0-9]([-_a-z0-9]*[a-z0-9])?"
_SUBDOMAIN = f"{_LABEL}(\\.{_LABEL})*"
_SUBDOMAIN_UNDERSCORE = f"{_LABEL_UNDERSCORE}(\\.{_LABEL_UNDERSCORE})*"
_LABEL_1035 = "[a-z]([-a-z0-9]*[a-z0-9])?"
_WILDCARD = f"\\*\\.{_SUBDOMAIN}"
_KEY = "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]"
_VALUE = f"({_KEY})?"
_C_IDENTIFIER = "[A-Za-z_][A-Za-z0-9_]*"
_PERCENT = "[0-9]+%"
_HEADER = "[-A-Za-z0-9]+"
_ENV_VAR = "[-._a-zA-Z][-._a-zA-Z0-9]*"
_CONFIG_KEY = "[-._a-zA-Z0-9]+"

# The same languages without a group that could backtrack over the whole name.
_is_label = re.compile("[a-z0-9](?:[-a-z0-9]*[a-z0-9])?").fullmatch
_is_subdomain = re.compile("[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*").fullmatch
_is_subdomain_caseless = re.compile(_SUBDOMAIN, re.IGNORECASE | re.ASCII).fullmatch
_is_subdomain_underscore = re.compile(_SUBDOMAIN_UNDERSCORE).fullmatch
_is_label_1035 = re.compile(_LABEL_1035).fullmatch
_is_wildcard = re.compile(_WILDCARD).fullmatch
_is_key = re.compile("[A-Za-z0-9](?:[-A-Za-z0-9_.]*[A-Za-z0-9])?").fullmatch
_is_c_identifier = re.compile(_C_IDENTIFIER).fullmatch
_is_percent = re.compile(_PERCENT).fullmatch
_is_header = re.compile(_HEADER).fullmatch
_is_env_var = re.compile(_ENV_VAR).fullmatch
_is_config_key = re.compile(_CONFIG_KEY).fullmatch
_is_port_charset = re.compile("[-a-z0-9]+").fullmatch
_has_letter = re.compile("[a-z]").search
_is_relaxed_env_var = re.compile("[ -<>-~]+").fullmatch

_NAME_MAXIMUM = 253
_LABEL_MAXIMUM = 63

EMPTY = "must be non-empty"


def regex_error(message: str, regex: str, *examples: str) -> str:
    """`message`, examples and the regex, as validation.RegexError words it."""
    if not examples:
        return f"{message} (regex used for validation is '{regex}')"
    shown = " or ".join(f"'{example}', " for example in examples)
    return f"{message} (e.g. {shown}regex used for validation is '{regex}')"


def range_error(low: int, high: int) -> str:
    return f"must be between {low} and {high}, inclusive"


def max_length_error(length: int) -> str:
    """In characters, as validation.MaxLenError says (it counts bytes)."""
    return f"must be no more than {length} characters"


def byte_length(text: str) -> int:
    """Go's len(): UTF-8 bytes."""
    return len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))


_LABEL_PROBLEM = regex_error(
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', "
    "and must start and end with an alphanumeric character",
    _LABEL,
    "my-name",
    "123-abc",
)
_SUBDOMAIN_PROBLEM = regex_error(
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', "
    "and must start and end with an alphanumeric character",
    _SUBDOMAIN,
    "example.com",
)
_SUBDOMAIN_CASELESS_PROBLEM = regex_error(
    "an RFC 1123 subdomain must consist of alphanumeric characters, '-' or '.', "
    "and must start and end with an alphanumeric character",
    _SUBDOMAIN,
    "Example.com",
)
_SUBDOMAIN_UNDERSCORE_PROBLEM = regex_error(
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '_', '-' or '.', "
    "and must start and end with an alphanumeric character",
    _SUBDOMAIN_UNDERSCORE,
    "example.com",
)
_LABEL_1035_PROBLEM = regex_error(
    "a DNS-1035 label must consist of lower case alphanumeric characters or '-', "
    "start with an alphabetic character, and end with an alphanumeric character",
    _LABEL_1035,
    "my-name",
    "abc-123",
)
_WILDCARD_PROBLEM = regex_error(
    "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of "
    "lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character",
    _WILDCARD,
    "*.example.com",
)
_KEY_PROBLEM = regex_error(
    "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
    _KEY,
    "MyName",
    "my.name",
    "123-abc",
)
_VALUE_PROBLEM = regex_error(
    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', "
    "and must start and end with an alphanumeric character",
    _VALUE,
    "MyValue",
    "my_value",
    "12345",
)


def dns1123_label(value: str) -> list[str]:
    """63 bytes: pods' containers, namespaces, services."""
    problems = [max_length_error(_LABEL_MAXIMUM)] if byte_length(value) > _LABEL_MAXIMUM else []
    if not _is_label(value):
        problems.append("must not contain dots" if _is_subdomain(value) else _LABEL_PROBLEM)
    return problems


def dns1123_subdomain(value: str) -> list[str]:
    """253 bytes: most objects' names."""
    problems = [max_length_error(_NAME_MAXIMUM)] if byte_length(value) > _NAME_MAXIMUM else []
    if not _is_subdomain(value):
        problems.append(_SUBDOMAIN_PROBLEM)
    return problems


def dns1123_subdomain_caseless(value: str) -> list[str]:
    """As a driver's name is checked (api/validate/content: its length is told in bytes)."""
    problems = [f"must be no more than {_NAME_MAXIMUM} bytes"] if byte_length(value) > _NAME_MAXIMUM else []
    if not _is_subdomain_caseless(value):
        problems.append(_SUBDOMAIN_CASELESS_PROBLEM)
    return problems


def dns1123_subdomain_underscore(value: str) -> list[str]:
    """As a pod's DNS search paths are checked."""
    problems = [max_length_error(_NAME_MAXIMUM)] if byte_length(value) > _NAME_MAXIMUM else []
    if not _is_subdomain_underscore(value):
        problems.append(_SUBDOMAIN_UNDERSCORE_PROBLEM)
    return problems


def dns1035_label(value: str) -> list[str]:
    """63 bytes, a letter first."""
    problems = [max_length_error(_LABEL_MAXIMUM)] if byte_length(value) > _LABEL_MAXIMUM else []
    if not _is_label_1035(value):
        problems.append(_LABEL_1035_PROBLEM)
    return problems


def wildcard_dns1123_subdomain(value: str) -> list[str]:
    """ "*.example.com", as ingress hosts may be."""
    problems = [max_length_error(_NAME_MAXIMUM)] if byte_length(value) > _NAME_MAXIMUM else []
    if not _is_wildcard(value):
        problems.append(_WILDCARD_PROBLEM)
    return problems


def qualified_name(value: str) -> list[str]:
    """A label key: "name" or "example.com/name". Annotations, finalizers and condition types follow it too."""
    if len(value) <= _LABEL_MAXIMUM and _is_key(value):
        return []
    prefix, slash, name = value.partition("/")
    if "/" in name:
        hint = "with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')"
        return [f"a valid label key {_KEY_PROBLEM} {hint}"]
    problems = _prefix_problems(prefix) if slash else []
    if not slash:
        name = value
    if not name:
        problems.append(f"name part {EMPTY}")
    elif byte_length(name) > _LABEL_MAXIMUM:
        problems.append(f"name part must be no more than {_LABEL_MAXIMUM} bytes")
    if not _is_key(name):
        problems.append(f"name part {_KEY_PROBLEM}")
    return problems


def _prefix_problems(prefix: str) -> list[str]:
    if not prefix:
        return [f"prefix part {EMPTY}"]
    problems = []
    if byte_length(prefix) > _NAME_MAXIMUM:
        problems.append(f"prefix part must be no more than {_NAME_MAXIMUM} bytes")
    if not _is_subdomain(prefix):
        problems.append(f"prefix part {_SUBDOMAIN_PROBLEM}")
    return problems


def label_value(value: str) -> list[str]:
    if not value or (len(value) <= _LABEL_MAXIMUM and _is_key(value)):
        return []
    problems = [f"must be no more than {_LABEL_MAXIMUM} bytes"] if byte_length(value) > _LABEL_MAXIMUM else []
    if not _is_key(value):
        problems.append(_VALUE_PROBLEM)
    return problems


def c_identifier(value: str) -> list[str]:
    if _is_c_identifier(value):
        return []
    message = (
        "a valid C identifier must start with alphabetic character or '_', "
        "followed by a string of alphanumeric characters or '_'"
    )
    return [regex_error(message, _C_IDENTIFIER, "my_name", "MY_NAME", "MyName")]


def port_number(port: int) -> list[str]:
    return in_range(port, 1, 65535)


def in_range(value: int, low: int, high: int) -> list[str]:
    return [] if low <= value <= high else [range_error(low, high)]


def user_id(uid: int) -> list[str]:
    return in_range(uid, 0, 2**31 - 1)


def group_id(gid: int) -> list[str]:
    return in_range(gid, 0, 2**31 - 1)


def port_name(port: str) -> list[str]:
    """IANA_SVC_NAME: at most 15 of a-z, 0-9 and single inner hyphens, a letter among them."""
    problems = [max_length_error(15)] if byte_length(port) > 15 else []
    if not _is_port_charset(port):
        problems.append("must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)")
    if not _has_letter(port):
        problems.append("must contain at least one letter (a-z)")
    if "--" in port:
        problems.append("must not contain consecutive hyphens")
    if port.startswith("-") or port.endswith("-"):
        problems.append("must not begin or end with a hyphen")
    return problems


def percent(value: str) -> list[str]:
    if _is_percent(value):
        return []
    message = "a valid percent string must be a numeric string followed by an ending '%'"
    return [regex_error(message, _PERCENT, "1%", "93%")]


def http_header_name(value: str) -> list[str]:
    if _is_header(value):
        return []
    return [regex_error("a valid HTTP header must consist of alphanumeric characters or '-'", _HEADER, "X-Header-Name")]


def env_var_name(value: str) -> list[str]:
    """The strict form, of envFrom prefixes and keys before they were relaxed."""
    problems = []
    if not _is_env_var(value):
        message = (
            "a valid environment variable name must consist of alphabetic characters, digits, '_', '-', or '.', "
            "and must not start with a digit"
        )
        problems.append(regex_error(message, _ENV_VAR, "my.env-name", "MY_ENV.NAME", "MyEnvName1"))
    return problems + _directory_problems(value)


def relaxed_env_var_name(value: str) -> list[str]:
    """What the server checks today: printable ASCII but "="."""
    if not value:
        return [f"environment variable name {EMPTY}"]
    if _is_relaxed_env_var(value):
        return []
    return ["a valid environment variable name must consist only of printable ASCII characters other than '='"]


def config_map_key(value: str) -> list[str]:
    """Keys of ConfigMaps and Secrets."""
    problems = [max_length_error(_NAME_MAXIMUM)] if byte_length(value) > _NAME_MAXIMUM else []
    if not _is_config_key(value):
        message = "a valid config key must consist of alphanumeric characters, '-', '_' or '.'"
        problems.append(regex_error(message, _CONFIG_KEY, "key.name", "KEY_NAME", "key-name"))
    return problems + _directory_problems(value)


def _directory_problems(value: str) -> list[str]:
    if value in (".", ".."):
        return [f"must not be '{value}'"]
    return ["must not start with '..'"] if value.startswith("..") else []


def path_segment_name(name: str, prefix: bool = False) -> list[str]:
    """A NameFn: whatever can stand in a URL path (RBAC's names)."""
    if not prefix and name in (".", ".."):
        return [f"may not be '{name}'"]
    return [f"may not contain '{illegal}'" for illegal in ("/", "%") if illegal in name]


def _masked(name: str, prefix: bool) -> str:
    """A generateName may end in a dash, because something will follow."""
    return f"{name[:-2]}a" if prefix and len(name) > 1 and name.endswith("-") else name


def name_is_dns_subdomain(name: str, prefix: bool = False) -> list[str]:
    return dns1123_subdomain(_masked(name, prefix))


def name_is_dns_label(name: str, prefix: bool = False) -> list[str]:
    return dns1123_label(_masked(name, prefix))


def name_is_dns1035_label(name: str, prefix: bool = False) -> list[str]:
    return dns1035_label(_masked(name, prefix))
