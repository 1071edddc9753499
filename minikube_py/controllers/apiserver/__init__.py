"""The controllers that run inside kube-apiserver itself; --controllers does not choose among them.

autoregister        an APIService for each version of a group that CRDs define
availability        whether an APIService's Service could answer
defaultservicecidr  the range of Services' addresses, which is always there
flowschemas         whether a flow schema's priority level exists
kubernetesservice   the Service `kubernetes`, which is always there
systemnamespaces    the namespaces that are always there
"""

from __future__ import annotations

from minikube_py.controllers.apiserver.autoregister import AUTOREGISTER
from minikube_py.controllers.apiserver.availability import AVAILABILITY
from minikube_py.controllers.apiserver.defaultservicecidr import DEFAULT_SERVICE_CIDR
from minikube_py.controllers.apiserver.flowschemas import flow_schemas_descriptor
from minikube_py.controllers.apiserver.kubernetesservice import KUBERNETES_SERVICE
from minikube_py.controllers.apiserver.systemnamespaces import SYSTEM_NAMESPACES
from minikube_py.controllers.runtime import Descriptor

NAME = "kube-apiserver"


def api_server_descriptors(kubernetes_version: str) -> list[Descriptor]:
    """Those of a server of that version ("1.36")."""
    flow_schemas = flow_schemas_descriptor(kubernetes_version)
    return [AUTOREGISTER, AVAILABILITY, flow_schemas, DEFAULT_SERVICE_CIDR, KUBERNETES_SERVICE, SYSTEM_NAMESPACES]
