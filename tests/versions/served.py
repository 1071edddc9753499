"""What each version of Kubernetes serves by default: upstream's history of APIs, by hand.

Betas are off by default since 1.24, but for those that were on before (pkg/controlplane/instance.go
legacyBetaEnabledByDefaultResources); what is generally available is on.
"""

from __future__ import annotations

FIRST, LAST = 25, 37
"""Minor versions."""

ALWAYS = {
    "v1": "bindings componentstatuses configmaps endpoints events limitranges namespaces nodes persistentvolumeclaims "
    "persistentvolumes pods podtemplates replicationcontrollers resourcequotas secrets serviceaccounts services",
    "admissionregistration.k8s.io/v1": "mutatingwebhookconfigurations validatingwebhookconfigurations",
    "apiextensions.k8s.io/v1": "customresourcedefinitions",
    "apiregistration.k8s.io/v1": "apiservices",
    "apps/v1": "controllerrevisions daemonsets deployments replicasets statefulsets",
    "authentication.k8s.io/v1": "tokenreviews",
    "authorization.k8s.io/v1": "localsubjectaccessreviews selfsubjectaccessreviews selfsubjectrulesreviews "
    "subjectaccessreviews",
    "autoscaling/v1": "horizontalpodautoscalers",
    "autoscaling/v2": "horizontalpodautoscalers",
    "batch/v1": "cronjobs jobs",
    "certificates.k8s.io/v1": "certificatesigningrequests",
    "coordination.k8s.io/v1": "leases",
    "discovery.k8s.io/v1": "endpointslices",
    "events.k8s.io/v1": "events",
    "networking.k8s.io/v1": "ingressclasses ingresses networkpolicies",
    "node.k8s.io/v1": "runtimeclasses",
    "policy/v1": "poddisruptionbudgets",
    "rbac.authorization.k8s.io/v1": "clusterrolebindings clusterroles rolebindings roles",
    "scheduling.k8s.io/v1": "priorityclasses",
    "storage.k8s.io/v1": "csidrivers csinodes csistoragecapacities storageclasses volumeattachments",
}

AT_TIMES = (
    ("autoscaling/v2beta2", "horizontalpodautoscalers", FIRST, 25),
    ("flowcontrol.apiserver.k8s.io/v1beta1", "flowschemas prioritylevelconfigurations", FIRST, 25),
    ("flowcontrol.apiserver.k8s.io/v1beta2", "flowschemas prioritylevelconfigurations", FIRST, 28),
    ("flowcontrol.apiserver.k8s.io/v1beta3", "flowschemas prioritylevelconfigurations", 26, 31),
    ("flowcontrol.apiserver.k8s.io/v1", "flowschemas prioritylevelconfigurations", 29, LAST),
    ("storage.k8s.io/v1beta1", "csistoragecapacities", FIRST, 26),
    ("authentication.k8s.io/v1", "selfsubjectreviews", 28, LAST),
    (
        "admissionregistration.k8s.io/v1",
        "validatingadmissionpolicies validatingadmissionpolicybindings",
        30,
        LAST,
    ),
    ("networking.k8s.io/v1", "ipaddresses servicecidrs", 33, LAST),
    ("resource.k8s.io/v1", "deviceclasses resourceclaims resourceclaimtemplates resourceslices", 34, LAST),
    ("storage.k8s.io/v1", "volumeattributesclasses", 34, LAST),
    (
        "admissionregistration.k8s.io/v1",
        "mutatingadmissionpolicies mutatingadmissionpolicybindings",
        36,
        LAST,
    ),
    ("certificates.k8s.io/v1", "clustertrustbundles podcertificaterequests", 37, LAST),
    ("resource.k8s.io/v1", "devicetaintrules", 37, LAST),
    ("storagemigration.k8s.io/v1", "storageversionmigrations", 37, LAST),
)
"""apiVersion, resources, the first and the last minor version that serves them."""


def served(minor: int) -> set[tuple[str, str]]:
    """Pairs of apiVersion and resource."""
    found = {(api_version, name) for api_version, names in ALWAYS.items() for name in names.split()}
    for api_version, names, first, last in AT_TIMES:
        if first <= minor <= last:
            found |= {(api_version, name) for name in names.split()}
    return found
