"""Base64 as Go's base64.StdEncoding reads it: newlines are skipped, errors name the byte."""

from __future__ import annotations

from binascii import Error, a2b_base64, b2a_base64

_ALPHABET = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
_NEWLINES = b"\r\n"


def canonical(text: str) -> str:
    """The text as Go writes the bytes back. Raises ValueError: "illegal base64 data at input byte 3"."""
    try:
        data = a2b_base64(text, strict_mode=True)
    except (Error, ValueError):
        data = _decoded(text.encode())
    return b2a_base64(data, newline=False).decode()


def _decoded(text: bytes) -> bytes:
    problem = _corrupt(text)
    if problem is not None:
        raise ValueError(f"illegal base64 data at input byte {problem}")
    return a2b_base64(text)


def _corrupt(text: bytes) -> int | None:
    """The index of the first byte that is wrong, as Go's decodeQuantum finds it (encoding/base64/base64.go)."""
    at, size = 0, len(text)
    while True:
        held = 0
        while held < 4:
            if at == size:
                return at - held if held else None
            byte = text[at]
            at += 1
            if byte in _ALPHABET:
                held += 1
            elif byte in _NEWLINES:
                continue
            elif byte != ord("=") or held < 2:
                return at - 1
            else:
                return _corrupt_padding(text, at, held)


def _corrupt_padding(text: bytes, at: int, held: int) -> int | None:
    """The same for what follows the first "=", which stands before `at`."""
    size = len(text)
    if held == 2:
        at = _past_newlines(text, at)
        if at == size:
            return size
        if text[at] != ord("="):
            return at - 1
        at += 1
    at = _past_newlines(text, at)
    return at if at < size else None


def _past_newlines(text: bytes, at: int) -> int:
    while at < len(text) and text[at] in _NEWLINES:
        at += 1
    return at


def encoded(data: bytes) -> str:
    return b2a_base64(data, newline=False).decode()
