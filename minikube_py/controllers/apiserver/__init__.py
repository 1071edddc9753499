"""The controllers that run inside kube-apiserver itself; --controllers does not choose among them.

autoregister   an APIService for each version of a group that CRDs define
availability   whether an APIService's Service could answer
flowschemas    whether a flow schema's priority level exists
"""

from __future__ import annotations

from minikube_py.controllers.apiserver.autoregister import AUTOREGISTER
from minikube_py.controllers.apiserver.availability import AVAILABILITY
from minikube_py.controllers.apiserver.flowschemas import flow_schemas_descriptor
from minikube_py.controllers.runtime import Descriptor

NAME = "kube-apiserver"


def api_server_descriptors(kubernetes_version: str) -> list[Descriptor]:
    """Those of a server of that version ("1.36")."""
    return [AUTOREGISTER, AVAILABILITY, flow_schemas_descriptor(kubernetes_version)]
