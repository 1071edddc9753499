"""Who may do what.

Members of system:masters may do everything; nobody else is known to be allowed anything.
"""

from __future__ import annotations

from minikube_py.api.context import User
from minikube_py.machinery.gvr import Object

ADMINISTRATORS = "system:masters"
AUTHENTICATED = "system:authenticated"


def access(user: User) -> Object:
    """A SubjectAccessReview's status."""
    return {"allowed": ADMINISTRATORS in user.groups}


def rules(user: User) -> Object:
    """A SelfSubjectRulesReview's status."""
    everything = ADMINISTRATORS in user.groups
    return {
        "resourceRules": [{"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]}] if everything else [],
        "nonResourceRules": [{"verbs": ["*"], "nonResourceURLs": ["*"]}] if everything else [],
        "incomplete": False,
    }


def user_info(user: User) -> Object:
    """authentication/v1 UserInfo, without what is empty."""
    info = {
        "username": user.name,
        "uid": user.uid,
        "groups": list(user.groups),
        "extra": {key: list(values) for key, values in user.extra},
    }
    return {name: value for name, value in info.items() if value}
