"""The proxy subresource of services and nodes: whatever HTTP method is sent goes through."""

from __future__ import annotations

PROXY_VERBS = ("create", "delete", "get", "patch", "update")
