"""A kubeconfig that leads to a cluster."""

from __future__ import annotations

import json

NAME = "minikube-py"


def kubeconfig(url: str) -> str:
    """The file's text (JSON, which is YAML). There is nobody to authenticate as: whoever calls is the administrator."""
    tree = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": NAME,
        "clusters": [{"name": NAME, "cluster": {"server": url}}],
        "contexts": [{"name": NAME, "context": {"cluster": NAME, "user": NAME, "namespace": "default"}}],
        "users": [{"name": NAME, "user": {}}],
    }
    return json.dumps(tree, indent=2) + "\n"
