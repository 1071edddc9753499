"""KubeSchedulerConfiguration: the schedulers that the user wants, and how each chooses
(apis/config/v1, apis/config/validation, framework/runtime expandMultiPointPlugins).

    apiVersion: kubescheduler.config.k8s.io/v1
    kind: KubeSchedulerConfiguration
    profiles:
    - schedulerName: packing
      plugins:
        score: {disabled: [{name: PodTopologySpread}], enabled: [{name: ImageLocality, weight: 5}]}
      pluginConfig:
      - name: NodeResourcesFit
        args: {scoringStrategy: {type: MostAllocated}}

The built-in schedulers stay beside those, unless a profile has the name of one. Extenders are asked by all of them: see
extenderconfiguration.py. All nodes are scored, whatever percentageOfNodesToScore says: they are ranked at all times, so
that to look at fewer would save nothing. Of what a real scheduler's process is told (leaderElection, ...), nothing
applies.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from minikube_py.controllers.scheduler.extender import Extender
from minikube_py.controllers.scheduler.extenderconfiguration import read_extenders
from minikube_py.controllers.scheduler.framework import Plugin, Profile
from minikube_py.controllers.scheduler.pluginarguments import WITH_ARGUMENTS, Reader
from minikube_py.controllers.scheduler.plugins.noderesources import ignoring
from minikube_py.controllers.scheduler.podclass import DEFAULT_SCHEDULER
from minikube_py.controllers.scheduler.profiles import PLUGINS, PROFILES
from minikube_py.controllers.scheduler.queue import BACKOFF, Backoff
from minikube_py.machinery.field import (
    ErrorList,
    Path,
    aggregate,
    duplicate,
    forbidden,
    invalid,
    not_supported,
    required,
    type_invalid,
)
from minikube_py.machinery.gvr import Object

API_VERSION, KIND = "kubescheduler.config.k8s.io/v1", "KubeSchedulerConfiguration"

IGNORED = (
    "parallelism",
    "leaderElection",
    "clientConnection",
    "healthzBindAddress",
    "metricsBindAddress",
    "enableProfiling",
    "enableContentionProfiling",
    "delayCacheUntilActive",
)
POINTS = (
    "multiPoint",
    "preEnqueue",
    "queueSort",
    "preFilter",
    "filter",
    "postFilter",
    "preScore",
    "score",
    "reserve",
    "permit",
    "preBind",
    "bind",
    "postBind",
)
WITHOUT_EFFECT = frozenset({"PrioritySort", "DefaultBinder", "GangScheduling"})
"""Upstream's plugins that have nothing to say here: what they do is always done, or there is nothing to do."""
ALL = "*"


@dataclass(frozen=True)
class Configuration:
    profiles: Sequence[Profile] = PROFILES
    backoff: Backoff = BACKOFF
    extenders: Sequence[Extender] = ()


CONFIGURATION = Configuration()


def read_configuration(given: Any) -> Configuration:
    """Raises ValueError with all that is wrong, in one line."""
    errors: ErrorList = []
    if not isinstance(given, dict):
        raise ValueError("a KubeSchedulerConfiguration has to be an object")
    for field, wanted in (("apiVersion", API_VERSION), ("kind", KIND)):
        if given.get(field) != wanted:
            errors.append(not_supported(Path(field), given.get(field) or "", (wanted,)))
    if errors:
        raise ValueError(aggregate(errors))
    configuration = _read(given, errors)
    if errors:
        raise ValueError(aggregate(errors))
    return configuration


def _read(given: Object, errors: ErrorList) -> Configuration:
    known = ("apiVersion", "kind", "profiles", "extenders", "percentageOfNodesToScore", *IGNORED)
    backoff_fields = ("podInitialBackoffSeconds", "podMaxBackoffSeconds")
    for field in given:
        if field not in (*known, *backoff_fields):
            errors.append(forbidden(Path(field), "unknown field"))
    extenders, ignored = read_extenders(_readers(given.get("extenders") or [], "extenders", errors), errors)
    _check_percentage(given, Path("percentageOfNodesToScore"), errors)
    profiles = _profiles(given.get("profiles"), errors, ignored)
    names = {profile.scheduler_name for profile in profiles}
    others = [profile for profile in PROFILES if profile.scheduler_name not in names]
    if ignored:
        others = [replace(each, plugins=_ignoring(each.plugins, ignored)) for each in others]
    return Configuration([*profiles, *others], _backoff(given, errors), extenders)


def _check_percentage(given: Object, path: Path, errors: ErrorList) -> None:
    value = given.get("percentageOfNodesToScore")
    if value is not None and not (isinstance(value, int) and 0 <= value <= 100):
        errors.append(invalid(path, value, "not in valid range [0-100]"))


def _backoff(given: Object, errors: ErrorList) -> Backoff:
    first, most = given.get("podInitialBackoffSeconds", 1), given.get("podMaxBackoffSeconds", 10)
    if not isinstance(first, int) or first <= 0:
        errors.append(invalid(Path("podInitialBackoffSeconds"), first, "must be greater than 0"))
    elif not isinstance(most, int) or most < first:
        detail = "must be greater than or equal to PodInitialBackoffSeconds"
        errors.append(invalid(Path("podMaxBackoffSeconds"), most, detail))
    else:
        return Backoff(float(first), float(most))
    return BACKOFF


def _ignoring(plugins: Sequence[Plugin], resources: frozenset[str]) -> tuple[Plugin, ...]:
    """Without regard to resources that extenders manage alone (scheduler.go buildExtenders)."""
    return tuple(ignoring(each, resources) if each.name == "NodeResourcesFit" else each for each in plugins)


def _profiles(given: Any, errors: ErrorList, ignored: frozenset[str]) -> list[Profile]:
    found: list[Profile] = []
    readers = _readers(given or [{}], "profiles", errors)
    for reader in readers:
        reader.known("schedulerName", "percentageOfNodesToScore", "plugins", "pluginConfig")
        name = reader.text("schedulerName", DEFAULT_SCHEDULER if len(readers) == 1 else "")
        path = reader.path.child("schedulerName")
        if not name:
            errors.append(required(path))
        elif name in (earlier := [each.scheduler_name for each in found]):
            errors.append(duplicate(path, f"profiles[{earlier.index(name)}].schedulerName"))
        _check_percentage(reader.given, reader.path.child("percentageOfNodesToScore"), errors)
        found.append(Profile(name, _ignoring(_plugins(reader), ignored) if ignored else _plugins(reader)))
    return found


def _readers(given: Any, field: str, errors: ErrorList) -> list[Reader]:
    if not isinstance(given, list) or not all(isinstance(each, dict) for each in given):
        errors.append(type_invalid(Path(field), given, "must be a list of objects"))
        return []
    return [Reader(each, Path(field).index(index), errors) for index, each in enumerate(given)]


def _plugins(profile: Reader) -> tuple[Plugin, ...]:
    available = _configured(profile)
    points = _points(profile, available)
    multi = _merged(points["multiPoint"])
    filters, scores, preempting = (_expanded(points[each], multi) for each in ("filter", "score", "postFilter"))
    order = [name for name in filters if name in available]
    order += [name for name in (*multi, *scores, *preempting) if name in available and name not in order]
    return tuple(
        _at_points(available[name], name in filters, scores.get(name), preempts=name in preempting)
        for name in dict.fromkeys(order)
    )


def _at_points(plugin: Plugin, filters: bool, weight: int | None, *, preempts: bool) -> Plugin:
    """What is left of a plugin where it is enabled; `weight` is None where it does not score."""
    made = replace(plugin, preempts=plugin.preempts and preempts, no_remedy=plugin.no_remedy if preempts else "")
    if not filters:
        made = replace(made, filter=None, filter_all=None, claim=None, gate=None, node_names=None)
    if weight is None:
        return replace(made, score=None, score_all=None, scores_claims=False)
    return replace(made, weight=weight or 1)


def _configured(profile: Reader) -> dict[str, Plugin]:
    """All plugins there are by name, those of pluginConfig with their arguments."""
    available = {plugin.name: plugin for plugin in PLUGINS}
    seen: set[str] = set()
    for each in profile.readers("pluginConfig"):
        each.known("name", "args")
        name = each.text("name")
        make = WITH_ARGUMENTS.get(name)
        if name in seen:
            profile.errors.append(duplicate(each.path, name))
        elif make is None:
            names = sorted(WITH_ARGUMENTS)
            profile.errors.append(not_supported(each.path.child("name"), name, names))
        elif (args := each.reader("args")) is not None:
            available[name] = replace(make(args), weight=available[name].weight)
        seen.add(name)
    return available


class _Set:
    """One extension point's plugins: enabled with their weights, and the names that are disabled."""

    def __init__(self) -> None:
        self.enabled: dict[str, int] = {}
        self.disabled: set[str] = set()


def _points(profile: Reader, available: dict[str, Plugin]) -> dict[str, _Set]:
    found = {point: _Set() for point in POINTS}
    plugins = profile.reader("plugins")
    if plugins is None:
        return found
    plugins.known(*POINTS)
    for point, wanted in found.items():
        given = plugins.reader(point)
        if given is None:
            continue
        given.known("enabled", "disabled")
        wanted.disabled = {each.text("name") for each in given.readers("disabled")}
        for each in given.readers("enabled"):
            name = each.text("name")
            if name not in available and name not in WITHOUT_EFFECT:
                profile.errors.append(invalid(each.path.child("name"), name, "plugin does not exist"))
            elif name in wanted.enabled:
                profile.errors.append(duplicate(each.path.child("name"), name))
            wanted.enabled[name] = each.integer("weight", 0, 0)
    return found


def _merged(wanted: _Set) -> dict[str, int]:
    """multiPoint with the defaults, by name with their weights: what is configured anew keeps its place."""
    defaults = {plugin.name: plugin.weight for plugin in PLUGINS}
    kept = {} if ALL in wanted.disabled else {name: defaults[name] for name in defaults if name not in wanted.disabled}
    return {**kept, **wanted.enabled}


def _expanded(wanted: _Set, multi: dict[str, int]) -> dict[str, int]:
    """A point's plugins: multiPoint's that are named for it too, then multiPoint's others, then the others."""
    if ALL in wanted.disabled:
        return dict(wanted.enabled)
    overridden = {
        name: weight for name, weight in wanted.enabled.items() if name in multi and name not in wanted.disabled
    }
    rest = {name: weight for name, weight in multi.items() if name not in wanted.disabled}
    return {**overridden, **{name: weight for name, weight in rest.items() if name not in overridden}, **wanted.enabled}
