"""Whether a container that ended runs again: its own restart rules, its own policy, the pod's (pkg/api/v1/pod)."""

from __future__ import annotations

from minikube_py.machinery.gvr import Object


def all_could_restart(spec: Object) -> bool:
    """Whether one container's end may restart all."""
    return any(
        rule.get("action") == "RestartAllContainers"
        for side in ("initContainers", "containers")
        for container in spec.get(side) or ()
        for rule in container.get("restartPolicyRules") or ()
    )


def should_restart(container: Object, spec: Object, exit_code: int) -> bool:
    """Of a container of this pod spec that ended so."""
    policy = container.get("restartPolicy")
    if policy is not None and _rule_matches(container, exit_code):
        return True
    policy = policy or spec.get("restartPolicy")
    return exit_code != 0 if policy == "OnFailure" else policy != "Never"


def _rule_matches(container: Object, exit_code: int) -> bool:
    for rule in container.get("restartPolicyRules") or ():
        codes = rule.get("exitCodes")
        if codes is None:
            continue
        listed = exit_code in (codes.get("values") or ())
        if listed == (codes.get("operator") == "In"):
            return True
    return False
