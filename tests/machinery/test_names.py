from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minikube_py.machinery import domainnames, names
from minikube_py.machinery.field import ErrorList, Path

LABEL = (
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with "
    "an alphanumeric character (e.g. 'my-name',  or '123-abc', "
    "regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')"
)
SUBDOMAIN = (
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', "
    "and must start and end with an alphanumeric character (e.g. 'example.com', "
    r"regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
)
KEY = (
    "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character "
    "(e.g. 'MyName',  or 'my.name',  or '123-abc', "
    "regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"
)
ONLY_DASHES = "must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)"


@pytest.mark.parametrize(
    ("check", "value", "problems"),
    [
        pytest.param(names.dns1123_label, "web-1", [], id="label"),
        pytest.param(names.dns1123_label, "Web", [LABEL], id="label-capital"),
        pytest.param(names.dns1123_label, "a.b", ["must not contain dots"], id="label-with-dots"),
        pytest.param(names.dns1123_label, "a" * 64, ["must be no more than 63 characters"], id="label-long"),
        pytest.param(names.dns1123_label, "a\n", [LABEL], id="label-newline"),
        pytest.param(names.dns1123_subdomain, "a.b-c", [], id="subdomain"),
        pytest.param(names.dns1123_subdomain, "a..b", [SUBDOMAIN], id="subdomain-empty-part"),
        pytest.param(names.dns1123_subdomain, "a" * 254, ["must be no more than 253 characters"], id="subdomain-long"),
        pytest.param(names.dns1123_subdomain_caseless, "Example.COM", [], id="caseless"),
        pytest.param(names.dns1123_subdomain_underscore, "_a.b_c", [], id="underscore"),
        pytest.param(names.dns1035_label, "a1", [], id="1035"),
        pytest.param(names.wildcard_dns1123_subdomain, "*.a.b", [], id="wildcard"),
        pytest.param(names.qualified_name, "example.com/My_Name.1", [], id="key"),
        pytest.param(names.qualified_name, "", ["name part must be non-empty", f"name part {KEY}"], id="key-empty"),
        pytest.param(names.qualified_name, "/a", ["prefix part must be non-empty"], id="key-without-prefix"),
        pytest.param(names.qualified_name, "A.b/c", [f"prefix part {SUBDOMAIN}"], id="key-prefix-capital"),
        pytest.param(names.qualified_name, "a/b/c", [f"a valid label key {KEY} with an optional DNS subdomain prefix "
                     "and '/' (e.g. 'example.com/MyName')"], id="key-two-slashes"),
        pytest.param(names.qualified_name, "a" * 64, ["name part must be no more than 63 bytes"], id="key-long"),
        pytest.param(names.label_value, "", [], id="value-empty"),
        pytest.param(names.label_value, "a" * 64, ["must be no more than 63 bytes"], id="value-long"),
        pytest.param(names.c_identifier, "_a1", [], id="c-identifier"),
        pytest.param(names.port_name, "http-2", [], id="port-name"),
        pytest.param(names.port_name, "-1--", [
            "must contain at least one letter (a-z)", "must not contain consecutive hyphens",
            "must not begin or end with a hyphen"], id="port-name-bad"),
        pytest.param(names.port_name, "", [ONLY_DASHES, "must contain at least one letter (a-z)"], id="no-port-name"),
        pytest.param(names.port_name, "a" * 16, ["must be no more than 15 characters"], id="port-name-long"),
        pytest.param(names.percent, "10%", [], id="percent"),
        pytest.param(names.percent, "10", ["a valid percent string must be a numeric string followed by an ending '%' "
                     "(e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')"], id="no-percent"),
        pytest.param(names.http_header_name, "X-A", [], id="header"),
        pytest.param(names.env_var_name, "A.b-C_1", [], id="env-var"),
        pytest.param(names.env_var_name, "..", ["must not be '..'"], id="env-var-directory"),
        pytest.param(names.relaxed_env_var_name, "1 a!", [], id="relaxed-env-var"),
        pytest.param(names.relaxed_env_var_name, "", ["environment variable name must be non-empty"], id="no-env-var"),
        pytest.param(names.relaxed_env_var_name, "a=b", ["a valid environment variable name must consist only of "
                     "printable ASCII characters other than '='"], id="env-var-equals"),
        pytest.param(names.config_map_key, "a.b_C-1", [], id="config-key"),
        pytest.param(names.config_map_key, "..a", ["must not start with '..'"], id="config-key-directory"),
        pytest.param(names.path_segment_name, "system:admin", [], id="path-segment"),
        pytest.param(names.path_segment_name, "..", ["may not be '..'"], id="path-segment-dots"),
        pytest.param(names.path_segment_name, "a/%", ["may not contain '/'", "may not contain '%'"], id="no-segment"),
    ],
)  # fmt: skip
def test_problems(check: Callable[[str], list[str]], value: str, problems: list[str]) -> None:
    assert check(value) == problems


@pytest.mark.parametrize(
    ("name_fn", "name", "good_as_prefix", "good_as_name"),
    [
        pytest.param(names.name_is_dns_subdomain, "web-", True, False, id="trailing-dash"),
        pytest.param(names.name_is_dns_label, "web-", True, False, id="label"),
        pytest.param(names.name_is_dns1035_label, "1-", True, False, id="the-dash-and-what-is-before-are-masked"),
        pytest.param(names.name_is_dns_label, "-", False, False, id="dash-alone"),
        pytest.param(names.path_segment_name, ".", True, False, id="dot"),
    ],
)
def test_generate_names(name_fn: names.NameFn, name: str, good_as_prefix: bool, good_as_name: bool) -> None:
    assert (name_fn(name, True) == []) is good_as_prefix
    assert (name_fn(name, False) == []) is good_as_name


@given(st.text(max_size=70))
def test_every_label_is_a_subdomain_and_a_label_value(text: str) -> None:
    if not names.dns1123_label(text):
        assert not names.dns1123_subdomain(text) and not names.label_value(text) and not names.qualified_name(text)


@pytest.mark.parametrize(
    ("check", "value", "good"),
    [
        pytest.param(domainnames.fully_qualified_name, "a.b.c", True, id="three-segments"),
        pytest.param(domainnames.fully_qualified_name, "a.b", False, id="two-segments"),
        pytest.param(domainnames.fully_qualified_domain_name, "a.b.", True, id="domain"),
        pytest.param(domainnames.fully_qualified_domain_name, "a", False, id="one-label"),
        pytest.param(domainnames.domain_prefixed_path, "a.b/C/d", True, id="path"),
        pytest.param(domainnames.domain_prefixed_path, "a.b", False, id="no-path"),
        pytest.param(domainnames.domain_prefixed_path, "a.b/é", False, id="bad-path"),
        pytest.param(domainnames.domain_prefixed_key, "a.b/C", True, id="key"),
        pytest.param(domainnames.domain_prefixed_key, "C", False, id="no-prefix"),
        pytest.param(domainnames.domain_prefixed_key, "", False, id="empty"),
    ],
)
def test_domains(check: Callable[[Path, str], ErrorList], value: str, good: bool) -> None:
    assert (check(Path("name"), value) == []) is good
