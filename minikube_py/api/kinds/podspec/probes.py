"""Probes and lifecycle handlers of containers."""

from __future__ import annotations

from collections.abc import Sequence

from minikube_py.machinery.field import ErrorList, Path, forbidden, invalid, invalid_each, not_supported, required
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.names import http_header_name, port_name, port_number

_SCHEMES = ("HTTP", "HTTPS")
_PROBE_HANDLERS = ("exec", "httpGet", "tcpSocket", "grpc")
_LIFECYCLE_HANDLERS = ("exec", "httpGet", "tcpSocket", "sleep")
_SECONDS = ("initialDelaySeconds", "timeoutSeconds", "periodSeconds", "successThreshold", "failureThreshold")
_NEGATIVE = "must be greater than or equal to 0"

_SIGNALS = """
    ABRT ALRM BUS CHLD CLD CONT FPE HUP ILL INT IO IOT KILL PIPE POLL PROF PWR QUIT RTMAX RTMAX-1
    RTMAX-10 RTMAX-11 RTMAX-12 RTMAX-13 RTMAX-14 RTMAX-2 RTMAX-3 RTMAX-4 RTMAX-5 RTMAX-6 RTMAX-7 RTMAX-8
    RTMAX-9 RTMIN RTMIN+1 RTMIN+10 RTMIN+11 RTMIN+12 RTMIN+13 RTMIN+14 RTMIN+15 RTMIN+2 RTMIN+3 RTMIN+4
    RTMIN+5 RTMIN+6 RTMIN+7 RTMIN+8 RTMIN+9 SEGV STKFLT STOP SYS TERM TRAP TSTP TTIN TTOU URG USR1 USR2
    VTALRM WINCH XCPU XFSZ
"""
_STOP_SIGNALS = {
    "linux": tuple(f"SIG{name}" for name in _SIGNALS.split(None)),
    "windows": ("SIGKILL", "SIGTERM"),
}


def container_probe_errors(container: Object, grace_period: int | None, path: Path) -> ErrorList:
    """The three probes of a container at `path`."""
    errors: ErrorList = []
    for name in ("livenessProbe", "readinessProbe", "startupProbe"):
        if name in container:
            errors += _probe_errors(name, container[name], grace_period, path.child(name))
    return errors


def _probe_errors(name: str, probe: Object, grace_period: int | None, path: Path) -> ErrorList:
    errors = _handler_errors(probe, _PROBE_HANDLERS, grace_period, path)
    for field in _SECONDS:
        if (value := probe.get(field) or 0) < 0:
            errors.append(invalid(path.child(field), value, _NEGATIVE, "minimum"))
    period = probe.get("terminationGracePeriodSeconds")
    if period is not None and period <= 0:
        errors.append(invalid(path.child("terminationGracePeriodSeconds"), period, "must be greater than 0"))
    if name == "readinessProbe":
        if period is not None:
            detail = "must not be set for readinessProbes"
            errors.append(invalid(path.child("terminationGracePeriodSeconds"), period, detail))
    elif (successes := probe.get("successThreshold") or 0) != 1:
        errors.append(invalid(path.child("successThreshold"), successes, "must be 1"))
    return errors


def lifecycle_errors(lifecycle: Object, grace_period: int | None, os: str | None, path: Path) -> ErrorList:
    """`os` is the pod's os.name, None where the pod has none."""
    errors: ErrorList = []
    for hook in ("postStart", "preStop"):
        if hook in lifecycle:
            errors += _handler_errors(lifecycle[hook], _LIFECYCLE_HANDLERS, grace_period, path.child(hook))
    if (signal := lifecycle.get("stopSignal")) is not None:
        errors += _stop_signal_errors(signal, os, path.child("stopSignal"))
    return errors


def _stop_signal_errors(signal: str, os: str | None, path: Path) -> ErrorList:
    if os is None:
        return [forbidden(path, "may not be set for containers with empty `spec.os.name`")]
    supported = _STOP_SIGNALS.get(os)
    if supported is None or signal in supported:
        return []
    return [not_supported(path, signal, supported)]


def _handler_errors(handler: Object, kinds: Sequence[str], grace_period: int | None, path: Path) -> ErrorList:
    given = [kind for kind in kinds if kind in handler]
    if not given:
        return [required(path, "must specify a handler type")]
    errors = _action_errors(given[0], handler[given[0]], grace_period, path.child(given[0]))
    errors += [forbidden(path.child(kind), "may not specify more than 1 handler type") for kind in given[1:]]
    return errors


def _action_errors(kind: str, action: Object, grace_period: int | None, path: Path) -> ErrorList:
    if kind == "exec":
        return [] if action.get("command") else [required(path.child("command"))]
    if kind == "httpGet":
        return _http_get_errors(action, path)
    if kind == "sleep":
        return _sleep_errors(action.get("seconds") or 0, grace_period, path)
    return port_errors(action.get("port", 0), path.child("port"))


def _http_get_errors(action: Object, path: Path) -> ErrorList:
    errors: ErrorList = []
    if not action.get("path"):
        errors.append(required(path.child("path")))
    errors += port_errors(action.get("port", 0), path.child("port"))
    if (scheme := action.get("scheme") or "") not in _SCHEMES:
        errors.append(not_supported(path.child("scheme"), scheme, _SCHEMES))
    for header in action.get("httpHeaders") or ():
        name = header.get("name") or ""
        errors += invalid_each(path.child("httpHeaders"), name, http_header_name(name))
    return errors


def _sleep_errors(seconds: int, grace_period: int | None, path: Path) -> ErrorList:
    if grace_period is None or 0 <= seconds <= grace_period:
        return []
    detail = f"must be non-negative and less than terminationGracePeriodSeconds ({grace_period})"
    return [invalid(path, seconds, detail)]


def port_errors(port: int | str, path: Path) -> ErrorList:
    """A port by number or by name."""
    problems = port_name(port) if isinstance(port, str) else port_number(port)
    return invalid_each(path, port, problems) if problems else []
