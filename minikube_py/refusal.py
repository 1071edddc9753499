"""What a command says when it cannot do what it was told."""

from __future__ import annotations


class Refused(Exception):
    """Something the user gave cannot be used; the message is the one line to print."""
