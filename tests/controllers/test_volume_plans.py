"""The volume binder's plans: matching, what is done for a claim and for a volume, and what is written."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minikube_py.controllers.persistentvolume.binding import (
    BIND_COMPLETED,
    BOUND_BY_CONTROLLER,
    PROVISIONED_BY,
    bound_claim,
    bound_volume,
    claim_status,
    is_bound_to,
    unbound_volume,
)
from minikube_py.controllers.persistentvolume.claimplan import (
    NO_PROVISIONER,
    AssignClass,
    Bind,
    Known,
    Lose,
    Provision,
    Wait,
    plan,
)
from minikube_py.controllers.persistentvolume.matching import best_match, mismatch, reaches
from minikube_py.controllers.persistentvolume.migration import (
    BETA_STORAGE_PROVISIONER,
    MIGRATED_TO,
    STORAGE_PROVISIONER,
    migrated_claim,
    migrated_volume,
)
from minikube_py.controllers.persistentvolume.provisioner import SIMULATED, simulates, volume_for
from minikube_py.controllers.persistentvolume.provisioning import external_name
from minikube_py.controllers.persistentvolume.storageclass import SELECTED_NODE, class_name, default_class, names_class
from minikube_py.controllers.persistentvolume.volumeplan import (
    Mismatch,
    NudgeClaim,
    Phase,
    Release,
    Unbind,
    deletion,
)
from minikube_py.controllers.persistentvolume.volumeplan import plan as plan_volume
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.quantity import parse
from tests.controllers.apiworld import pod
from tests.controllers.volumes import ROX, RWO, RWX, claim, metadata, reference, storage_class, volume

YES = {BIND_COMPLETED: "yes"}
NODE = {"metadata": {"name": "n1", "labels": {"zone": "a"}}}
DELETING = {"metadata": metadata("a", deletionTimestamp="now")}


def free(name: str, size: str = "1Gi", *modes: str, **more: Any) -> Object:
    return volume(name, size, *modes, phase="Available", **more)


def near(zone: str) -> Object:
    expression = {"key": "zone", "operator": "In", "values": [zone]}
    return {"required": {"nodeSelectorTerms": [{"matchExpressions": [expression]}]}}


# Matching

BEST: list[Any] = [
    pytest.param(claim(size="5Gi"), [free("a", "10Gi"), free("b", "8Gi"), free("c", "4Gi")], "b", id="smallest"),
    pytest.param(claim(), [free("b"), free("a")], "a", id="first-by-name"),
    pytest.param(claim(size="5Gi"), [free("a", "10Gi", RWO), free("b", "5Gi", RWO, RWX)], "a", id="fewest-modes"),
    pytest.param(claim("db", "1Gi", RWX), [free("a"), free("b", "1Gi", RWO, RWX)], "b", id="all-modes"),
    pytest.param(claim("db", "1Gi", ROX), [free("a")], "", id="no-mode"),
    pytest.param(claim(size="2Gi"), [free("a")], "", id="too-small"),
    pytest.param(claim(storageClassName="fast"), [free("a"), free("b", storageClassName="fast")], "b", id="class"),
    pytest.param(claim(), [free("a", volumeMode="Block")], "", id="mode"),
    pytest.param(claim(volumeAttributesClassName="x"), [free("a")], "", id="attributes-class"),
    pytest.param(
        claim(selector={"matchLabels": {"tier": "db"}}),
        [free("a"), free("b", labels={"tier": "db"})],
        "b",
        id="selector",
    ),
    pytest.param(claim(), [volume("a", phase="Pending"), volume("b", phase="Released")], "", id="not-available"),
    pytest.param(claim(), [{**free("a"), **DELETING}], "", id="being-deleted"),
    pytest.param(claim(), [free("a"), free("b", "9Gi", claimRef=reference())], "b", id="kept-for-it"),
    pytest.param(claim(uid="2"), [free("a", claimRef=reference(uid="1"))], "", id="kept-for-a-namesake"),
    pytest.param(claim(), [free("a", claimRef=reference("other"))], "", id="kept-for-another"),
    pytest.param(
        claim(), [volume("a", phase="Pending", storageClassName="x", claimRef=reference())], "a", id="kept-of-any-class"
    ),
]


@pytest.mark.parametrize(("asked", "volumes", "best"), BEST)
def test_best_match(asked: Object, volumes: list[Object], best: str) -> None:
    found = best_match(asked, volumes)
    assert (found or {"metadata": {"name": ""}})["metadata"]["name"] == best


def test_delayed_claims_get_only_what_is_kept_for_them() -> None:
    kept = free("b", claimRef=reference())
    assert best_match(claim(), [free("a")], delayed=True) is None
    assert best_match(claim(), [free("a"), kept], delayed=True) == kept


@pytest.mark.parametrize(
    ("affinity", "reached"),
    [
        pytest.param(None, True, id="none"),
        pytest.param(near("a"), True, id="its-zone"),
        pytest.param(near("b"), False, id="another-zone"),
        pytest.param({"required": {"nodeSelectorTerms": [{}]}}, False, id="empty-term"),
    ],
)
def test_reaches(affinity: Object | None, reached: bool) -> None:
    more: Object = {"nodeAffinity": affinity} if affinity else {}
    placed = free("a", **more)
    assert reaches(placed, NODE) == reached
    assert (best_match(claim(), [placed], node=NODE) is not None) == reached


@given(st.lists(st.tuples(st.integers(1, 9), st.sets(st.sampled_from([RWO, RWX, ROX]), min_size=1))), st.integers(1, 9))
def test_what_matches_suits_and_order_does_not_matter(made: list[tuple[int, set[str]]], size: int) -> None:
    volumes = [free(f"v{at}", f"{giga}Gi", *sorted(modes)) for at, (giga, modes) in enumerate(made)]
    asked = claim(size=f"{size}Gi")
    best = best_match(asked, volumes)
    assert best == best_match(asked, volumes[::-1])
    fitting = [each for each in volumes if not mismatch(each, asked)]
    assert (best is None) == (not fitting)
    if best is not None:
        alike = [each for each in fitting if each["spec"]["accessModes"] == best["spec"]["accessModes"]]
        capacities = [parse(each["spec"]["capacity"]["storage"]) for each in alike]
        assert parse(best["spec"]["capacity"]["storage"]) == min(capacities)


@pytest.mark.parametrize(
    ("asked", "given", "problem"),
    [
        pytest.param(claim(), volume(), "", id="none"),
        pytest.param(claim(), {**volume("a"), **DELETING}, 'the volume is marked for deletion "a"', id="deleting"),
        pytest.param(claim(size="2Gi"), volume(), "requested PV is too small", id="size"),
        pytest.param(claim(storageClassName="x"), volume(), "storageClassName does not match", id="class"),
        pytest.param(claim(volumeMode="Block"), volume(), "incompatible volumeMode", id="mode"),
        pytest.param(claim("db", "1Gi", RWX), volume(), "incompatible accessMode", id="access"),
    ],
)
def test_mismatch(asked: Object, given: Object, problem: str) -> None:
    assert mismatch(given, asked) == problem


# Classes


@pytest.mark.parametrize(
    ("notes", "field", "name", "says"),
    [
        pytest.param(None, {"storageClassName": None}, "", False, id="nothing"),
        pytest.param(None, {"storageClassName": ""}, "", True, id="none-wanted"),
        pytest.param(None, {"storageClassName": "x"}, "x", True, id="field"),
        pytest.param({"volume.beta.kubernetes.io/storage-class": "y"}, {"storageClassName": "x"}, "y", True, id="note"),
    ],
)
def test_class_name(notes: dict[str, str] | None, field: Object, name: str, says: bool) -> None:
    asked = claim(notes=notes, **field)
    assert (class_name(asked), names_class(asked)) == (name, says)


def default(name: str, made: str) -> Object:
    notes = {"storageclass.kubernetes.io/is-default-class": "true"}
    return storage_class(name, metadata={"annotations": notes, "creationTimestamp": made})


def test_the_default_class_is_the_youngest() -> None:
    classes = [storage_class("z"), default("a", "2026-01-01"), default("c", "2026-01-02"), default("b", "2026-01-02")]
    assert default_class(classes) == classes[3]
    assert default_class(classes[:1]) is None


@pytest.mark.parametrize(
    ("made", "by", "here"),
    [
        pytest.param(storage_class("a"), "minikube-py.io/simulated", True, id="ours"),
        pytest.param(storage_class("a", provisioner="ebs.csi.aws.com"), "ebs.csi.aws.com", False, id="external"),
        pytest.param(
            storage_class("a", provisioner="x.io", metadata={"annotations": {SIMULATED: "true"}}),
            "x.io",
            True,
            id="told",
        ),
        pytest.param(storage_class("a", provisioner="kubernetes.io/aws-ebs"), "ebs.csi.aws.com", False, id="migrated"),
        pytest.param(storage_class("a", provisioner=NO_PROVISIONER), "", False, id="nobody"),
    ],
)
def test_who_provisions(made: Object, by: str, here: bool) -> None:
    assert (external_name(made), simulates(made)) == (by, here)


# The claim's plan

IMMEDIATE, DELAYED = storage_class("now"), storage_class("later", delayed=True)
LATER = claim(storageClassName="later")
CLAIM_PLANS: list[Any] = [
    pytest.param(claim(), Known(volumes=[free("a")]), Bind(free("a")), id="suits"),
    pytest.param(
        claim(storageClassName=None), Known(classes=[default("std", "")]), AssignClass("std"), id="default-class"
    ),
    pytest.param(
        claim(storageClassName="now"), Known(classes=[IMMEDIATE]), Provision("now", IMMEDIATE), id="provision"
    ),
    pytest.param(claim(storageClassName="gone"), Known(), Provision("gone", None), id="no-such-class"),
    pytest.param(
        LATER,
        Known(classes=[DELAYED], volumes=[free("a", storageClassName="later", claimRef=reference())]),
        Bind(free("a", storageClassName="later", claimRef=reference())),
        id="delayed-and-kept-for-it",
    ),
    pytest.param(
        claim(storageClassName="later", notes={SELECTED_NODE: "n1"}),
        Known(classes=[DELAYED]),
        Provision("later", DELAYED),
        id="delayed-selected",
    ),
    pytest.param(
        claim(notes=YES, volumeName="a", uid="1"),
        Known(named=volume("a", claimRef=reference(uid="1"))),
        Bind(volume("a", claimRef=reference(uid="1"))),
        id="bound",
    ),
    pytest.param(claim(notes=YES, volumeName="a"), Known(named=volume("a")), Bind(volume("a")), id="bound-but-freed"),
    pytest.param(claim(volumeName="a"), Known(named=volume("a")), Bind(volume("a")), id="names-a-free-one"),
    pytest.param(claim(volumeName="a"), Known(), Wait(), id="names-none-that-exists"),
    pytest.param(
        claim(volumeName="a"),
        Known(named=volume("a", claimRef=reference())),
        Bind(volume("a", claimRef=reference())),
        id="names-its-own",
    ),
]


@pytest.mark.parametrize(("asked", "known", "action"), CLAIM_PLANS)
def test_claim_plan(asked: Object, known: Known, action: Any) -> None:
    assert plan(asked, known) == action


TOLD: list[Any] = [
    pytest.param(
        claim(),
        Known(),
        "FailedBinding",
        "no persistent volumes available for this claim and no storage class is set",
        id="no-class",
    ),
    pytest.param(
        LATER,
        Known(classes=[DELAYED]),
        "WaitForFirstConsumer",
        "waiting for first consumer to be created before binding",
        id="no-consumer",
    ),
    pytest.param(
        LATER,
        Known(classes=[DELAYED], pods=[pod("p", node="")]),
        "WaitForPodScheduled",
        "waiting for pod p to be scheduled",
        id="one-pod",
    ),
    pytest.param(
        LATER,
        Known(classes=[DELAYED], pods=[pod("p", node=""), pod("q", node="")]),
        "WaitForPodScheduled",
        "waiting for pods p,q to be scheduled",
        id="two-pods",
    ),
    pytest.param(
        LATER,
        Known(classes=[DELAYED], pods=[pod("p", node="n1")], volumes=[free("a", storageClassName="later")]),
        "WaitForFirstConsumer",
        "waiting for first consumer to be created before binding",
        id="past-the-scheduler",
    ),
    pytest.param(
        claim(size="2Gi", volumeName="a"),
        Known(named=volume("a")),
        "VolumeMismatch",
        'Cannot bind to requested volume "a": requested PV is too small',
        id="names-a-wrong-one",
    ),
    pytest.param(
        claim(volumeName="a"),
        Known(named=volume("a", claimRef=reference("other"))),
        "FailedBinding",
        'volume "a" already bound to a different claim.',
        id="names-another's",
    ),
]


@pytest.mark.parametrize(("asked", "known", "reason", "message"), TOLD)
def test_claims_that_wait_say_why(asked: Object, known: Known, reason: str, message: str) -> None:
    action = plan(asked, known)
    assert isinstance(action, Wait) and action.event is not None
    assert action.event[1:] == (reason, message)


@pytest.mark.parametrize(
    ("asked", "named", "reason", "message"),
    [
        pytest.param(
            claim(notes=YES),
            None,
            "ClaimLost",
            "Bound claim has lost reference to PersistentVolume. Data on the volume is lost!",
            id="no-name",
        ),
        pytest.param(
            claim(notes=YES, volumeName="a"),
            None,
            "ClaimLost",
            "Bound claim has lost its PersistentVolume. Data on the volume is lost!",
            id="no-volume",
        ),
        pytest.param(
            claim(notes=YES, volumeName="a", uid="1"),
            volume("a", claimRef=reference("x", "2")),
            "ClaimMisbound",
            "Two claims are bound to the same volume, this one is bound incorrectly",
            id="another's",
        ),
    ],
)
def test_claims_are_lost(asked: Object, named: Object | None, reason: str, message: str) -> None:
    action = plan(asked, Known(named=named))
    assert isinstance(action, Lose) and action.event == ("Warning", reason, message)


# The volume's plan

MADE = {PROVISIONED_BY: "x", BOUND_BY_CONTROLLER: "yes"}


@pytest.mark.parametrize(
    ("given", "of", "action"),
    [
        pytest.param(volume(), None, Phase("Available"), id="free"),
        pytest.param(volume(claimRef=reference()), claim(uid="1"), Phase("Available"), id="kept"),
        pytest.param(volume(claimRef=reference(uid="1")), None, Release(), id="claim-gone"),
        pytest.param(volume(claimRef=reference(uid="1")), claim(uid="2"), Release(), id="claim-made-anew"),
        pytest.param(volume(claimRef=reference(uid="1")), claim(uid="1"), NudgeClaim(), id="claim-names-nothing"),
        pytest.param(
            volume(claimRef=reference(uid="1")), claim(uid="1", volumeName="disk"), Phase("Bound"), id="bound"
        ),
        pytest.param(
            volume(claimRef=reference(uid="1")), claim(uid="1", volumeName="else"), Unbind(), id="bound-elsewhere"
        ),
        pytest.param(
            volume(claimRef=reference(uid="1"), notes=MADE, persistentVolumeReclaimPolicy="Delete"),
            claim(uid="1", volumeName="else"),
            Release(),
            id="made-for-it-but-bound-elsewhere",
        ),
    ],
)
def test_volume_plan(given: Object, of: Object | None, action: Any) -> None:
    assert plan_volume(given, of) == action


def test_a_volume_of_another_mode_is_told_of() -> None:
    action = plan_volume(volume(claimRef=reference(uid="1")), claim(uid="1", volumeMode="Block"))
    assert isinstance(action, Mismatch)
    start = "Cannot bind PersistentVolume "
    end = " due to incompatible volumeMode."
    assert action.of_volume.message == f'{start}to requested PersistentVolumeClaim "db"{end}'
    assert action.of_claim.message == f'{start}"disk" to requested PersistentVolumeClaim{end}'


@pytest.mark.parametrize(
    ("given", "simulated", "by", "reason"),
    [
        pytest.param(volume(), True, "here", "", id="simulated"),
        pytest.param(volume(notes={PROVISIONED_BY: "x.io"}), False, "elsewhere", "", id="external"),
        pytest.param(volume(csi={"driver": "x"}), False, "elsewhere", "", id="csi"),
        pytest.param(volume(hostPath={"path": "/tmp/x"}), False, "here", "", id="under-tmp"),
        pytest.param(
            volume(),
            False,
            "nobody",
            "host_path deleter only supports /tmp/.+ but received provided /data",
            id="not-under-tmp",
        ),
        pytest.param(
            volume("disk", nfs={"server": "s", "path": "/"}),
            False,
            "nobody",
            'error getting deleter volume plugin for volume "disk": no deletable volume plugin matched',
            id="no-deleter",
        ),
        pytest.param(
            volume("disk", hostPath=None, iscsi={"targetPortal": "t", "iqn": "i", "lun": 0}),
            False,
            "nobody",
            'error getting deleter volume plugin for volume "disk": no volume plugin matched',
            id="no-plugin",
        ),
        pytest.param(
            volume(notes={PROVISIONED_BY: "kubernetes.io/x"}),
            False,
            "nobody",
            "no volume plugin matched name: kubernetes.io/x",
            id="no-plugin-of-the-name",
        ),
    ],
)
def test_deletion(given: Object, simulated: bool, by: str, reason: str) -> None:
    assert deletion(given, simulated) == (by, reason)


AWS, EBS = "kubernetes.io/aws-ebs", "ebs.csi.aws.com"


@pytest.mark.parametrize(
    ("notes", "driver"),
    [
        pytest.param({}, None, id="by-nobody"),
        pytest.param({STORAGE_PROVISIONER: AWS}, EBS, id="in-tree"),
        pytest.param({BETA_STORAGE_PROVISIONER: AWS}, EBS, id="in-tree-by-the-older-name"),
        pytest.param({STORAGE_PROVISIONER: EBS, BETA_STORAGE_PROVISIONER: AWS}, None, id="the-driver"),
        pytest.param({STORAGE_PROVISIONER: EBS, MIGRATED_TO: EBS}, None, id="not-in-tree-any-more"),
    ],
)
def test_migrated_claims(notes: dict[str, str], driver: str | None) -> None:
    told = migrated_claim(claim(notes=notes))
    assert told["metadata"].get("annotations", {}).get(MIGRATED_TO) == driver
    assert migrated_claim(told) is told


def test_migrated_volumes() -> None:
    told = migrated_volume(volume(notes={PROVISIONED_BY: AWS}))
    assert told["metadata"]["annotations"][MIGRATED_TO] == EBS
    assert migrated_volume(told) is told
    other = volume(notes={PROVISIONED_BY: EBS})
    assert migrated_volume(other) is other


# What is written


def test_binding_writes_until_nothing_is_left() -> None:
    asked, given = claim(uid="1"), volume()
    bound = bound_volume(given, asked)
    assert bound is not None and is_bound_to(bound, asked)
    assert bound["metadata"]["annotations"] == {BOUND_BY_CONTROLLER: "yes"}
    assert bound_volume(bound, asked) is None
    named = bound_claim(asked, bound)
    assert named is not None and named["spec"]["volumeName"] == "disk"
    assert named["metadata"]["annotations"] == {BOUND_BY_CONTROLLER: "yes", **YES}
    assert bound_claim(named, bound) is None
    status = claim_status(named, "Bound", bound)
    assert status == {"phase": "Bound", "accessModes": [RWO], "capacity": {"storage": "1Gi"}}
    assert claim_status({**named, "status": status}, "Bound", bound) is None
    assert unbound_volume(bound) == given


def test_what_the_user_bound_stays_the_users() -> None:
    asked = claim(uid="1", volumeName="disk")
    kept = volume(claimRef=reference())
    bound = bound_volume(kept, asked)
    assert bound is not None and "annotations" not in bound["metadata"]
    assert bound["spec"]["claimRef"]["uid"] == "1"
    assert "uid" not in unbound_volume(bound)["spec"]["claimRef"]
    named = bound_claim(asked, bound)
    assert named is not None and named["metadata"]["annotations"] == YES


def test_a_bound_claims_capacity_stays_its_own() -> None:
    bound = {**claim(), "status": {"phase": "Bound", "accessModes": [RWO], "capacity": {"storage": "1Gi"}}}
    assert claim_status(bound, "Bound", volume(size="2Gi")) is None
    assert claim_status(bound, "Lost", None) == {"phase": "Lost"}


def test_a_simulated_volume_is_its_claims() -> None:
    asked = claim(uid="1", volumeMode="Block")
    made = volume_for(asked, storage_class("now", reclaimPolicy="Retain", mountOptions=["ro"]))
    assert made["metadata"]["name"] == "pvc-1" and "finalizers" not in made["metadata"]
    assert is_bound_to(made, asked) and not mismatch(made, claim(storageClassName="now", volumeMode="Block"))
    assert made["spec"]["persistentVolumeReclaimPolicy"] == "Retain" and made["spec"]["mountOptions"] == ["ro"]
