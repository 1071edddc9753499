"""The flow schemas and priority levels of API priority and fairness: those that must be, and those suggested.

Upstream: apiserver/pkg/apis/flowcontrol/bootstrap/default.go, pkg/registry/flowcontrol/ensurer. The levels are only
kept: every request is served at once.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

from minikube_py.api.catalog import Catalog
from minikube_py.api.kinds.flowcontrol.mandatory import FLOW_SCHEMAS, PRIORITY_LEVELS
from minikube_py.api.kinds.flowcontrol.versions import GROUP, HUB, SERVED, shares_field
from minikube_py.bootstrap.seed import Condition, Seed, owned
from minikube_py.machinery.gvr import GroupVersionKind, GroupVersionResource, Object

PRODUCER = "api-priority-and-fairness-config-producer-v1"
CONSUMER = "api-priority-and-fairness-config-consumer-v1"
"""The manager that tells whether a flow schema's level exists."""

_ANNOTATIONS = {"apf.kubernetes.io/autoupdate-spec": "true"}
_LENDING_SINCE, _EXEMPT_SINCE = 26, 28
"""Minor versions: the first whose levels lend their seats, the first where the exempt level says how many."""

_LEVELS = (
    # name, shares, lendable percent, queues, hand size; each queue is of 50 requests
    ("system", 30, 33, 64, 6),
    ("node-high", 40, 25, 64, 6),
    ("leader-election", 10, 0, 16, 4),
    ("workload-high", 40, 50, 128, 6),
    ("workload-low", 100, 90, 128, 6),
    ("global-default", 20, 50, 128, 6),
)
_QUEUE_LENGTH = 50

_EVERYTHING, _PROBES = "everything", "probes"
_SCHEMAS = (
    # name, level, precedence, what tells flows apart, subjects, what of their requests
    ("system-nodes", "system", 500, "ByUser", "Group system:nodes", _EVERYTHING),
    ("system-node-high", "node-high", 400, "ByUser", "Group system:nodes", "nodes"),
    ("probes", "exempt", 2, "", "Group system:unauthenticated, Group system:authenticated", _PROBES),
    (
        "system-leader-election",
        "leader-election",
        100,
        "ByUser",
        "User system:kube-controller-manager, User system:kube-scheduler, ServiceAccount kube-system/*",
        "leases",
    ),
    (
        "kube-controller-manager",
        "workload-high",
        800,
        "ByNamespace",
        "User system:kube-controller-manager",
        _EVERYTHING,
    ),
    ("kube-scheduler", "workload-high", 800, "ByNamespace", "User system:kube-scheduler", _EVERYTHING),
    ("kube-system-service-accounts", "workload-high", 900, "ByNamespace", "ServiceAccount kube-system/*", _EVERYTHING),
    ("service-accounts", "workload-low", 9000, "ByUser", "Group system:serviceaccounts", _EVERYTHING),
    (
        "global-default",
        "global-default",
        9900,
        "ByUser",
        "Group system:unauthenticated, Group system:authenticated",
        _EVERYTHING,
    ),
)


def seeds(catalog: Catalog) -> tuple[Seed, ...]:
    """What the server of this version has."""
    for version in SERVED:
        if catalog.find(GroupVersionResource(GROUP, version, "flowschemas")) is not None:
            return _seeds(version, int(catalog.schema.version.partition(".")[2]))
    return ()


@cache
def _seeds(version: str, minor: int) -> tuple[Seed, ...]:
    """As a client of `version` writes them."""
    return (*_level_seeds(version, minor), *_schema_seeds(version))


def _level_seeds(version: str, minor: int) -> Iterator[Seed]:
    suggested = {name: _limited(*limits) for name, *limits in _LEVELS}
    for name, spec in {**PRIORITY_LEVELS, **suggested}.items():
        spec = _of_version(spec, minor)
        yield _seed("PriorityLevelConfiguration", name, spec, _level_fields(spec, version), version, None)


def _limited(shares: int, lendable: int, queues: int, hand: int) -> Object:
    queuing = {"queues": queues, "handSize": hand, "queueLengthLimit": _QUEUE_LENGTH}
    return {
        "type": "Limited",
        "limited": {
            "nominalConcurrencyShares": shares,
            "limitResponse": {"type": "Queue", "queuing": queuing},
            "lendablePercent": lendable,
        },
    }


def _of_version(spec: Object, minor: int) -> Object:
    """Without what came later."""
    if "exempt" in spec and minor < _EXEMPT_SINCE:
        return {name: value for name, value in spec.items() if name != "exempt"}
    if "limited" in spec and minor < _LENDING_SINCE:
        limited = {name: value for name, value in spec["limited"].items() if name != "lendablePercent"}
        return {**spec, "limited": limited}
    return spec


def _level_fields(spec: Object, version: str) -> Object:
    fields: Object = {}
    if "exempt" in spec:
        fields["f:exempt"] = owned(dict(sorted(spec["exempt"].items())))
    if "limited" in spec:
        limited = spec["limited"]
        response = owned(limited["limitResponse"])
        if "f:queuing" in response:
            queuing = owned(dict(sorted(limited["limitResponse"]["queuing"].items())))
            response = {".": {}, "f:queuing": queuing, "f:type": {}}
        names = {shares_field(version) if name == "nominalConcurrencyShares" else name for name in limited}
        fields["f:limited"] = owned(dict.fromkeys(sorted(names))) | {"f:limitResponse": response}
    return {"f:metadata": {"f:annotations": owned(_ANNOTATIONS)}, "f:spec": {**fields, "f:type": {}}}


def _schema_seeds(version: str) -> Iterator[Seed]:
    suggested = {said[0]: _schema(*said[1:]) for said in _SCHEMAS}
    for name, spec in {**FLOW_SCHEMAS, **suggested}.items():
        level = spec["priorityLevelConfiguration"]["name"]
        text = f'This FlowSchema references the PriorityLevelConfiguration object named "{level}" and it exists'
        condition = Condition("Dangling", "False", "Found", text, CONSUMER)
        fields = _schema_fields("distinguisherMethod" in spec)
        yield _seed("FlowSchema", name, spec, fields, version, condition)


def _schema(level: str, precedence: int, method: str, subjects: str, what: str) -> Object:
    spec: dict[str, Any] = {"priorityLevelConfiguration": {"name": level}, "matchingPrecedence": precedence}
    if method:
        spec["distinguisherMethod"] = {"type": method}
    spec["rules"] = [{"subjects": [_subject(each) for each in subjects.split(", ")], **_requests(what)}]
    return spec


def _subject(text: str) -> Object:
    kind, name = text.split()
    if kind == "ServiceAccount":
        namespace, name = name.split("/")
        return {"kind": kind, "serviceAccount": {"namespace": namespace, "name": name}}
    return {"kind": kind, kind.lower(): {"name": name}}


def _requests(what: str) -> Object:
    if what == _EVERYTHING:
        everything = {"verbs": ["*"], "nonResourceURLs": ["*"]}
        return {"resourceRules": [_resources("*", "*", "*", cluster=True)], "nonResourceRules": [everything]}
    if what == _PROBES:
        return {"nonResourceRules": [{"verbs": ["get"], "nonResourceURLs": ["/healthz", "/readyz", "/livez"]}]}
    if what == "leases":
        return {"resourceRules": [_resources("get create update", "coordination.k8s.io", "leases")]}
    nodes = _resources("*", "", "nodes nodes/status", cluster=True)
    return {"resourceRules": [nodes, _resources("*", "coordination.k8s.io", "leases")]}


def _resources(verbs: str, group: str, resources: str, cluster: bool = False) -> Object:
    rule: dict[str, Any] = {"verbs": verbs.split(), "apiGroups": [group], "resources": resources.split()}
    if cluster:
        rule["clusterScope"] = True
    return {**rule, "namespaces": ["*"]}


@cache
def _schema_fields(has_method: bool) -> Object:
    fields: dict[str, Any] = {"f:distinguisherMethod": owned({"type": ...})} if has_method else {}
    fields |= {"f:matchingPrecedence": {}, "f:priorityLevelConfiguration": {"f:name": {}}, "f:rules": {}}
    return {"f:metadata": {"f:annotations": owned(_ANNOTATIONS)}, "f:spec": fields}


def _seed(kind: str, name: str, spec: Object, fields: Object, version: str, condition: Condition | None) -> Seed:
    return Seed(
        GroupVersionKind(GROUP, HUB, kind),
        f"{kind.lower()}s.{GROUP}",
        name,
        {"spec": spec},
        fields,
        annotations=_ANNOTATIONS,
        generation=1,
        manager=PRODUCER,
        written_as=f"{GROUP}/{version}",
        condition=condition,
        status={},
    )
