"""KWOK's Stages (kwok.x-k8s.io/v1alpha1), for pods and nodes: lives that users write.

    minikube-py serve --manifests stage-crd.yaml --manifests my-stages.yaml
    kubectl apply -f pod-chaos.yaml

A pod that a Stage matches lives by it; so does one whose status a Stage has written, from then on: kubelets only see to
it that it goes once it is deleted, if no Stage does. All others live by kubelets' own stages. A node that Stages
match has its status from them, and its lease from its kubelet.

stage, jq          a Stage that was read
lifecycle, steps   which of them is next, and what it writes
functions          what their templates can call
catalog            all that there are
scripts, player    playing them
"""

from __future__ import annotations

from minikube_py.controllers.kubelet.kwok.catalog import CRD, STAGES
from minikube_py.controllers.kubelet.kwok.scripts import Scripts
from minikube_py.controllers.kubelet.kwok.turn import Turn

__all__ = ["CRD", "STAGES", "Scripts", "Turn"]
