"""KWOK's Stages, kwok.x-k8s.io/v1alpha1: of which objects they are, when they come, and what they do (kwok
pkg/apis/v1alpha1/stage_types.go, pkg/utils/lifecycle)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from minikube_py.controllers.kubelet.gotemplate import Template, TemplateError
from minikube_py.controllers.kubelet.kwok.jq import QueryError, query
from minikube_py.machinery import duration
from minikube_py.machinery.clock import parse_rfc3339
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.meta import labels
from minikube_py.machinery.random import Random


class StageError(ValueError):
    """A Stage that cannot be used; str() says why."""


@dataclass(frozen=True)
class Patch:
    """Of the object: `root` is put around what the template gives. `type` is "json", "merge", "strategic" or ""."""

    template: Template
    subresource: str
    root: str
    type: str


@dataclass(frozen=True)
class Apply:
    """Of any object: what the template gives."""

    template: Template
    subresource: str
    type: str


@dataclass(frozen=True)
class Step:
    event: Object | None = None
    finalizers: Object | None = None
    delete: bool = False
    patch: Patch | None = None
    apply: Apply | None = None


Test = Callable[[Object], bool]


@dataclass(frozen=True)
class Stage:
    """One that can be used. `weight` is None where none can be told, delays are of seconds."""

    name: str
    kind: str
    tests: tuple[Test, ...]
    weight: Callable[[Object], int | None]
    delay: Callable[[Object, float, Random], float]
    steps: tuple[Step, ...]
    immediate: bool

    def matches(self, obj: Object) -> bool:
        return all(test(obj) for test in self.tests)

    @property
    def tells_status(self) -> bool:
        return any(step.patch is not None and step.patch.subresource == "status" for step in self.steps)

    @property
    def is_all(self) -> bool:
        """Whether nobody else is to do anything with an object that waits for it."""
        return self.tells_status or any(step.delete for step in self.steps)


def parsed(stage: Object) -> Stage | None:
    """None for one that selects nothing. Raises StageError."""
    spec, name = stage.get("spec") or {}, stage["metadata"]["name"]
    selector = spec.get("selector")
    if selector is None:
        return None
    try:
        return Stage(
            name,
            (spec.get("resourceRef") or {}).get("kind", ""),
            tuple(_tests(selector)),
            _weight(spec),
            _delay(spec.get("delay") or {}),
            tuple(_steps(spec)),
            bool(spec.get("immediateNextStage")),
        )
    except (QueryError, TemplateError, KeyError, TypeError, AttributeError) as error:
        raise StageError(f"stage {name}: {error}") from None


# Selectors


def _tests(selector: Object) -> list[Test]:
    tests: list[Test] = []
    if selector.get("matchLabels"):
        wanted = selector["matchLabels"].items()
        tests.append(lambda obj: bool(wanted <= labels(obj).items()))
    if selector.get("matchAnnotations"):
        noted = selector["matchAnnotations"].items()
        tests.append(lambda obj: bool(noted <= (obj["metadata"].get("annotations") or {}).items()))
    for expression in selector.get("matchExpressions") or ():
        if "cel" in expression:
            raise StageError("expressions of CEL are not supported")
        tests.append(requirement(**(expression.get("jq") or expression)))
    return tests


def requirement(key: str, operator: str, values: Sequence[str] = ()) -> Test:
    """Raises StageError and QueryError."""
    find = query(key)
    if operator in ("In", "NotIn"):
        if not values:
            raise StageError("for 'in', 'notin' operators, values set can't be empty")
        wanted, given = operator == "In", frozenset(values)
        return lambda obj: any(_text(each) in given for each in find(obj) or ()) is wanted
    if operator in ("Exists", "DoesNotExist"):
        exists = operator == "Exists"
        return lambda obj: bool(find(obj)) is exists
    raise StageError(f'operator "{operator}" is not supported')


def _text(value: Any) -> str | None:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    return value if isinstance(value, str) else None


# Numbers


def _found(source: Object | None) -> Callable[[Object], Any]:
    """The first that an expression finds."""
    if not source:
        return lambda _: None
    if "cel" in source:
        raise StageError("expressions of CEL are not supported")
    find = query((source.get("jq") or {}).get("expression") or source.get("expressionFrom") or "")
    return lambda obj: next(iter(find(obj) or ()), None)


def _weight(spec: Object) -> Callable[[Object], int | None]:
    fixed, found = int(spec.get("weight") or 0), _found(spec.get("weightFrom"))

    def weight(obj: Object) -> int | None:
        value = found(obj)
        if value is None:
            return fixed
        try:
            return int(value)
        except (TypeError, ValueError):
            return None

    return weight


def _seconds(milliseconds: Any, source: Object | None) -> Callable[[Object, float], float | None]:
    fixed, found = None if milliseconds is None else float(milliseconds) / 1000, _found(source)

    def seconds(obj: Object, now: float) -> float | None:
        value = found(obj)
        if isinstance(value, str):
            if not value:
                return None
            try:
                return parse_rfc3339(value) - now
            except ValueError:
                pass
            try:
                return duration.parse_nanoseconds(value) / 1e9
            except ValueError:
                pass
        return fixed

    return seconds


def _delay(delay: Object) -> Callable[[Object, float, Random], float]:
    """From the one to the other; the jitter's alone where it is less."""
    least = _seconds(delay.get("durationMilliseconds") or 0, delay.get("durationFrom"))
    most = _seconds(delay.get("jitterDurationMilliseconds"), delay.get("jitterDurationFrom"))

    def seconds(obj: Object, now: float, random: Random) -> float:
        low, high = least(obj, now), most(obj, now)
        if low is None:
            return 0.0
        if high is None or high <= low:
            return max(0.0, low if high is None else high)
        return max(0.0, low + random.below(max(1, int((high - low) * 1000))) / 1000)

    return seconds


# Steps


def _steps(spec: Object) -> list[Step]:
    if spec.get("steps"):
        return [_step(each) for each in spec["steps"]]
    next = spec.get("next") or {}
    steps = [Step(event=next.get("event"), finalizers=next.get("finalizers"), delete=bool(next.get("delete")))]
    steps += [Step(patch=_patch(each)) for each in next.get("patches") or ()]
    if next.get("statusTemplate"):
        subresource = next.get("statusSubresource")
        where = "status" if subresource is None else subresource
        steps.append(Step(patch=Patch(Template(next["statusTemplate"].strip()), where, "status", "")))
    return steps


def _step(step: Object) -> Step:
    apply = step.get("apply")
    return Step(
        step.get("event"),
        step.get("finalizers"),
        bool(step.get("delete")),
        _patch(step["patch"]) if step.get("patch") else None,
        Apply(Template(apply["template"].strip()), apply.get("subresource", ""), apply.get("type", ""))
        if apply
        else None,
    )


def _patch(patch: Object) -> Patch:
    template = Template((patch.get("template") or "").strip())
    return Patch(template, patch.get("subresource", ""), patch.get("root", ""), patch.get("type", ""))
