"""StatefulSet: pods with names and claims that stay (pkg/registry/apps/statefulset, pkg/apis/apps)."""

from __future__ import annotations

from typing import Any

from minikube_py.api.context import Context
from minikube_py.api.kinds.podspec.annotations import annotation_errors
from minikube_py.api.kinds.podspec.template import default_pod_template, template_warnings, validate_pod_template
from minikube_py.api.kinds.workload.claimtemplates import (
    as_pods_get_it,
    claim_template_warnings,
    default_claim_template,
    validate_claim_templates,
)
from minikube_py.api.kinds.workload.counts import (
    validate_collision_count,
    validate_nonnegative,
    validate_not_above,
)
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
    labels_of,
    template_of,
    validate_runs_forever,
    validate_template_labels,
    warnings_on_update,
)
from minikube_py.api.kinds.workload.replicas import shown_selector, validate_selector_is_given
from minikube_py.api.resource import AGE, NAME, Column, Resource, Scale, Subresource, age
from minikube_py.api.strategy import METADATA, StatusStrategy, Strategy
from minikube_py.machinery import labelselector
from minikube_py.machinery.field import (
    ErrorList,
    Path,
    as_json,
    forbidden,
    invalid,
    invalid_each,
    not_supported,
)
from minikube_py.machinery.gvr import GroupVersionKind, Object
from minikube_py.machinery.names import dns1123_label, name_is_dns_label
from minikube_py.machinery.objectmeta import validate_annotations, validate_kube_object_meta_update, validate_labels

_STATUS = Path("status")
_COUNTERS = (
    "replicas",
    "readyReplicas",
    "currentReplicas",
    "updatedReplicas",
    "availableReplicas",
    "observedGeneration",
    "collisionCount",
)
_MUTABLE = frozenset(
    {
        "replicas",
        "ordinals",
        "template",
        "updateStrategy",
        "revisionHistoryLimit",
        "persistentVolumeClaimRetentionPolicy",
        "minReadySeconds",
    }
)
_IMMUTABLE_DETAIL = (
    "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', "
    "'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden"
)
_NEGATIVE_HISTORY = (
    "spec.revisionHistoryLimit: a negative value retains all historical revisions; a value >= 0 is recommended"
)


class StatefulSetStrategy(Strategy):
    has_status = True
    has_generation = True
    reset_fields = (("status",),)

    def validate_name(self, name: str, prefix: bool) -> list[str]:
        """Its name becomes part of its pods' hostnames."""
        return name_is_dns_label(name, prefix)

    def default(self, obj: Object) -> None:
        """pkg/apis/apps/v1 SetDefaults_StatefulSet."""
        spec = obj.setdefault("spec", {})
        default_pod_template(spec.setdefault("template", {}))
        for claim in spec.get("volumeClaimTemplates") or ():
            default_claim_template(claim)
        for name, value in (("podManagementPolicy", "OrderedReady"), ("replicas", 1), ("revisionHistoryLimit", 10)):
            if spec.get(name) in (None, ""):
                spec[name] = value
        _default_update_strategy(spec.setdefault("updateStrategy", {}))
        policy = spec.setdefault("persistentVolumeClaimRetentionPolicy", {})
        for when in ("whenDeleted", "whenScaled"):
            if not policy.get(when):
                policy[when] = "Retain"

    def prepare_for_create(self, ctx: Context, obj: Object) -> None:
        super().prepare_for_create(ctx, obj)
        _drop_max_unavailable(obj, None)

    def prepare_for_update(self, ctx: Context, obj: Object, old: Object) -> None:
        _drop_max_unavailable(obj, old)
        super().prepare_for_update(ctx, obj, old)

    def validate(self, ctx: Context, obj: Object) -> ErrorList:
        return [*self.validate_metadata(ctx, obj), *_validate_new_spec(obj["spec"])]

    def validate_update(self, ctx: Context, obj: Object, old: Object) -> ErrorList:
        errors = validate_kube_object_meta_update(obj["metadata"], old["metadata"], METADATA)
        errors += _validate_changed_spec(obj["spec"], old["spec"])
        if not _same_but_mutable(obj["spec"], old["spec"]):
            errors.append(forbidden(SPEC, _IMMUTABLE_DETAIL))
        return errors

    def warnings_on_create(self, ctx: Context, obj: Object) -> list[str]:
        warnings = template_warnings(template_of(obj), None, TEMPLATE)
        return [*warnings, *_spec_warnings(obj["spec"], "")]

    def warnings_on_update(self, ctx: Context, obj: Object, old: Object) -> list[str]:
        return [*warnings_on_update(obj, old), *_spec_warnings(obj["spec"], "Spec")]


class StatefulSetStatusStrategy(StatusStrategy):
    """Upstream names the status's errors before the metadata's."""

    def validate_update(self, ctx: Context, obj: Object, old: Object) -> ErrorList:
        """pkg/apis/apps/validation ValidateStatefulSetStatusUpdate."""
        status = obj.get("status") or {}
        return [
            *validate_stateful_set_status(status),
            *validate_kube_object_meta_update(obj["metadata"], old["metadata"], METADATA),
            *validate_collision_count(status, old.get("status") or {}, _STATUS),
        ]


def _default_update_strategy(strategy: Object) -> None:
    if not strategy.get("type"):
        strategy["type"] = "RollingUpdate"
        strategy.setdefault("rollingUpdate", {})
    rolling = strategy.get("rollingUpdate")
    if strategy["type"] == "RollingUpdate" and rolling is not None and rolling.get("partition") is None:
        rolling["partition"] = 0


def _drop_max_unavailable(obj: Object, old: Object | None) -> None:
    """rollingUpdate.maxUnavailable is behind a feature gate that is off (MaxUnavailableStatefulSet), but stays where it
    is in use."""
    rolling = _rolling_update(obj)
    if "maxUnavailable" in rolling and (old is None or "maxUnavailable" not in _rolling_update(old)):
        del rolling["maxUnavailable"]


def _rolling_update(obj: Object) -> Object:
    rolling: Object = (obj["spec"].get("updateStrategy") or {}).get("rollingUpdate") or {}
    return rolling


def _spec_warnings(spec: Object, claim_field: str) -> list[str]:
    path = SPEC.child("volumeClaimTemplates")
    warnings = claim_template_warnings(spec.get("volumeClaimTemplates") or [], path, claim_field)
    return [*warnings, _NEGATIVE_HISTORY] if (spec.get("revisionHistoryLimit") or 0) < 0 else warnings


def _same_but_mutable(spec: Object, old: Object) -> bool:
    return all(spec.get(name) == old.get(name) for name in (spec.keys() | old.keys()) - _MUTABLE)


def _validate_new_spec(spec: Object) -> ErrorList:
    """pkg/apis/apps/validation ValidateStatefulSetSpec."""
    claims = spec.get("volumeClaimTemplates") or []
    errors = _validate_strategies(spec)
    errors += validate_claim_templates(claims, SPEC.child("volumeClaimTemplates"))
    errors += _validate_numbers(spec)
    if service := spec.get("serviceName"):
        errors += invalid_each(SPEC.child("serviceName"), service, dns1123_label(service))
    return [*errors, *_validate_selector_and_template(spec, look_inside=True)]


def _validate_changed_spec(spec: Object, old: Object) -> ErrorList:
    """What cannot change is not looked at again; nor the template, if the old spec would not pass today."""
    errors = [*_validate_strategies(spec), *_validate_numbers(spec)]
    found = _validate_selector_and_template(spec, look_inside=True)
    if found and _validate_unchanged(old):
        found = _validate_selector_and_template(spec, look_inside=False)
    return errors + found


def _validate_unchanged(spec: Object) -> ErrorList:
    return [
        *_validate_strategies(spec),
        *_validate_numbers(spec),
        *_validate_selector_and_template(spec, look_inside=True),
    ]


def _validate_strategies(spec: Object) -> ErrorList:
    errors: ErrorList = []
    policy = spec.get("podManagementPolicy") or ""
    if policy not in ("OrderedReady", "Parallel"):
        path = SPEC.child("podManagementPolicy")
        errors.append(invalid(path, as_json(policy), "must be 'OrderedReady' or 'Parallel'"))
    errors += _validate_update_strategy(spec.get("updateStrategy") or {}, SPEC.child("updateStrategy"))
    retention = spec.get("persistentVolumeClaimRetentionPolicy") or {}
    for when in ("whenDeleted", "whenScaled"):
        if retention.get(when) not in ("Retain", "Delete"):
            path = SPEC.child("persistentVolumeClaimRetentionPolicy", when)
            errors.append(not_supported(path, as_json(retention.get(when) or ""), ["Retain", "Delete"]))
    return errors


def _validate_update_strategy(strategy: Object, path: Path) -> ErrorList:
    kind, rolling = strategy.get("type") or "", strategy.get("rollingUpdate")
    if kind == "OnDelete":
        if rolling is None:
            return []
        detail = "only allowed for updateStrategy 'RollingUpdate'"
        return [invalid(path.child("rollingUpdate"), as_json(_internal_rolling_update(rolling)), detail)]
    if kind == "RollingUpdate":
        return [] if rolling is None else _validate_rolling_update(rolling, path.child("rollingUpdate"))
    shown = {"Type": kind, "RollingUpdate": rolling if rolling is None else _internal_rolling_update(rolling)}
    return [invalid(path, as_json(shown), "must be 'RollingUpdate' or 'OnDelete'")]


def _internal_rolling_update(rolling: Object) -> Object:
    """As upstream's internal type prints it."""
    return {"Partition": rolling.get("partition") or 0, "MaxUnavailable": rolling.get("maxUnavailable")}


def _validate_rolling_update(rolling: Object, path: Path) -> ErrorList:
    errors = validate_nonnegative(rolling, path, "partition")
    unavailable = rolling.get("maxUnavailable")
    if unavailable is None:
        return errors
    at = path.child("maxUnavailable")
    errors += validate_int_or_percent(unavailable, at)
    if amount(unavailable) == 0:
        errors.append(invalid(at, as_json(unavailable), "cannot be 0"))
    return errors + validate_at_most_100_percent(unavailable, at)


def _validate_numbers(spec: Object) -> ErrorList:
    errors = validate_nonnegative(spec, SPEC, "replicas", "minReadySeconds")
    return errors + validate_nonnegative(spec.get("ordinals") or {}, SPEC.child("ordinals"), "start")


def _validate_selector_and_template(spec: Object, look_inside: bool) -> ErrorList:
    """`look_inside`: whether the pod template's own rules apply."""
    selector = spec.get("selector")
    errors = validate_selector_is_given(selector, "statefulset")
    template = as_pods_get_it(spec.get("template") or {}, spec.get("volumeClaimTemplates") or [])
    try:
        compiled = labelselector.as_selector(selector)
    except ValueError:
        errors.append(invalid(SPEC.child("selector"), shown_selector(selector), ""))
    else:
        errors += validate_template_labels(template, compiled, TEMPLATE)
        errors += _validate_template(template, look_inside)
    return errors + validate_runs_forever(template, TEMPLATE, "StatefulSet")


def _validate_template(template: Object, look_inside: bool) -> ErrorList:
    """ValidatePodTemplateSpecForStatefulSet, which names errors of labels and annotations twice."""
    path = TEMPLATE.child("annotations")
    errors = validate_pod_template(template, TEMPLATE) if look_inside else []
    errors += validate_labels(labels_of(template), TEMPLATE.child("labels"))
    annotations = (template.get("metadata") or {}).get("annotations") or {}
    errors += validate_annotations(annotations, path)
    return errors + annotation_errors(annotations, template.get("spec") or {}, path)


def validate_stateful_set_status(status: Object) -> ErrorList:
    """pkg/apis/apps/validation ValidateStatefulSetStatus."""
    errors = validate_nonnegative(status, _STATUS, *_COUNTERS)
    counters = ("readyReplicas", "currentReplicas", "updatedReplicas", "availableReplicas")
    errors += validate_not_above(status, _STATUS, "replicas", "status.replicas", *counters)
    return errors + validate_not_above(status, _STATUS, "readyReplicas", "status.readyReplicas", "availableReplicas")


def cells(obj: Object) -> list[Any]:
    ready = (obj.get("status") or {}).get("readyReplicas", 0)
    return [
        obj["metadata"]["name"],
        f"{ready}/{obj['spec'].get('replicas', 0)}",
        age(obj),
        *containers_and_images(template_of(obj)),
    ]


_STRATEGY = StatefulSetStrategy()

RESOURCES = (
    Resource(
        group="apps",
        version="v1",
        plural="statefulsets",
        kind="StatefulSet",
        short_names=("sts",),
        categories=("all",),
        strategy=_STRATEGY,
        subresources=(
            Subresource("status", strategy=StatefulSetStatusStrategy(_STRATEGY)),
            Subresource("scale", kind=GroupVersionKind("autoscaling", "v1", "Scale"), scale=Scale()),
        ),
        columns=(NAME, Column("Ready", description="Number of the pod with ready state"), AGE, CONTAINERS, IMAGES),
        cells=cells,
    ),
)
