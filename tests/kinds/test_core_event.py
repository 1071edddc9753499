"""Event in its two groups."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minikube_py.api.kinds.events.conversion import from_core, to_core
from minikube_py.api.resource import Since
from minikube_py.machinery.gvr import GroupVersionKind, Object
from minikube_py.store import Key
from tests.kinds.core_api import Api, named

EARLY, LATE = "2024-01-01T00:00:00Z", "2024-01-01T00:01:00Z"
MICRO = "2024-01-01T00:00:00.000001Z"
MISMATCH = 'involvedObject.namespace: Invalid value: "{}": does not match event.namespace'
POD = {"kind": "Pod", "name": "p", "namespace": "default"}


def core(**fields: Any) -> Object:
    fields.setdefault("involvedObject", POD)
    return named("v1", "Event", **fields)


def new(**fields: Any) -> Object:
    whole = {
        "eventTime": MICRO,
        "reportingController": "example.com/c",
        "reportingInstance": "c-1",
        "action": "Act",
        "reason": "Because",
        "regarding": POD,
        "type": "Normal",
    }
    return named("events.k8s.io/v1", "Event", **{**whole, **fields})


def errors(api: Api, obj: Object) -> list[str]:
    """Validation sees the v1 tree, whichever group the request came through."""
    ctx = api.context(obj, "create")
    draft = api.draft(obj)
    hub = ctx.resource.hub
    return [
        error.message()
        for error in ctx.resource.strategy.validate(ctx, hub.to_hub(draft) if hub is not None else draft)
    ]


@pytest.mark.parametrize(
    ("obj", "expected"),
    [
        pytest.param(core(), [], id="old"),
        pytest.param(core(involvedObject={}), [], id="old of nothing, in default"),
        pytest.param(
            core(involvedObject={"namespace": "other"}), [MISMATCH.format("other")], id="old of another namespace"
        ),
        pytest.param(
            core(metadata={"namespace": "n"}, involvedObject={}), [MISMATCH.format("")], id="old of nothing, elsewhere"
        ),
        pytest.param(
            core(eventTime=MICRO, reportingComponent="c", action="a" * 129, message="m" * 1025),
            [
                "reportingInstance: Required value",
                'action: Invalid value: "": can have at most 128 characters',
                "reason: Required value",
                'message: Invalid value: "": can have at most 1024 characters',
            ],
            id="old with an eventTime",
        ),
        pytest.param(new(), [], id="new"),
        pytest.param(new(eventTime=None), ["eventTime: Required value"], id="without a time"),
        pytest.param(new(type="Odd"), ['type: Invalid value: "": has invalid value: Odd'], id="type"),
        pytest.param(
            new(series={"count": 1, "lastObservedTime": None}),
            [
                'series.count: Invalid value: "": should be at least 2',
                "series.lastObservedTime: Required value",
            ],
            id="series of one",
        ),
        pytest.param(
            new(
                deprecatedCount=1,
                deprecatedFirstTimestamp=EARLY,
                deprecatedLastTimestamp=LATE,
                deprecatedSource={"host": "h"},
            ),
            [
                f'{field}: Invalid value: "": needs to be unset'
                for field in ("firstTimestamp", "lastTimestamp", "count", "source")
            ],
            id="deprecated fields",
        ),
        pytest.param(
            new(reportingController=""),
            [
                "reportingController: Required value",
                'reportingController: Invalid value: "": name part must be non-empty',
                "reportingController: Invalid value: \"\": name part must consist of alphanumeric characters, '-', "
                "'_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  "
                "or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')",
            ],
            id="by nobody",
        ),
    ],
)
def test_errors(obj: Object, expected: list[str]) -> None:
    assert errors(Api(), obj) == expected


def update_errors(old: Object, change: Object) -> list[str]:
    api = Api()
    ctx = api.context(old, "update")
    hub = ctx.resource.hub
    convert = hub.to_hub if hub is not None else (lambda tree: tree)
    before, after = convert(api.draft(old)), convert(api.draft({**old, **change}))
    for tree in (before, after):
        tree["metadata"]["resourceVersion"] = "1"
    return [error.message() for error in ctx.resource.strategy.validate_update(ctx, after, before)]


IMMUTABLE = "field is immutable"


@pytest.mark.parametrize(
    ("old", "change", "expected"),
    [
        pytest.param(core(), {"reason": "Other", "count": 2}, [], id="old ones change"),
        pytest.param(new(), {"series": {"count": 2, "lastObservedTime": MICRO}}, [], id="a series grows"),
        pytest.param(new(), {"eventTime": "2024-01-01T00:00:00.000001+00:00"}, [], id="the same time"),
        pytest.param(
            new(), {"reason": "Other"}, [f'reason: Invalid value: "Other": {IMMUTABLE}'] * 2, id="the reason, twice"
        ),
        pytest.param(
            new(),
            {"regarding": {**POD, "uid": "u"}, "related": {"kind": "Node"}, "note": "n", "deprecatedCount": 3},
            [
                'involvedObject: Invalid value: {"Kind":"Pod","Namespace":"default","Name":"p","UID":"u",'
                f'"APIVersion":"","ResourceVersion":"","FieldPath":""}}: {IMMUTABLE}',
                f'message: Invalid value: "n": {IMMUTABLE}',
                f"count: Invalid value: 3: {IMMUTABLE}",
                'related: Invalid value: {"Kind":"Node","Namespace":"","Name":"","UID":"",'
                f'"APIVersion":"","ResourceVersion":"","FieldPath":""}}: {IMMUTABLE}',
            ],
            id="what it is of",
        ),
        pytest.param(
            new(),
            {"eventTime": LATE.replace("Z", ".000000Z")},
            [f'eventTime: Invalid value: "2024-01-01T00:01:00.000000Z": {IMMUTABLE}'],
            id="when",
        ),
    ],
)
def test_update_errors(old: Object, change: Object, expected: list[str]) -> None:
    assert update_errors(old, change) == expected


async def test_one_store_two_views() -> None:
    api = Api()
    created = await api.create(new(note="text"))
    assert created["note"] == "text"
    stored = api.registry.store.get(Key("events", "default", "a"))
    assert stored is not None
    assert (stored.object["apiVersion"], stored.object["message"]) == ("v1", "text")
    await api.create(core(metadata={"name": "b"}))
    assert api.registry.store.count("events") == 2


_VALUES = st.fixed_dictionaries(
    {"kind": st.just("Event"), "apiVersion": st.just("v1"), "metadata": st.just({"name": "a"})},
    optional={
        "message": st.text(max_size=3),
        "count": st.integers(0, 3),
        "firstTimestamp": st.sampled_from([None, EARLY]),
        "eventTime": st.sampled_from([None, MICRO]),
        "source": st.just({"component": "c"}),
        "involvedObject": st.just(POD),
        "reportingComponent": st.sampled_from(["", "c"]),
        "action": st.just("Act"),
    },
)


@given(_VALUES)
def test_there_and_back(event: Object) -> None:
    whole = to_core({**event})
    assert to_core(from_core(whole)) == whole
    assert list(from_core(whole))[:2] == ["kind", "apiVersion"]


@pytest.mark.parametrize(
    ("obj", "expected"),
    [
        pytest.param(
            core(
                firstTimestamp=EARLY,
                lastTimestamp=LATE,
                count=3,
                source={"component": "kubelet", "host": "n1"},
                message=" done \n",
                reason="Pulled",
                type="Normal",
                involvedObject={**POD, "fieldPath": "spec"},
            ),
            [Since(LATE), "Normal", "Pulled", "pod/p", "spec", "kubelet, n1", "done", Since(EARLY), 3, "a"],
            id="old",
        ),
        pytest.param(
            core(involvedObject={"kind": "Pod"}), [Since(""), "", "", "pod", "", "", "", Since(""), 1, "a"], id="bare"
        ),
        pytest.param(
            new(series={"count": 5, "lastObservedTime": LATE}),
            [
                Since(LATE),
                "Normal",
                "Because",
                "pod/p",
                "",
                "example.com/c, c-1",
                "",
                Since(MICRO),
                5,
                "a",
            ],
            id="new",
        ),
    ],
)
def test_cells(obj: Object, expected: list[Any]) -> None:
    """The draft is not decoded: times stay as they are."""
    resource = Api().resource(obj)
    assert resource.cells(obj) == expected


@pytest.mark.parametrize(
    ("group", "labels"),
    [
        pytest.param(
            "",
            {"involvedObject.kind": "Pod", "reason": "R", "source": "k", "reportingComponent": "", "type": "Normal"},
            id="v1",
        ),
        pytest.param(
            "events.k8s.io",
            {"regarding.name": "p", "reason": "R", "reportingController": "", "type": "Normal"},
            id="events.k8s.io/v1",
        ),
    ],
)
def test_fields_are_read_from_what_is_stored(group: str, labels: dict[str, str]) -> None:
    resource = Api().registry.catalog.find_kind(GroupVersionKind(group, "v1", "Event"))
    assert resource is not None
    event = core(reason="R", source={"component": "k"}, type="Normal")
    assert {label: resource.fields[label](event) for label in labels} == labels
