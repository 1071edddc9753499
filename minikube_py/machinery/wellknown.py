"""Resources and kinds that more than one component names."""

from __future__ import annotations

from minikube_py.machinery.gvr import GroupVersionKind, GroupVersionResource

CONFIG_MAPS = GroupVersionResource("", "v1", "configmaps")
ENDPOINTS = GroupVersionResource("", "v1", "endpoints")
EVENTS = GroupVersionResource("", "v1", "events")
NAMESPACES = GroupVersionResource("", "v1", "namespaces")
NODES = GroupVersionResource("", "v1", "nodes")
PERSISTENT_VOLUME_CLAIMS = GroupVersionResource("", "v1", "persistentvolumeclaims")
PERSISTENT_VOLUMES = GroupVersionResource("", "v1", "persistentvolumes")
PODS = GroupVersionResource("", "v1", "pods")
REPLICATION_CONTROLLERS = GroupVersionResource("", "v1", "replicationcontrollers")
SECRETS = GroupVersionResource("", "v1", "secrets")
SERVICES = GroupVersionResource("", "v1", "services")
SERVICE_ACCOUNTS = GroupVersionResource("", "v1", "serviceaccounts")
API_SERVICES = GroupVersionResource("apiregistration.k8s.io", "v1", "apiservices")
CUSTOM_RESOURCE_DEFINITIONS = GroupVersionResource("apiextensions.k8s.io", "v1", "customresourcedefinitions")
CONTROLLER_REVISIONS = GroupVersionResource("apps", "v1", "controllerrevisions")
DAEMON_SETS = GroupVersionResource("apps", "v1", "daemonsets")
DEPLOYMENTS = GroupVersionResource("apps", "v1", "deployments")
REPLICA_SETS = GroupVersionResource("apps", "v1", "replicasets")
STATEFUL_SETS = GroupVersionResource("apps", "v1", "statefulsets")
JOBS = GroupVersionResource("batch", "v1", "jobs")
LEASES = GroupVersionResource("coordination.k8s.io", "v1", "leases")
ENDPOINT_SLICES = GroupVersionResource("discovery.k8s.io", "v1", "endpointslices")
PRIORITY_CLASSES = GroupVersionResource("scheduling.k8s.io", "v1", "priorityclasses")
STORAGE_CLASSES = GroupVersionResource("storage.k8s.io", "v1", "storageclasses")

DAEMON_SET = GroupVersionKind("apps", "v1", "DaemonSet")
DEPLOYMENT = GroupVersionKind("apps", "v1", "Deployment")
JOB = GroupVersionKind("batch", "v1", "Job")
NODE = GroupVersionKind("", "v1", "Node")
POD = GroupVersionKind("", "v1", "Pod")
REPLICA_SET = GroupVersionKind("apps", "v1", "ReplicaSet")
REPLICATION_CONTROLLER = GroupVersionKind("", "v1", "ReplicationController")
SERVICE = GroupVersionKind("", "v1", "Service")
STATEFUL_SET = GroupVersionKind("apps", "v1", "StatefulSet")

AUTOMANAGED = "kube-aggregator.kubernetes.io/automanaged"
"""The label of APIServices that the API server keeps itself: "onstart" is made once, "true" follows what is served."""
