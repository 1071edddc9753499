"""What a new pod's volumes may be."""

from __future__ import annotations

from typing import Any

import pytest

from tests.kinds.pods import create_errors, pod

VOLUME_CASES = [
    pytest.param({"name": ""}, ["volumes[0].name: Required value"], id="no name"),
    pytest.param(
        {"emptyDir": {}, "secret": {"secretName": "s"}},
        ["volumes[0].secret: Forbidden: may not specify more than 1 volume type"],
        id="two sources",
    ),
    pytest.param(
        {"hostPath": {"path": "/a/../b", "type": "X"}},
        [
            "volumes[0].hostPath.path: Invalid value: \"/a/../b\": must not contain '..'",
            'volumes[0].hostPath.type: Unsupported value: "X": supported values: "", "BlockDevice", '
            '"CharDevice", "Directory", "DirectoryOrCreate", "File", "FileOrCreate", "Socket"',
        ],
        id="hostPath",
    ),
    pytest.param(
        {"configMap": {"items": [{"key": "", "path": "../x"}], "defaultMode": 512}},
        [
            "volumes[0].configMap.name: Required value",
            "volumes[0].configMap.defaultMode: Invalid value: 512: must be a number between 0 and 0777 (octal), "
            "both inclusive",
            "volumes[0].configMap.items[0].key: Required value",
            "volumes[0].configMap.items[0].path: Invalid value: \"../x\": must not contain '..'",
        ],
        id="configMap",
    ),
    pytest.param(
        {"downwardAPI": {"items": [{"path": "a"}]}},
        ["volumes[0].downwardAPI: Required value: one of fieldRef and resourceFieldRef is required"],
        id="downward API without field",
    ),
    pytest.param(
        {
            "projected": {
                "sources": [
                    {"serviceAccountToken": {"path": "t", "expirationSeconds": 1}},
                    {"secret": {"name": "s", "items": [{"key": "a", "path": "p"}, {"key": "b", "path": "p"}]}},
                ]
            }
        },
        [
            "volumes[0].projected.sources[0].serviceAccountToken.expirationSeconds: Invalid value: 1: may not "
            "specify a duration less than 10 minutes",
            'volumes[0].projected: Invalid value: "s": conflicting duplicate paths',
        ],
        id="projected",
    ),
    pytest.param(
        {"persistentVolumeClaim": {}}, ["volumes[0].persistentVolumeClaim.claimName: Required value"], id="claim"
    ),
    pytest.param(
        {"nfs": {"server": "s", "path": "p"}},
        ['volumes[0].nfs.path: Invalid value: "p": must be an absolute path'],
        id="nfs",
    ),
    pytest.param(
        {"iscsi": {"targetPortal": "x", "iqn": "q", "lun": 256}},
        [
            'volumes[0].iscsi.iqn: Invalid value: "q": must be valid format starting with iqn, eui, or naa',
            "volumes[0].iscsi.lun: Invalid value: 256: must be between 0 and 255, inclusive",
        ],
        id="iscsi",
    ),
    pytest.param(
        {"csi": {"driver": "A_"}},
        [
            'volumes[0].csi.driver: Invalid value: "A_": a lowercase RFC 1123 subdomain must consist of lower '
            "case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character "
            "(e.g. 'example.com', regex used for validation is "
            "'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
        ],
        id="csi",
    ),
    pytest.param(
        {"ephemeral": {"volumeClaimTemplate": {"spec": {}}}},
        [
            "volumes[0].ephemeral.volumeClaimTemplate.spec.accessModes: Required value: at least 1 access mode is "
            "required",
            "volumes[0].ephemeral.volumeClaimTemplate.spec.resources[storage]: Required value",
        ],
        id="ephemeral",
    ),
    pytest.param({"gcePersistentDisk": {"pdName": ""}}, ["volumes[0].persistentDisk.pdName: Required value"], id="gce"),
    pytest.param(
        {"image": {"pullPolicy": "X"}},
        [
            "volumes[0].image.reference: Required value",
            'volumes[0].image.pullPolicy: Unsupported value: "X": supported values: "Always", "IfNotPresent", "Never"',
        ],
        id="image",
    ),
]


@pytest.mark.parametrize(("volume", "expected"), VOLUME_CASES)
def test_volumes(volume: dict[str, Any], expected: list[str]) -> None:
    errors = create_errors(pod(volumes=[{"name": "v", **volume}]))
    assert [str(error).removeprefix("spec.") for error in errors] == expected
