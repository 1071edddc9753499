"""From one version of a custom kind to another: spec.conversion.

Strategy None renames the version and no more. Webhooks are not called: what would need one is refused, as upstream
refuses what its webhook fails at. Upstream: apiextensions-apiserver/pkg/apiserver/conversion.
"""

from __future__ import annotations

from collections.abc import Callable

from minikube_py.machinery import errors
from minikube_py.machinery.gvr import Object

Convert = Callable[[Object, str], Object]
"""(object, apiVersion) -> the object in that version; a new tree. Raises StatusError."""


def converter(crd: Object) -> Convert:
    """How a CRD's objects get from version to version."""
    conversion = crd["spec"].get("conversion") or {}
    return _by_webhook if conversion.get("strategy") == "Webhook" else _renamed


def _renamed(obj: Object, api_version: str) -> Object:
    return {**obj, "apiVersion": api_version}


def _by_webhook(obj: Object, api_version: str) -> Object:
    said = f"{obj['apiVersion']}, Kind={obj['kind']}"
    raise errors.unknown(f"conversion webhook for {said} failed: conversion webhooks are not called")
