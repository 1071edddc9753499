"""PodSecurity: pods keep to the level of security that their namespace's labels ask for
(plugin/pkg/admission/security/podsecurity, k8s.io/pod-security-admission).

policy.py       what the labels ask for
subject.py      a pod as checks see it
baseline.py     checks of the level "baseline"
restricted.py   those that "restricted" adds
evaluation.py   which checks hold since when, and what they find together
plugin.py       who is refused, and who is warned
"""

from __future__ import annotations

from minikube_py.api.admission.podsecurity.plugin import PLUGIN

__all__ = ["PLUGIN"]
