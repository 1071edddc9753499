"""The extenders of a KubeSchedulerConfiguration (apis/config/validation validateExtenders, scheduler buildExtenders).

    extenders:
    - urlPrefix: http://127.0.0.1:8888
      filterVerb: filter
      prioritizeVerb: prioritize
      weight: 5
      httpTimeout: 2s
      nodeCacheCapable: true
      managedResources: [{name: example.com/gpu, ignoredByScheduler: true}]

Nothing is asked of them for pods that use no resource which they manage, if they manage any.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from dataclasses import replace

from minikube_py.controllers.scheduler.extender import TIMEOUT, TLS, Extender
from minikube_py.controllers.scheduler.pluginarguments import Reader
from minikube_py.machinery.duration import parse_nanoseconds
from minikube_py.machinery.field import ErrorList, Path, forbidden, invalid
from minikube_py.machinery.names import qualified_name

FIELDS = (
    "urlPrefix",
    "filterVerb",
    "preemptVerb",
    "prioritizeVerb",
    "weight",
    "bindVerb",
    "enableHTTPS",
    "tlsConfig",
    "httpTimeout",
    "nodeCacheCapable",
    "managedResources",
    "ignorable",
)


def read_extenders(readers: Sequence[Reader], errors: ErrorList) -> tuple[tuple[Extender, ...], frozenset[str]]:
    """And the resources that are left to them alone."""
    managed: set[str] = set()
    ignored: set[str] = set()
    found = tuple(_extender(reader, managed, ignored) for reader in readers)
    binders = sum(bool(each.bind_verb) for each in found)
    if binders > 1:
        why = "only one extender can implement bind"
        errors.append(invalid(Path("extenders"), f"found {binders} extenders implementing bind", why))
    return found, frozenset(ignored)


def _extender(reader: Reader, managed: set[str], ignored: set[str]) -> Extender:
    reader.known(*FIELDS)
    weight, prioritize = reader.given.get("weight") or 0, reader.text("prioritizeVerb")
    if prioritize and not (isinstance(weight, int) and weight > 0):
        reader.errors.append(invalid(reader.path.child("weight"), weight, "must have a positive weight applied to it"))
    return Extender(
        reader.text("urlPrefix"),
        reader.text("filterVerb"),
        prioritize,
        reader.text("preemptVerb"),
        reader.text("bindVerb"),
        weight,
        _timeout(reader),
        reader.flag("nodeCacheCapable"),
        reader.flag("ignorable"),
        _managed(reader, managed, ignored),
        _tls(reader),
    )


def _timeout(reader: Reader) -> float:
    text = reader.text("httpTimeout", "0")
    try:
        return parse_nanoseconds(text) / 1e9 or TIMEOUT
    except ValueError as error:
        reader.errors.append(invalid(reader.path.child("httpTimeout"), text, str(error)))
        return TIMEOUT


def _managed(reader: Reader, managed: set[str], ignored: set[str]) -> frozenset[str]:
    names = []
    for each in reader.readers("managedResources"):
        each.known("name", "ignoredByScheduler")
        name, path = each.text("name"), each.path.child("name")
        problems = qualified_name(name)
        if not problems and not _is_extended(name):
            problems = ["is an invalid extended resource name"]
        reader.errors += [invalid(path, name, problem) for problem in problems]
        if name in managed:
            reader.errors.append(invalid(path, name, "duplicate extender managed resource name"))
        managed.add(name)
        names.append(name)
        if each.flag("ignoredByScheduler"):
            ignored.add(name)
    return frozenset(names)


def _is_extended(name: str) -> bool:
    """Neither Kubernetes' own nor a quota's."""
    native = "/" not in name or "kubernetes.io/" in name
    return not native and not name.startswith("requests.") and not qualified_name(f"requests.{name}")


def _tls(reader: Reader) -> TLS | None:
    """One that is asked over HTTPS and has no CA is trusted whatever its certificate (makeTransport)."""
    given = reader.reader("tlsConfig") or Reader({}, reader.path.child("tlsConfig"), reader.errors)
    given.known("insecure", "serverName", "certFile", "keyFile", "caFile", "certData", "keyData", "caData")
    for field in ("certData", "keyData"):
        if given.text(field):
            given.errors.append(forbidden(given.path.child(field), "has to be in a file here"))
    made = TLS(
        given.flag("insecure"),
        given.text("serverName"),
        given.text("certFile"),
        given.text("keyFile"),
        given.text("caFile"),
        _pem(given),
    )
    if reader.flag("enableHTTPS") and not (made.ca_file or made.ca_data):
        return replace(made, insecure=True)
    return made if given.given else None


def _pem(given: Reader) -> str:
    text = given.text("caData")
    try:
        return base64.b64decode(text, validate=True).decode("ascii")
    except (binascii.Error, UnicodeDecodeError) as error:
        given.errors.append(invalid(given.path.child("caData"), text, str(error)))
        return ""
