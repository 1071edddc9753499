"""ConfigMap and Secret."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from minikube_py.api.kinds.core.keypair import key_pair_error
from tests.kinds.core_api import Api, named

MIB = 1024 * 1024
KEY_WORDS = (
    "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  "
    "or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')"
)


def config_map(**fields: Any) -> dict[str, Any]:
    return named("v1", "ConfigMap", **fields)


def secret(**fields: Any) -> dict[str, Any]:
    return named("v1", "Secret", **fields)


def encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


@pytest.mark.parametrize(
    ("obj", "expected"),
    [
        pytest.param(config_map(data={"a": "1"}, binaryData={"b": "AAE="}), [], id="config map"),
        pytest.param(config_map(data={"a b": ""}), [f'data[a b]: Invalid value: "a b": {KEY_WORDS}'], id="key"),
        pytest.param(config_map(data={"..": ""}), ["data[..]: Invalid value: \"..\": must not be '..'"], id="dots"),
        pytest.param(
            config_map(data={"a": ""}, binaryData={"a": ""}),
            ['data[a]: Invalid value: "a": duplicate of key present in binaryData'],
            id="key in both",
        ),
        pytest.param(
            config_map(data={"a": "x" * MIB}, binaryData={"b": encoded("y")}),
            ["[]: Too long: may not be more than 1048576 bytes"],
            id="a byte too many",
        ),
        pytest.param(config_map(data={"a": "x" * (MIB - 1)}, binaryData={"b": encoded("y")}), [], id="just so much"),
        pytest.param(secret(data={"a": encoded("x" * MIB)}), [], id="secret just so big"),
        pytest.param(
            secret(data={"a": encoded("x" * (MIB + 1))}),
            ["data: Too long: may not be more than 1048576 bytes"],
            id="secret too big",
        ),
        pytest.param(
            secret(type="kubernetes.io/service-account-token"),
            ["metadata.annotations[kubernetes.io/service-account.name]: Required value"],
            id="token of nobody",
        ),
        pytest.param(
            secret(type="kubernetes.io/tls"),
            ["data[tls.crt]: Required value", "data[tls.key]: Required value"],
            id="tls without either",
        ),
        pytest.param(
            secret(type="kubernetes.io/basic-auth"),
            ["data[username]: Required value", "data[password]: Required value"],
            id="basic auth without either",
        ),
        pytest.param(secret(type="kubernetes.io/basic-auth", stringData={"password": ""}), [], id="basic auth, empty"),
        pytest.param(
            secret(type="kubernetes.io/ssh-auth", data={"ssh-privatekey": ""}),
            ["data[ssh-privatekey]: Required value"],
            id="ssh with an empty key",
        ),
        pytest.param(
            secret(type="kubernetes.io/dockercfg"), ["data[.dockercfg]: Required value"], id="dockercfg missing"
        ),
        pytest.param(
            secret(type="kubernetes.io/dockerconfigjson", stringData={".dockerconfigjson": "{"}),
            ['data[.dockerconfigjson]: Invalid value: "<secret contents redacted>": unexpected end of JSON input'],
            id="half a JSON",
        ),
        pytest.param(
            secret(type="kubernetes.io/dockercfg", stringData={".dockercfg": "[1]"}),
            [
                'data[.dockercfg]: Invalid value: "<secret contents redacted>": '
                "json: cannot unmarshal array into Go value of type map[string]interface {}"
            ],
            id="JSON of something else",
        ),
        pytest.param(secret(type="kubernetes.io/dockercfg", stringData={".dockercfg": "null"}), [], id="null is a map"),
        pytest.param(secret(type="example.com/own"), [], id="other types are free"),
    ],
)
def test_errors(obj: dict[str, Any], expected: list[str]) -> None:
    assert Api().errors(obj) == expected


IMMUTABLE = "Forbidden: field is immutable when `immutable` is set"


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        pytest.param(config_map(data={"a": "1"}), config_map(data={"a": "2"}), [], id="mutable"),
        pytest.param(
            config_map(data={"a": "1"}, immutable=True),
            config_map(data={"a": "2"}, binaryData={"b": ""}),
            [f"immutable: {IMMUTABLE}", f"data: {IMMUTABLE}", f"binaryData: {IMMUTABLE}"],
            id="all of an immutable one",
        ),
        pytest.param(
            config_map(immutable=True), config_map(immutable=True, metadata={"labels": {"a": "b"}}), [], id="labels"
        ),
        pytest.param(secret(), secret(type="other"), ['type: Invalid value: "other": field is immutable'], id="type"),
        pytest.param(
            secret(immutable=True, stringData={"a": "b"}),
            secret(immutable=True, stringData={"a": "c"}),
            [f"data: {IMMUTABLE}"],
            id="data of an immutable secret",
        ),
    ],
)
def test_update_errors(old: dict[str, Any], new: dict[str, Any], expected: list[str]) -> None:
    assert Api().update_errors(old, new) == expected


def test_string_data_becomes_data() -> None:
    draft = Api().draft(secret(data={"a": encoded("1"), "c": ""}, stringData={"a": "2", "b": "ü"}))
    assert draft["data"] == {"a": encoded("2"), "b": encoded("ü"), "c": ""}
    assert "stringData" not in draft
    assert draft["type"] == "Opaque"


def block(kind: str, body: str = "AAAA") -> bytes:
    return f"-----BEGIN {kind}-----\n{body}\n-----END {kind}-----\n".encode()


@pytest.mark.parametrize(
    ("certificate", "key", "expected"),
    [
        pytest.param(b"", b"", "tls: failed to find any PEM data in certificate input", id="nothing"),
        pytest.param(
            block("RSA PRIVATE KEY"),
            b"",
            "tls: failed to find certificate PEM data in certificate input, "
            "but did find a private key; PEM inputs may have been switched",
            id="switched",
        ),
        pytest.param(
            block("A") + block("B"),
            b"",
            'tls: failed to find "CERTIFICATE" PEM block in certificate input after skipping PEM blocks '
            "of the following types: [A B]",
            id="no certificate",
        ),
        pytest.param(block("CERTIFICATE"), b"x", "tls: failed to find any PEM data in key input", id="no key"),
        pytest.param(
            block("CERTIFICATE"),
            block("CERTIFICATE"),
            "tls: found a certificate rather than a key in the PEM for the private key",
            id="two certificates",
        ),
        pytest.param(
            block("CERTIFICATE"),
            block("A"),
            'tls: failed to find PEM block with type ending in "PRIVATE KEY" in key input after skipping PEM blocks '
            "of the following types: [A]",
            id="no private key",
        ),
    ],
)
def test_key_pairs(certificate: bytes, key: bytes, expected: str) -> None:
    assert key_pair_error(certificate, key) == expected


def test_tls_secrets_are_warned_of() -> None:
    warnings = Api().warnings(secret(type="kubernetes.io/tls", data={"tls.crt": "", "tls.key": ""}))
    assert warnings == ["tls: failed to find any PEM data in certificate input"]


@pytest.mark.parametrize(
    ("obj", "expected"),
    [
        pytest.param(config_map(data={"a": ""}, binaryData={"b": "", "c": ""}), ["a", 3], id="config map"),
        pytest.param(secret(stringData={"a": ""}), ["a", "Opaque", 1], id="secret"),
    ],
)
def test_cells(obj: dict[str, Any], expected: list[Any]) -> None:
    assert Api().cells(obj)[:-1] == expected
