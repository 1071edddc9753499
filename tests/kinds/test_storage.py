"""Volumes, claims, and what provides them."""

from __future__ import annotations

from typing import Any

import pytest

from minikube_py.api.admission import defaultstorageclass, persistentvolumeclaimresize, storageobjectinuseprotection
from minikube_py.machinery.errors import StatusError
from tests.kinds.core_api import Api, named
from tests.kinds.minimal import CLAIM_SPEC, OBJECTS, STORAGE, VOLUME_SPEC, changed

IMMUTABLE = "field is immutable"


def claim(**spec: Any) -> dict[str, Any]:
    return changed("PersistentVolumeClaim", spec=spec)


def volume(**spec: Any) -> dict[str, Any]:
    return changed("PersistentVolume", spec=spec)


def only(source: str, value: dict[str, Any]) -> dict[str, Any]:
    """The least volume with another source."""
    spec = {name: field for name, field in VOLUME_SPEC.items() if name != "hostPath"}
    return {**OBJECTS["PersistentVolume"], "spec": {**spec, source: value}}


@pytest.mark.parametrize(
    ("obj", "expected"),
    [
        pytest.param(
            changed("StorageClass", reclaimPolicy="Recycle", volumeBindingMode="Later"),
            [
                'reclaimPolicy: Unsupported value: "Recycle": supported values: "Delete", "Retain"',
                'volumeBindingMode: Unsupported value: "Later": supported values: "Immediate", "WaitForFirstConsumer"',
            ],
            id="class",
        ),
        pytest.param(
            changed("StorageClass", parameters={"": "x"}),
            ['parameters: Invalid value: "": field can not be empty.'],
            id="parameters",
        ),
        pytest.param(
            changed("VolumeAttributesClass", parameters={}),
            ["parameters: Required value: must contain at least one key/value pair"],
            id="no parameters",
        ),
        pytest.param(
            volume(nfs={"server": "s", "path": "/x"}),
            ["spec.nfs: Forbidden: may not specify more than 1 volume type"],
            id="two sources",
        ),
        pytest.param(
            only("local", {"path": "/x"}),
            ["spec.nodeAffinity: Required value: Local volume requires node affinity"],
            id="local",
        ),
        pytest.param(
            volume(hostPath={"path": "/"}, persistentVolumeReclaimPolicy="Recycle"),
            ["spec.persistentVolumeReclaimPolicy: Forbidden: may not be 'recycle' for a hostPath mount of '/'"],
            id="recycled root",
        ),
        pytest.param(
            volume(capacity={"storage": "-1", "cpu": "1"}),
            [
                'spec.capacity: Unsupported value: {"cpu":"1","storage":"-1"}: supported values: "storage"',
                "spec.capacity[storage]: Invalid value: -1: must be a valid resource quantity",
                'spec.capacity[storage]: Invalid value: "-1": must be greater than zero',
            ],
            id="capacity",
        ),
        pytest.param(
            only("iscsi", {"targetPortal": "p", "iqn": "x", "lun": 256}),
            [
                'spec.iscsi.iqn: Invalid value: "x": must be valid format',
                "spec.iscsi.lun: Invalid value: 256: must be between 0 and 255, inclusive",
            ],
            id="iscsi",
        ),
        pytest.param(
            only("csi", {"driver": "d", "volumeHandle": "h", "nodePublishSecretRef": {}}),
            [
                "spec.csi.nodePublishSecretRef.name: Required value",
                "spec.csi.nodePublishSecretRef.namespace: Required value",
            ],
            id="csi",
        ),
        pytest.param(
            claim(accessModes=["ReadWriteOncePod", "ReadWriteOnce"]),
            ["spec.accessModes: Forbidden: may not use ReadWriteOncePod with other access modes"],
            id="access modes",
        ),
        pytest.param(
            changed("VolumeAttachment", spec={"source": {"inlineVolumeSpec": {"accessModes": ["ReadWriteOnce"]}}}),
            [
                "spec.source.inlineVolumeSpec.csi: Required value: "
                "has to be specified in the context of inline volumes",
                "spec.source.inlineVolumeSpec: Required value: must specify a volume type",
            ],
            id="inline volume",
        ),
        pytest.param(
            changed(
                "CSIDriver", spec={"tokenRequests": [{"audience": "a", "expirationSeconds": 1}, {"audience": "a"}]}
            ),
            [
                "spec.tokenRequests[0].expirationSeconds: Invalid value: 1: "
                "may not specify a duration less than 10 minutes",
                'spec.tokenRequests[1].audience: Duplicate value: "a"',
            ],
            id="tokens",
        ),
        pytest.param(
            changed("CSIStorageCapacity", capacity="-1"),
            ['capacity: Invalid value: "-1": must be greater than or equal to 0'],
            id="storage capacity",
        ),
    ],
)
def test_errors(obj: dict[str, Any], expected: list[str]) -> None:
    assert Api().errors(obj) == expected


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        pytest.param(
            OBJECTS["StorageClass"],
            changed("StorageClass", provisioner="x.y", reclaimPolicy="Retain"),
            [
                f'provisioner: Invalid value: "x.y": {IMMUTABLE}',
                f'reclaimPolicy: Invalid value: "Retain": {IMMUTABLE}',
            ],
            id="class",
        ),
        pytest.param(
            volume(),
            volume(volumeMode="Block"),
            [f'volumeMode: Invalid value: "Block": {IMMUTABLE}'],
            id="volume's mode",
        ),
        pytest.param(claim(), claim(volumeName="v"), [], id="claim is bound"),
        pytest.param(claim(), claim(storageClassName="fast"), [], id="class is set later"),
        pytest.param(
            OBJECTS["VolumeAttributesClass"],
            changed("VolumeAttributesClass", driverName="e"),
            ["driverName: Forbidden: updates to driverName are forbidden."],
            id="attributes",
        ),
    ],
)
def test_changes(old: dict[str, Any], new: dict[str, Any], expected: list[str]) -> None:
    assert Api().update_errors(old, new) == expected


def test_a_claim_keeps_its_spec() -> None:
    (error,) = Api().update_errors(claim(volumeName="a"), claim(volumeName="b"))
    assert error.startswith("spec: Forbidden: spec is immutable after creation except")
    assert '"VolumeName": "a"' in error


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        pytest.param({"dataSource": {"kind": "Secret", "name": "s"}}, (None, None), id="odd kinds are dropped"),
        pytest.param(
            {"dataSource": {"kind": "PersistentVolumeClaim", "name": "b"}},
            (
                {"kind": "PersistentVolumeClaim", "name": "b"},
                {"kind": "PersistentVolumeClaim", "name": "b"},
            ),
            id="the old field fills the new one",
        ),
        pytest.param(
            {"dataSourceRef": {"apiGroup": "x.y", "kind": "Odd", "name": "b"}},
            (
                {"apiGroup": "x.y", "kind": "Odd", "name": "b"},
                {"apiGroup": "x.y", "kind": "Odd", "name": "b"},
            ),
            id="and the new one the old one",
        ),
        pytest.param(
            {"dataSourceRef": {"kind": "PersistentVolumeClaim", "name": "b", "namespace": "n"}},
            (None, None),
            id="not across namespaces",
        ),
    ],
)
def test_sources_of_claims(spec: dict[str, Any], expected: tuple[Any, Any]) -> None:
    _, draft = Api().prepared(claim(**spec))
    found = [draft["spec"].get(name) for name in ("dataSource", "dataSourceRef")]
    assert [each and _given(each) for each in found] == list(expected)


def _given(reference: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in reference.items() if value is not None}


def test_cells_of_a_bound_claim() -> None:
    bound = {
        **claim(volumeName="v", storageClassName="fast"),
        "status": {"phase": "Bound", "capacity": {"storage": "1Gi"}, "accessModes": ["ReadWriteMany", "ReadWriteOnce"]},
    }
    cells = Api().cells(bound)
    assert [*cells[:7], cells[8]] == ["a", "Bound", "v", "1Gi", "RWO,RWX", "fast", "<unset>", "Filesystem"]


class TestAdmission:
    """Plugins that know the kinds of storage."""

    def api(self) -> Api:
        api = Api()
        plugins = (defaultstorageclass, persistentvolumeclaimresize, storageobjectinuseprotection)
        api.registry.admission = type(api.registry.admission)([module.PLUGIN for module in plugins])
        return api

    async def test_the_youngest_default_class_is_taken(self) -> None:
        api = self.api()
        default = {"storageclass.kubernetes.io/is-default-class": "true"}
        for name, marks in (("plain", {}), ("old", default), ("b", default), ("a", default)):
            if name == "b":
                api.registry.clock.advance_to(api.registry.clock.now() + 60)  # type: ignore[attr-defined]
            meta = {"name": name, "annotations": marks}
            await api.create(named(STORAGE, "StorageClass", metadata=meta, provisioner="p"))
        created = await api.create(claim())
        assert created["spec"]["storageClassName"] == "a"
        assert created["metadata"]["finalizers"] == ["kubernetes.io/pvc-protection"]

    async def test_an_empty_class_is_a_choice(self) -> None:
        api = self.api()
        meta = {"annotations": {"storageclass.kubernetes.io/is-default-class": "true"}}
        await api.create(named(STORAGE, "StorageClass", metadata=meta, provisioner="p"))
        assert (await api.create(claim(storageClassName="")))["spec"]["storageClassName"] == ""

    async def test_unbound_claims_do_not_grow(self) -> None:
        api = self.api()
        created = await api.create(claim())
        more = {**created, "spec": {**CLAIM_SPEC, "resources": {"requests": {"storage": "2Gi"}}}}
        with pytest.raises(StatusError) as refused:
            await api.update(more)
        assert refused.value.code in (403, 422)
