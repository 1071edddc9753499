"""Who is refused, and who is warned (pod-security-admission/admission/admission.go)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from minikube_py.api.admission.podsecurity.policy import LEVELS, PRIVILEGED, Standard, asks, policy_of
from minikube_py.api.context import Context
from minikube_py.machinery import errors, meta
from minikube_py.machinery.gotext import quote
from minikube_py.machinery.gvr import Object
from minikube_py.store import Key

TEMPLATES = {
    "podtemplates": ("template",),
    "replicationcontrollers": ("spec", "template"),
    "daemonsets.apps": ("spec", "template"),
    "deployments.apps": ("spec", "template"),
    "replicasets.apps": ("spec", "template"),
    "statefulsets.apps": ("spec", "template"),
    "cronjobs.batch": ("spec", "jobTemplate", "spec", "template"),
    "jobs.batch": ("spec", "template"),
}
"""Where kinds that make pods have their template."""

MOST_PODS = 3000
"""So many of a namespace's pods are looked at when its policy changes."""


class PodSecurity:
    """Pods are refused by "enforce" and warned by "warn"; what makes pods is warned only. "audit" tells a log that is
    not kept here."""

    name = "PodSecurity"
    handles = frozenset(
        {
            ("namespaces", ""),
            *((("pods", subresource)) for subresource in ("", "ephemeralcontainers", "resize")),
            *((kind, "") for kind in TEMPLATES),
        }
    )
    verbs = frozenset({"create", "update"})

    async def validate(self, ctx: Context, obj: Object, old: Object | None) -> None:
        """Raises StatusError."""
        if ctx.resource.key == "namespaces":
            _validate_namespace(ctx, obj, old)
            return
        labels = _namespace_labels(ctx)
        if not asks(labels):
            return
        if ctx.resource.key == "pods":
            if old is None or is_significant(obj, old):
                _validate_pod(ctx, obj, labels)
        elif (template := _template(ctx, obj)) is not None:
            _warn(ctx, template, policy_of(labels)[0].warn)


def _namespace_labels(ctx: Context) -> dict[str, str]:
    stored = ctx.registry.store.get(Key("namespaces", "", ctx.namespace))
    if stored is None:
        raise errors.internal_error(f"failed to lookup namespace {quote(ctx.namespace)}")
    return meta.labels(stored.object)


def _template(ctx: Context, obj: Object) -> Object | None:
    found: Object | None = obj
    for field in TEMPLATES[ctx.resource.key]:
        found = (found or {}).get(field)
    return found


# Pods


def _validate_pod(ctx: Context, pod: Object, labels: dict[str, str]) -> None:
    policy, _ = policy_of(labels)
    if forbidden := _violations(ctx, policy.enforce, pod):
        why = f"violates PodSecurity {quote(str(policy.enforce))}: {forbidden}"
        raise errors.forbidden(ctx.resource.group_resource, ctx.name or meta.name(pod), why)
    if policy.warn != policy.enforce:
        _warn(ctx, pod, policy.warn)


def _warn(ctx: Context, pod: Object, standard: Standard) -> None:
    if forbidden := _violations(ctx, standard, pod):
        ctx.warnings.append(f"would violate PodSecurity {quote(str(standard))}: {forbidden}")


def _violations(ctx: Context, standard: Standard, pod: Object) -> str:
    """With details; "" for none."""
    if standard.level == PRIVILEGED:
        return ""
    # Few clusters have any such namespace.
    from minikube_py.api.admission.podsecurity.evaluation import findings, told
    from minikube_py.api.admission.podsecurity.subject import Subject

    return told(findings(standard, Subject.of(pod), _newest(ctx)))


def _newest(ctx: Context) -> int:
    return int(ctx.registry.catalog.schema.version.partition(".")[2])


def is_significant(pod: Object, old: Object) -> bool:
    """Whether an update changes what is checked: images, and what containers there are."""
    spec, old_spec = pod["spec"], old["spec"]
    for field in ("containers", "initContainers"):
        if _images(spec.get(field)) != _images(old_spec.get(field)):
            return True
    before = {each["name"]: each.get("image") for each in old_spec.get("ephemeralContainers") or ()}
    now = spec.get("ephemeralContainers") or ()
    return any(each["name"] not in before or before[each["name"]] != each.get("image") for each in now)


def _images(containers: Iterable[Object] | None) -> list[str | None]:
    return [each.get("image") for each in containers or ()]


# Namespaces


def _validate_namespace(ctx: Context, namespace: Object, old: Object | None) -> None:
    """Raises StatusError 422 for labels that are wrong, unless they were so before."""
    labels = meta.labels(namespace)
    if not asks(labels):
        return
    policy, wrong = policy_of(labels)
    before, wrong_before = policy_of(meta.labels(old)) if old is not None else (None, [])
    if wrong and wrong != wrong_before:
        raise errors.invalid("", "Namespace", ctx.name or meta.name(namespace), wrong)
    if before is not None and _is_stricter(policy.enforce, before.enforce):
        ctx.warnings.extend(_warnings_of_pods(ctx, meta.name(namespace), policy.enforce))


def _is_stricter(new: Standard, old: Standard) -> bool:
    """Whether pods may violate the new standard that did not violate the old."""
    if new == old or new.level == PRIVILEGED:
        return False
    return new.minor != old.minor or LEVELS.index(new.level) > LEVELS.index(old.level)


def _warnings_of_pods(ctx: Context, namespace: str, standard: Standard) -> list[str]:
    from minikube_py.api.admission.podsecurity.evaluation import findings
    from minikube_py.api.admission.podsecurity.subject import Subject

    pods = list(one_of_each_first([stored.object for stored in ctx.registry.store.list("pods", namespace)]))
    violating: dict[str, list[str]] = {}
    for pod in pods[:MOST_PODS]:
        if found := findings(standard, Subject.of(pod), _newest(ctx)):
            violating.setdefault(", ".join(each.reason for each in found), []).append(meta.name(pod))
    warnings = []
    if len(pods) > MOST_PODS:
        checked = f"the first {MOST_PODS} of {len(pods)} existing pods"
        warnings.append(f"new PodSecurity enforce level only checked against {checked}")
    if violating:
        level = quote(str(standard))
        warnings.append(
            f"existing pods in namespace {quote(namespace)} violate the new PodSecurity enforce level {level}"
        )
    return [*warnings, *sorted(f"{_named(names)}: {reasons}" for reasons, names in violating.items())]


def one_of_each_first(pods: list[Object]) -> Iterator[Object]:
    """Of the pods that one controller made, all but the first come last: they are the same."""
    seen: set[str] = set()
    later = []
    for pod in pods:
        owner = meta.controller_of(pod)
        if owner is not None and owner["uid"] in seen:
            later.append(pod)
            continue
        if owner is not None:
            seen.add(owner["uid"])
        yield pod
    yield from later


def _named(names: list[str]) -> str:
    others = len(names) - 1
    if not others:
        return names[0]
    return f"{min(names)} (and {others} other {'pod' if others == 1 else 'pods'})"


PLUGIN = PodSecurity()
