"""Formats of strings: what has each, what has not."""

from __future__ import annotations

import pytest

from minikube_py.api.customresources.formats import FORMATS, known_format, normalized

GOOD = {
    "bsonobjectid": ["507f1f77bcf86cd799439011"],
    "uri": ["https://x/y?z", "/path", "mailto:a@b"],
    "email": ["a@b.example", "Ann <a@b.example>"],
    "hostname": ["a", "a.b-c.example", "1.example"],
    "ipv4": ["1.2.3.4", "01.02.03.004"],
    "ipv6": ["fe80::1", "::"],
    "cidr": ["10.0.0.0/8", "fe80::/10"],
    "mac": ["01:23:45:67:89:ab", "0123.4567.89ab", "01-23-45-67-89-ab-cd-ef"],
    "uuid": ["123e4567-e89b-12d3-a456-426614174000", "123E4567E89B12D3A456426614174000"],
    "uuid4": ["123e4567-e89b-42d3-a456-426614174000"],
    "isbn": ["978-0-306-40615-7", "0-306-40615-2"],
    "creditcard": ["4111-1111-1111-1111"],
    "ssn": ["123-45-6789"],
    "hexcolor": ["#fff", "00ff00"],
    "rgbcolor": ["rgb(0, 255,1)"],
    "byte": ["aGVsbG8=", "YWI="],
    "password": [""],
    "date": ["2024-02-29"],
    "duration": ["1h30m", "3 days", "22 ns"],
    "date-time": ["2024-01-02T03:04:05Z", "2024-01-02t03:04:05.678+02:00"],
    "k8s-short-name": ["a-b"],
    "k8s-long-name": ["a.b-c"],
}
BAD = {
    "bsonobjectid": ["507f"],
    "uri": ["::nope", "relative", ""],
    "email": ["not an email", "@b", "a@"],
    "hostname": ["-bad", "a_b", "a.b.c1", ""],
    "ipv4": ["1.2.3.256", "::1"],
    "ipv6": ["1.2.3.4"],
    "cidr": ["10.0.0.0", "10.0.0.0/33"],
    "mac": ["01:23"],
    "uuid": ["123"],
    "uuid4": ["123e4567-e89b-12d3-a456-426614174000"],
    "isbn": ["123"],
    "creditcard": ["4111-1111-1111-1112"],
    "ssn": ["1"],
    "hexcolor": ["#ggg"],
    "rgbcolor": ["rgb(256,0,0)"],
    "byte": ["***", "a"],
    "date": ["2023-02-29", "2024-1-2"],
    "duration": ["1 fortnight", "x"],
    "date-time": ["2024-01-02 03:04", "2024-01-02T24:00:00Z"],
    "k8s-short-name": ["A", "a" * 64],
    "k8s-long-name": ["a..b"],
}


@pytest.mark.parametrize(("format", "text"), [(format, text) for format, texts in GOOD.items() for text in texts])
def test_has_the_format(format: str, text: str) -> None:
    assert FORMATS[normalized(format)](text)


@pytest.mark.parametrize(("format", "text"), [(format, text) for format, texts in BAD.items() for text in texts])
def test_has_it_not(format: str, text: str) -> None:
    assert not FORMATS[normalized(format)](text)


@pytest.mark.parametrize(
    ("format", "types", "known"),
    [
        pytest.param("date", ("string",), True, id="of-strings"),
        pytest.param("date", (), True, id="of-anything"),
        pytest.param("date", ("object",), False, id="of-objects"),
        pytest.param("int32", ("integer",), True, id="of-integers"),
        pytest.param("int32", ("string",), False, id="of-another-type"),
        pytest.param("double", ("number",), True, id="of-numbers"),
        pytest.param("nonsense", ("string",), False, id="nonsense"),
    ],
)
def test_known_formats(format: str, types: tuple[str, ...], known: bool) -> None:
    assert bool(known_format(format, types, 36)) is known
