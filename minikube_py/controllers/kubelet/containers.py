"""A container's status in each of its states (kubelet_pods.go convertToAPIContainerStatuses)."""

from __future__ import annotations

from typing import Any

from minikube_py.controllers.kubelet.features import Features
from minikube_py.controllers.kubelet.image import image_id, normalized
from minikube_py.machinery.gvr import Object

CONTAINER_CREATING, POD_INITIALIZING, CRASH_LOOP = "ContainerCreating", "PodInitializing", "CrashLoopBackOff"
RESTARTING_ALL, POST_START_FAILED = "RestartingAllContainers", "PostStartHookError"
COMPLETED, ERROR = "Completed", "Error"


def waiting(container: Object, reason: str, features: Features) -> Object:
    """Never started."""
    status: Object = {
        "name": container["name"],
        "state": {"waiting": {"reason": reason}},
        "lastState": {},
        "ready": False,
        "restartCount": 0,
        "image": container["image"],
        "imageID": "",
        "started": False,
    }
    if features.volume_mounts and container.get("volumeMounts"):
        status["volumeMounts"] = [_mount(each) for each in container["volumeMounts"]]
    return status


def running(
    container: Object, before: Object, container_id: str, now: str, security: Object, features: Features
) -> Object:
    """Started anew, not ready yet; `before` is its status until now."""
    image = normalized(container["image"])
    status: Object = {
        "name": container["name"],
        "state": {"running": {"startedAt": now}},
        "lastState": last_state(before),
        "ready": False,
        "restartCount": before["restartCount"],
        "image": image,
        "imageID": image_id(image),
        "containerID": f"containerd://{container_id}",
        "started": "startupProbe" not in container,
    }
    if features.container_resources:
        granted = before["resources"] if "resources" in before else container.get("resources")
        status = resized(status, granted or {})
    if "volumeMounts" in before:
        status["volumeMounts"] = before["volumeMounts"]
    if features.user:
        status["user"] = {"linux": _user(security, container.get("securityContext") or {})}
    return status


def resized(status: Object, resources: Object) -> Object:
    """A running one with what it is given now."""
    return allocated({**status, "resources": resources}, resources)


def allocated(status: Object, resources: Object) -> Object:
    """One that was granted these resources, and may have others yet."""
    changed = dict(status)
    changed.pop("allocatedResources", None)
    if resources.get("requests"):
        changed["allocatedResources"] = resources["requests"]
    return changed


def last_state(before: Object) -> Object:
    """What lastState is once a new state has begun."""
    ended = before["state"].get("terminated")
    return {"terminated": ended} if ended is not None else before.get("lastState") or {}


def terminated(status: Object, exit_code: int, now: str, reason: str = "", message: str = "") -> Object:
    """A running one that has exited."""
    ended = {
        "exitCode": exit_code,
        "reason": reason or (ERROR if exit_code else COMPLETED),
        "startedAt": status["state"]["running"]["startedAt"],
        "finishedAt": now,
        "containerID": status["containerID"],
    }
    if message:
        ended["message"] = message
    return {**status, "state": {"terminated": ended}, "ready": False, "started": False}


def held(status: Object, reason: str, message: str) -> Object:
    """One that is not running and cannot be started, or not yet."""
    state = {"waiting": {"reason": reason, "message": message}}
    return {**status, "state": state, "lastState": last_state(status), "ready": False, "started": False}


def has_run(status: Object) -> bool:
    return "containerID" in status


def waiting_reason(status: Object) -> str:
    """ "" for one that does not wait."""
    state = status["state"].get("waiting")
    return str(state.get("reason", "")) if state is not None else ""


def is_running(status: Object) -> bool:
    return "running" in status["state"]


def exit_code(status: Object) -> int | None:
    """Of a terminated one, None for others."""
    ended = status["state"].get("terminated")
    return ended.get("exitCode", 0) if ended is not None else None


def last_exit_code(status: Object) -> int | None:
    """Of a terminated one, or of the last life of one that waits."""
    ended = status["state"].get("terminated")
    if ended is None and "waiting" in status["state"]:
        ended = (status.get("lastState") or {}).get("terminated")
    return ended.get("exitCode", 0) if ended is not None else None


def restart_rule(container: Object, code: int) -> str:
    """The action of the first of its restartPolicyRules that an exit code matches, or ""."""
    for rule in container.get("restartPolicyRules") or ():
        codes = rule.get("exitCodes")
        if codes and (code in (codes.get("values") or ())) is (codes.get("operator") == "In"):
            return str(rule["action"])
    return ""


def should_restart(pod_spec: Object, container: Object, code: int) -> bool:
    """By the container's own rules and restartPolicy, or the pod's (podutil.ContainerShouldRestart)."""
    if "restartPolicy" in container and restart_rule(container, code):
        return True
    policy = container.get("restartPolicy") or pod_spec.get("restartPolicy") or "Always"
    return policy == "Always" or (policy == "OnFailure" and code != 0)


def _mount(mount: Object) -> Object:
    made: Object = {"name": mount["name"], "mountPath": mount["mountPath"]}
    if mount.get("readOnly"):
        wanted = mount.get("recursiveReadOnly") or "Disabled"
        made["readOnly"] = True
        made["recursiveReadOnly"] = "Disabled" if wanted == "Disabled" else "Enabled"
    return made


def _user(pod: Object, container: Object) -> dict[str, Any]:
    """As whom the first process runs: what the security contexts say, else root, as most images do."""
    uid = container.get("runAsUser", pod.get("runAsUser", 0))
    gid = container.get("runAsGroup", pod.get("runAsGroup", 0))
    groups = {gid, *(pod.get("supplementalGroups") or ())}
    if pod.get("fsGroup") is not None:
        groups.add(pod["fsGroup"])
    return {"uid": uid, "gid": gid, "supplementalGroups": sorted(groups)}
