"""How the server reaches a webhook (apiserver/pkg/util/webhook)."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from minikube_py.machinery.field import ErrorList, Path, invalid, required
from minikube_py.machinery.gotext import quote
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.names import dns1123_subdomain, port_number

_FORM = "; desired format: https://host[/path]"
_HTTPS = "https"
_DEFAULT_PORT = 443
_bad_escape = re.compile(r"%(?![0-9A-Fa-f]{2}).{0,2}").search
_control = re.compile(r"[\x00-\x1f\x7f]").search


def default_service(client_config: Object | None) -> None:
    service = (client_config or {}).get("service")
    if service is not None and service.get("port") is None:
        service["port"] = _DEFAULT_PORT


def validate_client_config(config: Object, path: Path) -> ErrorList:
    """A URL or a Service."""
    url, service = config.get("url"), config.get("service")
    if (url is None) == (service is None):
        return [required(path, "exactly one of url or service is required")]
    if url is not None:
        return validate_url(url, path.child("url"))
    assert service is not None
    # Upstream hands name and namespace over in the wrong order.
    swapped = {**service, "name": service.get("namespace"), "namespace": service.get("name")}
    return validate_service(swapped, path.child("service"))


def validate_url(text: str, path: Path) -> ErrorList:
    """ValidateWebhookURL."""
    if problem := _url_problem(text):
        return [required(path, f"url must be a valid URL: parse {quote(text)}: {problem}{_FORM}")]
    url = urlsplit(text)
    errors: ErrorList = []
    if url.scheme != _HTTPS:
        errors.append(invalid(path, url.scheme, f"'https' is the only allowed URL scheme{_FORM}"))
    user, at, host = url.netloc.rpartition("@")
    if not host:
        errors.append(invalid(path, "", f"host must be specified{_FORM}"))
    if at:
        errors.append(invalid(path, user, "user information is not permitted in the URL"))
    if url.fragment:
        errors.append(invalid(path, url.fragment, "fragments are not permitted in the URL"))
    if url.query:
        errors.append(invalid(path, url.query, "query parameters are not permitted in the URL"))
    return errors


def _url_problem(text: str) -> str:
    """What Go's url.Parse says against it; "" if nothing."""
    if _control(text):
        return "net/url: invalid control character in URL"
    if not text:
        return ""
    if text.startswith(":"):
        return "missing protocol scheme"
    if (match := _bad_escape(text)) is not None:
        return f"invalid URL escape {quote(match.group())}"
    scheme, colon, _ = text.partition(":")
    if colon and not re.fullmatch("[A-Za-z][A-Za-z0-9+.-]*", scheme) and "/" not in scheme:
        return "first path segment in URL cannot contain colon"
    try:
        urlsplit(text)
    except ValueError:
        return "missing ']' in host"
    return ""


def validate_service(service: Object, path: Path) -> ErrorList:
    """ValidateWebhookService."""
    errors: ErrorList = [required(path.child(name)) for name in ("name", "namespace") if not service.get(name)]
    port, url_path = service.get("port") or 0, service.get("path")
    if problems := port_number(port):
        errors.append(invalid(path.child("port"), port, f"port is not valid: {', '.join(problems)}"))
    return errors if url_path in (None, "", "/") else errors + _path_errors(url_path, path.child("path"))


def _path_errors(text: str, path: Path) -> ErrorList:
    if text == "//":
        return [invalid(path, text, "segment[0] may not be empty")]
    errors: ErrorList = [] if text.startswith("/") else [invalid(path, text, "must start with a '/'")]
    for index, step in enumerate(text[1:].removesuffix("/").split("/")):
        if not step:
            errors.append(invalid(path, text, f"segment[{index}] may not be empty"))
            continue
        errors += [invalid(path, text, f"segment[{index}]: {problem}") for problem in dns1123_subdomain(step)]
    return errors
