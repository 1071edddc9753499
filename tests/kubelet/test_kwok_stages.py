"""KWOK's Stages as they are read: selectors, weights, delays, and what they write."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from minikube_py.controllers.kubelet.features import Features
from minikube_py.controllers.kubelet.kwok.functions import functions
from minikube_py.controllers.kubelet.kwok.jq import QueryError, query
from minikube_py.controllers.kubelet.kwok.lifecycle import choose
from minikube_py.controllers.kubelet.kwok.stage import Stage, StageError, parsed
from minikube_py.controllers.kubelet.kwok.steps import Written, finalizers_of, patch_of
from minikube_py.controllers.kubelet.life import Host
from minikube_py.controllers.kubelet.network import PodNetwork
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.random import Random
from tests.kubelet.lives import START, behaving

POD: Object = {
    "metadata": {
        "name": "a",
        "namespace": "default",
        "uid": "u",
        "labels": {"app": "web"},
        "annotations": {"example.com/delay": "1m", "example.com/weight": "7", "example.com/odd": "many"},
        "ownerReferences": [{"kind": "Job"}],
    },
    "spec": {"nodeName": "node-1", "containers": [{"name": "web", "image": "web:1"}], "replicas": 3, "on": True},
    "status": {
        "phase": "Pending",
        "conditions": [{"type": "Ready", "status": "False"}, {"type": "Initialized", "status": "True"}],
    },
}


@pytest.mark.parametrize(
    ("source", "found"),
    [
        pytest.param(".metadata.name", ["a"], id="path"),
        pytest.param(".metadata.deletionTimestamp", [], id="nothing"),
        pytest.param('.metadata.annotations["example.com/delay"]', ["1m"], id="quoted"),
        pytest.param('."metadata".name', ["a"], id="quoted-first"),
        pytest.param(".status.conditions.[].type", ["Ready", "Initialized"], id="iterated"),
        pytest.param(".status.conditions[].type", ["Ready", "Initialized"], id="iterated-as-jq-has-it"),
        pytest.param(".status.conditions[-1].type", ["Initialized"], id="from-the-end"),
        pytest.param('.status.conditions.[] | select( .type == "Ready" ) | .status', ["False"], id="selected"),
        pytest.param(".status.nothing.[].x", None, id="nothing-to-iterate-over"),
        pytest.param(".status.nothing[]?.x", [], id="tried"),
        pytest.param(".spec.replicas.x", None, id="no-fields"),
        pytest.param(".spec.replicas >= 3 and (.spec.on | not | not)", [True], id="compared"),
        pytest.param('.status.nothing // "d"', ["d"], id="or-else"),
        pytest.param(".status.conditions | map(.status) | length", [2], id="map-length"),
        pytest.param(".status.conditions | any", [True], id="any"),
        pytest.param('.metadata.labels | has("app")', [True], id="has"),
        pytest.param(".metadata.name, .metadata.uid", ["a", "u"], id="both"),
        pytest.param('.status.phase | test("^P")', [True], id="test"),
    ],
)
def test_queries(source: str, found: list[Any] | None) -> None:
    assert query(source)(POD) == found


@pytest.mark.parametrize("source", [".a |", ".a[", "nope", ".a ==", "~", ".a)", "select(.a"])
def test_queries_that_are_none(source: str) -> None:
    with pytest.raises(QueryError):
        query(source)


def stage(name: str = "s", **spec: Any) -> Object:
    return {
        "apiVersion": "kwok.x-k8s.io/v1alpha1",
        "kind": "Stage",
        "metadata": {"name": name},
        "spec": {"resourceRef": {"apiGroup": "v1", "kind": "Pod"}, "selector": {}, "next": {}, **spec},
    }


def read(name: str = "s", **spec: Any) -> Stage:
    found = parsed(stage(name, **spec))
    assert found is not None
    return found


def expression(key: str, operator: str, *values: str) -> Object:
    return {"matchExpressions": [{"key": key, "operator": operator, **({"values": list(values)} if values else {})}]}


READY = '.status.conditions.[] | select( .type == "Ready" ) | .status'


@pytest.mark.parametrize(
    ("selector", "matches"),
    [
        pytest.param({}, True, id="empty"),
        pytest.param({"matchLabels": {"app": "web"}}, True, id="labels"),
        pytest.param({"matchLabels": {"app": "db"}}, False, id="other-labels"),
        pytest.param({"matchAnnotations": {"example.com/delay": "1m"}}, True, id="annotations"),
        pytest.param(expression(".metadata.deletionTimestamp", "DoesNotExist"), True, id="does-not-exist"),
        pytest.param(expression(".metadata.deletionTimestamp", "Exists"), False, id="exists"),
        pytest.param(expression(".status.phase", "In", "Pending", "Running"), True, id="in"),
        pytest.param(expression(READY, "NotIn", "True"), True, id="not-in"),
        pytest.param(expression(".spec.on", "In", "true"), True, id="booleans"),
        pytest.param(expression(".spec.replicas", "In", "3"), True, id="numbers"),
        pytest.param(expression(".nothing.[].x", "NotIn", "1"), True, id="what-fails-is-nowhere"),
        pytest.param(
            {"matchExpressions": [{"jq": {"key": ".status.phase", "operator": "In", "values": ["Pending"]}}]},
            True,
            id="as-jq",
        ),
    ],
)
def test_selectors(selector: Object, matches: bool) -> None:
    assert read(selector=selector).matches(POD) is matches


def test_a_stage_without_a_selector_is_of_nothing() -> None:
    assert parsed(stage(selector=None)) is None


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        pytest.param({"selector": expression(".a", "Near")}, 'operator "Near" is not supported', id="operator"),
        pytest.param({"selector": expression(".a", "In")}, "values set can't be empty", id="no-values"),
        pytest.param({"selector": expression(".a[", "Exists")}, "unexpected token", id="query"),
        pytest.param({"selector": {"matchExpressions": [{"cel": {}}]}}, "CEL are not supported", id="cel"),
        pytest.param({"next": {"statusTemplate": "{{ if }}"}}, "missing value for command", id="template"),
    ],
)
def test_stages_that_cannot_be_used(spec: Object, message: str) -> None:
    with pytest.raises(StageError, match=message):
        parsed(stage(**spec))


def source(path: str) -> Object:
    return {"expressionFrom": path}


DELAY = source('.metadata.annotations["example.com/delay"]')


@pytest.mark.parametrize(
    ("delay", "least", "most"),
    [
        pytest.param({}, 0, 0, id="none"),
        pytest.param({"durationMilliseconds": 1500}, 1.5, 1.5, id="fixed"),
        pytest.param({"durationMilliseconds": 1000, "jitterDurationMilliseconds": 5000}, 1, 5, id="jitter"),
        pytest.param({"durationMilliseconds": 5000, "jitterDurationMilliseconds": 1000}, 1, 1, id="less-jitter"),
        pytest.param({"durationMilliseconds": 1000, "durationFrom": DELAY}, 60, 60, id="from-the-object"),
        pytest.param({"durationMilliseconds": 1000, "durationFrom": source(".nothing")}, 1, 1, id="or-else-fixed"),
        pytest.param(
            {"durationMilliseconds": 9000, "jitterDurationFrom": source(".metadata.until")}, 4, 4, id="until-a-time"
        ),
    ],
)
def test_delays(delay: Object, least: float, most: float) -> None:
    obj = {**POD, "metadata": {**POD["metadata"], "until": "2026-01-01T00:00:04Z"}}
    found = [read(delay=delay).delay(obj, START, Random(seed)) for seed in range(20)]
    assert least <= min(found) <= max(found) <= most
    assert (len(set(found)) > 1) is (most > least)


@pytest.mark.parametrize(
    ("weights", "chosen"),
    [
        pytest.param([{}, {}], {"0", "1"}, id="all-alike"),
        pytest.param([{"weight": 1}, {}], {"0"}, id="weightless-ones-never"),
        pytest.param([{"weight": 1}, {"weight": 1}], {"0", "1"}, id="as-heavy"),
        pytest.param(
            [{}, {"weightFrom": source('.metadata.annotations["example.com/weight"]')}], {"1"}, id="from-the-object"
        ),
        pytest.param([{}, {"weightFrom": source('.metadata.annotations["example.com/odd"]')}], {"0"}, id="unreadable"),
        pytest.param([{"selector": expression(".nothing", "Exists"), "weight": 9}, {}], {"1"}, id="only-matching"),
    ],
)
def test_who_is_next(weights: list[Object], chosen: set[str]) -> None:
    stages = [read(str(number), **each) for number, each in enumerate(weights)]
    found = [choose(stages, POD, Random(seed)) for seed in range(20)]
    assert {each.name for each in found if each is not None} == chosen


# What they write

CREATED = """
{{ $now := Now }}
{{ $root := . }}
conditions:
{{ range .status.conditions }}
- type: {{ .type | Quote }}
  status: {{ if eq .type "Ready" }}"True"{{ else }}{{ .status | Quote }}{{ end }}
  lastTransitionTime: {{ $now | Quote }}
{{ end }}
containerStatuses:
{{ range $index, $item := .spec.containers }}
- name: {{ $item.name | Quote }}
  image: {{ $item.image | Quote }}
  restartCount: {{ add $index 1 }}
  state:
    running:
      startedAt: {{ $now }}
{{ end }}
{{ with .spec.initContainers }}
initContainerStatuses: {{ len . }}
{{ end }}
hostIP: {{ NodeIPWith .spec.nodeName | Quote }}
podIP: {{ PodIPWith .spec.nodeName ( or .spec.hostNetwork false ) ( or .metadata.uid "" ) "" "" | Quote }}
labels:
{{ YAML .metadata.labels 1 }}
message: {{ or .status.message "none" }}
"""

CREATED_AS = """
conditions:
- {type: Ready, status: "True", lastTransitionTime: "2026-01-01T00:00:00.5Z"}
- {type: Initialized, status: "True", lastTransitionTime: "2026-01-01T00:00:00.5Z"}
containerStatuses:
- {name: web, image: "web:1", restartCount: 1, state: {running: {startedAt: "2026-01-01T00:00:00.5Z"}}}
hostIP: 172.18.0.2
podIP: 10.244.0.2
labels: {app: web}
message: none
"""

STRATEGIC, MERGE, JSON = (f"application/{type}-patch+json" for type in ("strategic-merge", "merge", "json"))


@pytest.mark.parametrize(
    ("next", "expected"),
    [
        pytest.param(
            {"statusTemplate": CREATED}, [Written({"status": yaml.safe_load(CREATED_AS)}, STRATEGIC)], id="status"
        ),
        pytest.param(
            {"patches": [{"root": "metadata", "template": "labels: {n: {{ .metadata.name }}}", "type": "merge"}]},
            [Written({"metadata": {"labels": {"n": "a"}}}, MERGE)],
            id="merge",
        ),
        pytest.param(
            {"patches": [{"root": "spec", "template": "- {op: remove, path: /a}", "type": "json"}]},
            [Written([{"op": "remove", "path": "/spec/a"}], JSON)],
            id="json",
        ),
        pytest.param(
            {"patches": [{"template": "x: {{ NodeIP }}"}]}, [Written({"x": "172.18.0.2"}, STRATEGIC)], id="no-root"
        ),
        pytest.param(
            {"patches": [{"root": "status", "template": ""}]}, [Written({"status": {}}, STRATEGIC)], id="empty"
        ),
    ],
)
def test_patches(next: Object, expected: list[Written]) -> None:
    host = Host("node-1", "172.18.0.2", PodNetwork("10.244.0.0/24"), Features.of("1.36"), behaving(), Random(1))
    given = functions({"node-1": host}, "node-1", START + 0.5, START)
    steps = read(next=next).steps
    assert [patch_of(each.patch, POD, given) for each in steps if each.patch is not None] == expected


@pytest.mark.parametrize(
    ("step", "old", "expected"),
    [
        pytest.param({"add": [{"value": "a"}]}, [], ["a"], id="add"),
        pytest.param({"add": [{"value": "a"}]}, ["a", "b"], ["a", "b"], id="add-what-there-is"),
        pytest.param({"remove": [{"value": "a"}]}, ["a", "b"], ["b"], id="remove"),
        pytest.param({"empty": True}, ["a"], [], id="empty"),
        pytest.param({"empty": True, "add": [{"value": "c"}]}, ["a"], ["c"], id="empty-and-add"),
    ],
)
def test_finalizers(step: Object, old: list[str], expected: list[str]) -> None:
    assert finalizers_of(step, old) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param("a: b", '"a: b"', id="string"),
        pytest.param(1, '"1"', id="number"),
        pytest.param(None, '"null"', id="null"),
        pytest.param({"a": "b"}, '"{\\"a\\":\\"b\\"}"', id="map"),
    ],
)
def test_quoted(value: Any, expected: str) -> None:
    assert functions({}, "", 0, 0)["Quote"](value) == expected
