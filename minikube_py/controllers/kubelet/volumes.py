"""Volumes that wait for what they are made of (pkg/kubelet/volumemanager, pkg/volume/configmap, secret, projected)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from minikube_py.controllers.kubelet.life import Life, Objects, PodEvent
from minikube_py.controllers.kubelet.memory import BackOff
from minikube_py.controllers.kubelet.obstacles import environment
from minikube_py.controllers.kubelet.stage import IS, IS_NOT, Stage
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.meta import uid

CONFIG_MAPS, SECRETS = "configmaps", "secrets"
CLAIMS, VOLUMES = "persistentvolumeclaims", "persistentvolumes"
EVERYWHERE = "kube-root-ca.crt"
"""A ConfigMap that each namespace has, or will have in a moment."""

FIRST, LONGEST = 0.5, 122.0
"""Seconds until a mount that failed is tried again, twice as long each time (goroutinemap/exponentialbackoff)."""

UNMOUNTED_TIMEOUT = 123.0
"""Seconds for which a pod waits for its volumes before it tells of it (volume_manager.go podAttachAndMountTimeout)."""

SOON = 1e-6

Wanted = tuple[tuple[str, str], ...]


def wanted(pod: Object) -> Wanted:
    """Plurals and names of all that a pod's volumes and environments refer to, as far as they need to be there."""
    spec = pod["spec"]
    found: dict[tuple[str, str], None] = {}
    for volume in spec.get("volumes") or ():
        for plural, name, _ in _needs(pod, volume):
            found[plural, name] = None
    for field in ("initContainers", "containers"):
        for container in spec.get(field) or ():
            for reference in environment(container):
                found[reference.plural, reference.name] = None
    return tuple(found)


def _needs(pod: Object, volume: Object) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """Plural, name and keys of what a volume cannot be without."""
    if "configMap" in volume:
        yield from _source(CONFIG_MAPS, volume["configMap"], "name")
    elif "secret" in volume:
        yield from _source(SECRETS, volume["secret"], "secretName")
    elif "projected" in volume:
        for source in volume["projected"].get("sources") or ():
            if "configMap" in source:
                yield from _source(CONFIG_MAPS, source["configMap"], "name")
            elif "secret" in source:
                yield from _source(SECRETS, source["secret"], "name")
    elif "persistentVolumeClaim" in volume:
        yield CLAIMS, volume["persistentVolumeClaim"]["claimName"], ()
    elif "ephemeral" in volume:
        yield CLAIMS, f"{pod['metadata']['name']}-{volume['name']}", ()


def _source(plural: str, source: Object, field: str) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    name = source.get(field, "")
    if not source.get("optional") and name != EVERYWHERE:
        yield plural, name, tuple(item["key"] for item in source.get("items") or ())


def mount_problems(life: Life) -> dict[str, str]:
    """Events' messages by volume."""
    found: dict[str, str] = {}
    for volume in life.spec.get("volumes") or ():
        problem = _problem(life.pod, volume, life.objects)
        if problem:
            found[volume["name"]] = problem
    return found


def _problem(pod: Object, volume: Object, objects: Objects) -> str:
    namespace, name = pod["metadata"]["namespace"], volume["name"]
    for plural, wants, keys in _needs(pod, volume):
        if (plural, wants) not in objects:
            continue
        found = objects[plural, wants]
        if plural == CLAIMS:
            why = _claim_problem(wants, found, objects)
            if why:
                volumes = f"unmounted volumes=[{name}], unattached volumes=[], failed to process volumes=[{name}]"
                return f"Unable to attach or mount volumes: {volumes}: error processing PVC {namespace}/{wants}: {why}"
            continue
        why = f'{plural[:-1]} "{wants}" not found' if found is None else _missing_key(namespace, plural, found, keys)
        if why:
            return f'MountVolume.SetUp failed for volume "{name}" : {why}'
    return ""


def _claim_problem(name: str, claim: Object | None, objects: Objects) -> str:
    if claim is None:
        return f'failed to fetch PVC from API server: persistentvolumeclaims "{name}" not found'
    if problem := claim_problem(claim):
        return problem
    bound = VOLUMES, claim["spec"]["volumeName"]
    return _volume_problem(bound[1], objects[bound], claim) if bound in objects else ""


def claim_problem(claim: Object) -> str:
    """Why it leads to no volume."""
    if claim["metadata"].get("deletionTimestamp"):
        return "PVC is being deleted"
    if (claim.get("status") or {}).get("phase") != "Bound":
        return "PVC is not bound"
    return "" if claim["spec"].get("volumeName") else "PVC has empty pvc.Spec.VolumeName"


def _volume_problem(name: str, volume: Object | None, claim: Object) -> str:
    if volume is None:
        return f'failed to fetch PV {name} from API server: persistentvolumes "{name}" not found'
    reference = volume["spec"].get("claimRef")
    if reference is None:
        why = "it has a nil pv.Spec.ClaimRef indicating it is not yet bound to the claim"
        return f"found PV object {name} but {why}"
    theirs, ours = reference.get("uid", ""), uid(claim)
    if theirs != ours:
        why = f"its pv.Spec.ClaimRef.UID {theirs} does not point to claim.UID {ours}"
        return f"found PV object {name} but {why}"
    return ""


def _missing_key(namespace: str, plural: str, found: Object, keys: tuple[str, ...]) -> str:
    data = {**(found.get("data") or {}), **(found.get("binaryData") or {})}
    missing = next((key for key in keys if key not in data), None)
    if missing is None:
        return ""
    if plural == SECRETS:
        return f"references non-existent secret key: {missing}"
    return f"configmap references non-existent config key: {missing}"


def _unmounted(life: Life) -> Iterable[Object]:
    """A pod that waits for a volume."""
    if not life.objects or life.address or not life.started or life.halted:
        return IS_NOT
    return IS if mount_problems(life) else IS_NOT


def _told_at(life: Life, _: Object) -> float:
    return min(_due(life, message) for message in mount_problems(life).values())


def _due(life: Life, message: str) -> float:
    last = life.memory.told.get(message)
    return life.now if last is None else last.since + last.delay


def _tell(life: Life, _: Object) -> None:
    for message in mount_problems(life).values():
        if _due(life, message) > life.now + SOON:
            continue
        last = life.memory.told.get(message)
        if message.startswith("Unable"):
            delay = UNMOUNTED_TIMEOUT
        else:
            delay = FIRST if last is None else min(last.delay * 2, LONGEST)
        life.memory.told[message] = BackOff(delay, life.now)
        life.events.append(PodEvent("Warning", "FailedMount", message))


UNMOUNTED = Stage("unmounted", _unmounted, _tell, at=_told_at)
