"""Reading pods as controllers do: pkg/api/v1/pod and pkg/controller/controller_utils.go."""

from __future__ import annotations

from functools import lru_cache

from minikube_py.client.indexer import controller_index
from minikube_py.client.informer import Informer
from minikube_py.machinery.clock import parse_rfc3339
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.labels import Matcher

VIEWS_BY_CONTROLLER = "pod views by controller"
"""Index of PodViews; its values are those of BY_CONTROLLER."""

LabelSet = frozenset[tuple[str, str]]

_NOTHING: Object = {}


def phase(pod: Object) -> str:
    return (pod.get("status") or _NOTHING).get("phase") or ""


def node_name(pod: Object) -> str:
    return pod["spec"].get("nodeName") or ""


def condition(pod: Object, type: str) -> Object | None:
    for each in (pod.get("status") or _NOTHING).get("conditions") or ():
        if each["type"] == type:
            found: Object = each
            return found
    return None


def is_ready(pod: Object) -> bool:
    ready = condition(pod, "Ready")
    return ready is not None and ready["status"] == "True"


def is_terminal(pod: Object) -> bool:
    """Whether all containers are stopped for good."""
    return phase(pod) in ("Succeeded", "Failed")


def is_active(pod: Object) -> bool:
    """Neither finished nor being deleted."""
    return not pod["metadata"].get("deletionTimestamp") and not is_terminal(pod)


def is_terminating(pod: Object) -> bool:
    """Being deleted, but not stopped yet."""
    return bool(pod["metadata"].get("deletionTimestamp")) and not is_terminal(pod)


def ready_since(pod: Object) -> float | None:
    """When it became ready (Unix seconds); None if it is not, or does not say."""
    ready = condition(pod, "Ready")
    if ready is None or ready["status"] != "True" or not ready.get("lastTransitionTime"):
        return None
    return parse_rfc3339(ready["lastTransitionTime"])


def is_available(pod: Object, min_ready_seconds: int, now: float) -> bool:
    """Ready for at least `min_ready_seconds`."""
    if not is_ready(pod):
        return False
    if min_ready_seconds == 0:
        return True
    since = ready_since(pod)
    return since is not None and since + min_ready_seconds <= now


def until_available(pod: Object, min_ready_seconds: int, now: float) -> float | None:
    """Seconds until a ready pod becomes available; None if it is, or is not ready."""
    since = ready_since(pod) if min_ready_seconds > 0 else None
    if since is None or since + min_ready_seconds <= now:
        return None
    return since + min_ready_seconds - now


class PodView:
    """What controllers ask of each pod at each reconcile, read once per state of the pod."""

    __slots__ = ("active", "label_set", "pod", "ready", "terminating")

    def __init__(self, pod: Object) -> None:
        terminal, deleting = is_terminal(pod), bool(pod["metadata"].get("deletionTimestamp"))
        self.pod = pod
        self.label_set = _shared(frozenset((pod["metadata"].get("labels") or {}).items()))
        """The same object for the same labels, so that a selector's answer can be looked up."""
        self.active = not terminal and not deleting
        self.terminating = deleting and not terminal
        self.ready = is_ready(pod)


@lru_cache(maxsize=4096)
def _shared(labels: LabelSet) -> LabelSet:
    return labels


class Answers(dict[LabelSet, bool]):
    """What a selector says of pods, worked out once per set of labels: `answers[view.label_set]`."""

    def __init__(self, matches: Matcher) -> None:
        self._matches = matches

    def __missing__(self, label_set: LabelSet) -> bool:
        answer = self[label_set] = self._matches(dict(label_set))
        return answer


def index_views(informer: Informer) -> None:
    """Give the pods' informer the index VIEWS_BY_CONTROLLER."""
    informer.add_index(VIEWS_BY_CONTROLLER, controller_index, PodView)
