"""DaemonSet: a pod on each node (pkg/registry/apps/daemonset, pkg/apis/apps)."""

from __future__ import annotations

from typing import Any

from minikube_py.api.context import Context
from minikube_py.api.kinds.podspec.template import default_pod_template, template_warnings, validate_pod_template
from minikube_py.api.kinds.workload.counts import validate_collision_count, validate_nonnegative
from minikube_py.api.kinds.workload.intorpercent import (
    amount,
    validate_at_most_100_percent,
    validate_int_or_percent,
)
from minikube_py.api.kinds.workload.podtemplate import (
    CONTAINERS,
    IMAGES,
    SPEC,
    TEMPLATE,
    containers_and_images,
    format_labels,
    template_of,
    validate_runs_forever,
    validate_template_labels,
)
from minikube_py.api.kinds.workload.replicas import shown_selector, validate_immutable_selector
from minikube_py.api.resource import AGE, NAME, Column, Resource, Subresource, age
from minikube_py.api.strategy import METADATA, StatusStrategy, Strategy
from minikube_py.machinery import errors as apierrors
from minikube_py.machinery import labelselector
from minikube_py.machinery.field import ErrorList, Path, as_json, invalid, not_supported, required
from minikube_py.machinery.gotext import quote
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.integers import parse_int64
from minikube_py.machinery.objectmeta import validate_kube_object_meta_update

TEMPLATE_GENERATION = "deprecated.daemonset.template.generation"
"""The annotation that shows how often the template changed: a field of the internal type that apps/v1 lost."""

_STATUS = Path("status")
_COUNTERS = (
    "currentNumberScheduled",
    "numberMisscheduled",
    "desiredNumberScheduled",
    "numberReady",
    "observedGeneration",
    "updatedNumberScheduled",
    "numberAvailable",
    "numberUnavailable",
    "collisionCount",
)


class DaemonSetStrategy(Strategy):
    has_status = True
    has_generation = True
    reset_fields = (("status",),)

    def default(self, obj: Object) -> None:
        """pkg/apis/apps/v1 SetDefaults_DaemonSet, and the conversion that shows the template's generation.
        Raises StatusError (400) where that is no number."""
        spec = obj.setdefault("spec", {})
        default_pod_template(spec.setdefault("template", {}))
        strategy = spec.setdefault("updateStrategy", {})
        if not strategy.get("type"):
            strategy["type"] = "RollingUpdate"
        if strategy["type"] == "RollingUpdate":
            rolling = strategy.setdefault("rollingUpdate", {})
            rolling.setdefault("maxUnavailable", 1)
            rolling.setdefault("maxSurge", 0)
        if spec.get("revisionHistoryLimit") is None:
            spec["revisionHistoryLimit"] = 10
        _show_generation(obj, _template_generation(obj))

    def prepare_for_create(self, ctx: Context, obj: Object) -> None:
        super().prepare_for_create(ctx, obj)
        _show_generation(obj, max(1, _template_generation(obj)))

    def prepare_for_update(self, ctx: Context, obj: Object, old: Object) -> None:
        super().prepare_for_update(ctx, obj, old)
        changed = template_of(obj) != template_of(old)
        _show_generation(obj, _template_generation(old) + changed)

    def validate(self, ctx: Context, obj: Object) -> ErrorList:
        return [*self.validate_metadata(ctx, obj), *validate_daemon_set_spec(obj)]

    def validate_update(self, ctx: Context, obj: Object, old: Object) -> ErrorList:
        return [
            *validate_kube_object_meta_update(obj["metadata"], old["metadata"], METADATA),
            *validate_immutable_selector(obj["spec"], old["spec"]),
            *validate_daemon_set_spec(obj),
        ]

    def warnings_on_create(self, ctx: Context, obj: Object) -> list[str]:
        return template_warnings(template_of(obj), None, TEMPLATE)

    def warnings_on_update(self, ctx: Context, obj: Object, old: Object) -> list[str]:
        if _template_generation(obj) == _template_generation(old):
            return []
        return template_warnings(template_of(obj), template_of(old), TEMPLATE)


class DaemonSetStatusStrategy(StatusStrategy):
    """The template's generation is part of the spec, and stays with it."""

    def prepare_for_update(self, ctx: Context, obj: Object, old: Object) -> None:
        super().prepare_for_update(ctx, obj, old)
        _show_generation(obj, _template_generation(old))


def _template_generation(obj: Object) -> int:
    text = (obj["metadata"].get("annotations") or {}).get(TEMPLATE_GENERATION)
    if text is None:
        return 0
    generation = parse_int64(text)
    if generation is None:
        why = f"strconv.ParseInt: parsing {quote(text)}: invalid syntax"
        raise apierrors.bad_request(f'DaemonSet in version "v1" cannot be handled as a DaemonSet: {why}')
    return generation


def _show_generation(obj: Object, generation: int) -> None:
    metadata = obj["metadata"]
    metadata["annotations"] = {**(metadata.get("annotations") or {}), TEMPLATE_GENERATION: str(generation)}


def validate_daemon_set_spec(obj: Object) -> ErrorList:
    """pkg/apis/apps/validation ValidateDaemonSetSpec."""
    spec, template = obj["spec"], template_of(obj)
    errors = _validate_selector(spec.get("selector"), template)
    errors += validate_pod_template(template, TEMPLATE)
    errors += validate_runs_forever(template, TEMPLATE, "DaemonSet")
    errors += validate_nonnegative(spec, SPEC, "minReadySeconds")
    errors += validate_update_strategy(spec.get("updateStrategy") or {}, SPEC.child("updateStrategy"))
    return errors + validate_nonnegative(spec, SPEC, "revisionHistoryLimit")


def _validate_selector(selector: Object | None, template: Object) -> ErrorList:
    path = SPEC.child("selector")
    errors = labelselector.validate_label_selector(selector, path)
    try:
        errors += validate_template_labels(template, labelselector.as_selector(selector), TEMPLATE)
    except ValueError:
        return errors  # the selector's own errors say what is wrong
    if selector is not None and not selector.get("matchLabels") and not selector.get("matchExpressions"):
        errors.append(invalid(path, shown_selector(selector), "empty selector is invalid for daemonset"))
    return errors


def validate_update_strategy(strategy: Object, path: Path) -> ErrorList:
    kind, rolling = strategy.get("type") or "", strategy.get("rollingUpdate")
    if kind == "OnDelete":
        return []
    if kind == "RollingUpdate":
        at = path.child("rollingUpdate")
        return [required(at)] if rolling is None else _validate_rolling_update(rolling, at)
    shown = rolling and {"MaxUnavailable": rolling.get("maxUnavailable", 0), "MaxSurge": rolling.get("maxSurge", 0)}
    return [not_supported(path, as_json({"Type": kind, "RollingUpdate": shown}), ["RollingUpdate", "OnDelete"])]


def _validate_rolling_update(rolling: Object, path: Path) -> ErrorList:
    """Exactly one of both is not zero."""
    unavailable, surge = rolling.get("maxUnavailable", 0), rolling.get("maxSurge", 0)
    unavailable_path, surge_path = path.child("maxUnavailable"), path.child("maxSurge")
    errors = validate_int_or_percent(unavailable, unavailable_path)
    errors += validate_int_or_percent(surge, surge_path)
    errors += validate_at_most_100_percent(unavailable, unavailable_path)
    errors += validate_at_most_100_percent(surge, surge_path)
    if amount(unavailable) != 0 and amount(surge) != 0:
        errors.append(invalid(surge_path, as_json(surge), "may not be set when maxUnavailable is non-zero"))
    elif amount(unavailable) == 0 and amount(surge) == 0:
        errors.append(required(unavailable_path, "cannot be 0 when maxSurge is 0"))
    return errors


def validate_daemon_set_status(obj: Object, old: Object) -> ErrorList:
    """pkg/apis/apps/validation ValidateDaemonSetStatusUpdate."""
    status = obj.get("status") or {}
    errors = validate_nonnegative(status, _STATUS, *_COUNTERS)
    return errors + validate_collision_count(status, old.get("status") or {}, _STATUS)


def cells(obj: Object) -> list[Any]:
    status, template = obj.get("status") or {}, template_of(obj)
    return [
        obj["metadata"]["name"],
        status.get("desiredNumberScheduled", 0),
        status.get("currentNumberScheduled", 0),
        status.get("numberReady", 0),
        status.get("updatedNumberScheduled", 0),
        status.get("numberAvailable", 0),
        format_labels((template.get("spec") or {}).get("nodeSelector")),
        age(obj),
        *containers_and_images(template),
        labelselector.format_selector(obj["spec"].get("selector")),
    ]


_STRATEGY = DaemonSetStrategy()
_DOC = "io.k8s.api.apps.v1.DaemonSetStatus#"


def _internal_metadata(obj: Object) -> Object:
    """Without the annotation that conversion to v1 adds."""
    metadata: Object = obj["metadata"]
    kept = {key: text for key, text in (metadata.get("annotations") or {}).items() if key != TEMPLATE_GENERATION}
    rest = {key: value for key, value in metadata.items() if key != "annotations"}
    return {**rest, "annotations": kept} if kept else rest


RESOURCES = (
    Resource(
        group="apps",
        version="v1",
        plural="daemonsets",
        kind="DaemonSet",
        short_names=("ds",),
        categories=("all",),
        strategy=_STRATEGY,
        subresources=(Subresource("status", strategy=DaemonSetStatusStrategy(_STRATEGY, validate_daemon_set_status)),),
        columns=(
            NAME,
            Column("Desired", type="integer", doc=_DOC + "desiredNumberScheduled"),
            Column("Current", type="integer", doc=_DOC + "currentNumberScheduled"),
            Column("Ready", type="integer", doc=_DOC + "numberReady"),
            Column("Up-to-date", type="integer", doc=_DOC + "updatedNumberScheduled"),
            Column("Available", type="integer", doc=_DOC + "numberAvailable"),
            Column("Node Selector", doc="io.k8s.api.core.v1.PodSpec#nodeSelector"),
            AGE,
            CONTAINERS,
            IMAGES,
            Column("Selector", priority=1, doc="io.k8s.api.apps.v1.DaemonSetSpec#selector"),
        ),
        cells=cells,
        row_metadata=_internal_metadata,
    ),
)
