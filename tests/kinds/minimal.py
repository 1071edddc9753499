"""The least that makes a valid object of each kind whose rules are about more than metadata."""

from __future__ import annotations

import base64
from typing import Any

from tests.kinds.core_api import named

RBAC = "rbac.authorization.k8s.io/v1"
STORAGE = "storage.k8s.io/v1"
NETWORKING = "networking.k8s.io/v1"
ADMISSION = "admissionregistration.k8s.io/v1"
FLOW_CONTROL = "flowcontrol.apiserver.k8s.io/v1"
RESOURCE = "resource.k8s.io/v1"

WEBHOOK: dict[str, Any] = {
    "name": "a.example.com",
    "clientConfig": {"service": {"namespace": "n", "name": "s"}},
    "admissionReviewVersions": ["v1"],
    "sideEffects": "None",
}
CONSTRAINTS: dict[str, Any] = {
    "resourceRules": [{"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["configmaps"]}]
}
REQUEST: dict[str, Any] = {"name": "r", "exactly": {"deviceClassName": "gpu"}}
CLAIM_SPEC: dict[str, Any] = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}
VOLUME_SPEC: dict[str, Any] = {
    "accessModes": ["ReadWriteOnce"],
    "capacity": {"storage": "1Gi"},
    "hostPath": {"path": "/data"},
}
CSR = base64.b64encode(
    b"-----BEGIN CERTIFICATE REQUEST-----\n"
    b"MIGOMEICAQAwDzENMAsGA1UEAwwEamFuZTAqMAUGAytlcAMhANaHwXIkwnoGDXcM\n"
    b"x9IE7yujOiG/riCeTTUGpnGzOnuZoAAwBQYDK2VwA0EAXJMM79CJVX8CIrk3BoSU\n"
    b"+YXr/WL2cmMLRhRsfti6v3h/jTf4A6cUg389oChTxhmf3UsXdMz0oUMiRqFounN+\n"
    b"BA==\n"
    b"-----END CERTIFICATE REQUEST-----\n"
).decode()

OBJECTS: dict[str, dict[str, Any]] = {
    "Role": named(RBAC, "Role"),
    "ClusterRole": named(RBAC, "ClusterRole"),
    "RoleBinding": named(RBAC, "RoleBinding", roleRef={"kind": "Role", "name": "r"}),
    "ClusterRoleBinding": named(RBAC, "ClusterRoleBinding", roleRef={"kind": "ClusterRole", "name": "r"}),
    "StorageClass": named(STORAGE, "StorageClass", provisioner="p.example.com"),
    "VolumeAttributesClass": named(STORAGE, "VolumeAttributesClass", driverName="d", parameters={"a": "b"}),
    "CSIDriver": named(STORAGE, "CSIDriver", spec={}),
    "CSINode": named(STORAGE, "CSINode", spec={"drivers": [{"name": "d", "nodeID": "n"}]}),
    "CSIStorageCapacity": named(STORAGE, "CSIStorageCapacity", storageClassName="sc"),
    "VolumeAttachment": named(
        STORAGE,
        "VolumeAttachment",
        spec={"attacher": "d", "nodeName": "n", "source": {"persistentVolumeName": "v"}},
    ),
    "PersistentVolume": named("v1", "PersistentVolume", spec=VOLUME_SPEC),
    "PersistentVolumeClaim": named("v1", "PersistentVolumeClaim", spec=CLAIM_SPEC),
    "LimitRange": named("v1", "LimitRange", spec={"limits": [{"type": "Container", "max": {"cpu": "1"}}]}),
    "ResourceQuota": named("v1", "ResourceQuota", spec={"hard": {"pods": "1", "limits.cpu": "1"}}),
    "PriorityClass": named("scheduling.k8s.io/v1", "PriorityClass", value=1),
    "RuntimeClass": named("node.k8s.io/v1", "RuntimeClass", handler="h"),
    "Ingress": named(
        NETWORKING, "Ingress", spec={"defaultBackend": {"service": {"name": "s", "port": {"number": 80}}}}
    ),
    "IngressClass": named(NETWORKING, "IngressClass", spec={"controller": "example.com/c"}),
    "NetworkPolicy": named(NETWORKING, "NetworkPolicy", spec={"podSelector": {}}),
    "ServiceCIDR": named(NETWORKING, "ServiceCIDR", spec={"cidrs": ["10.1.0.0/24"]}),
    "IPAddress": named(
        NETWORKING,
        "IPAddress",
        metadata={"name": "10.1.0.1"},
        spec={"parentRef": {"resource": "services", "namespace": "n", "name": "s"}},
    ),
    "ValidatingWebhookConfiguration": named(ADMISSION, "ValidatingWebhookConfiguration", webhooks=[WEBHOOK]),
    "MutatingWebhookConfiguration": named(ADMISSION, "MutatingWebhookConfiguration", webhooks=[WEBHOOK]),
    "ValidatingAdmissionPolicy": named(
        ADMISSION,
        "ValidatingAdmissionPolicy",
        spec={"matchConstraints": CONSTRAINTS, "validations": [{"expression": "true"}]},
    ),
    "ValidatingAdmissionPolicyBinding": named(
        ADMISSION, "ValidatingAdmissionPolicyBinding", spec={"policyName": "p", "validationActions": ["Deny"]}
    ),
    "MutatingAdmissionPolicy": named(
        ADMISSION,
        "MutatingAdmissionPolicy",
        spec={
            "matchConstraints": CONSTRAINTS,
            "reinvocationPolicy": "Never",
            "mutations": [{"patchType": "JSONPatch", "jsonPatch": {"expression": "[]"}}],
        },
    ),
    "MutatingAdmissionPolicyBinding": named(ADMISSION, "MutatingAdmissionPolicyBinding", spec={"policyName": "p"}),
    "FlowSchema": named(FLOW_CONTROL, "FlowSchema", spec={"priorityLevelConfiguration": {"name": "l"}}),
    "PriorityLevelConfiguration": named(
        FLOW_CONTROL,
        "PriorityLevelConfiguration",
        spec={"type": "Limited", "limited": {"limitResponse": {"type": "Queue", "queuing": {}}}},
    ),
    "APIService": named(
        "apiregistration.k8s.io/v1",
        "APIService",
        metadata={"name": "v1.example.com"},
        spec={"group": "example.com", "version": "v1", "groupPriorityMinimum": 1, "versionPriority": 1},
    ),
    "CertificateSigningRequest": named(
        "certificates.k8s.io/v1",
        "CertificateSigningRequest",
        spec={"request": CSR, "signerName": "example.com/s", "usages": ["client auth"]},
    ),
    "DeviceClass": named(RESOURCE, "DeviceClass", spec={}),
    "ResourceClaim": named(RESOURCE, "ResourceClaim", spec={"devices": {"requests": [REQUEST]}}),
    "ResourceClaimTemplate": named(
        RESOURCE, "ResourceClaimTemplate", spec={"spec": {"devices": {"requests": [REQUEST]}}}
    ),
    "ResourceSlice": named(
        RESOURCE,
        "ResourceSlice",
        spec={"driver": "d", "nodeName": "n", "pool": {"name": "p", "resourceSliceCount": 1}},
    ),
}


def changed(kind: str, **fields: Any) -> dict[str, Any]:
    """The least object of a kind with other top-level fields; `metadata` and `spec` add to what it has."""
    obj = OBJECTS[kind]
    merged = {
        name: {**obj.get(name, {}), **value} if name in ("metadata", "spec") else value
        for name, value in fields.items()
    }
    return {**obj, **merged}
