"""What is wrong with a template."""

from __future__ import annotations


class TemplateError(ValueError):
    """It cannot be parsed, or not be rendered with its data."""
