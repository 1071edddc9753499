"""All Stages that there are: those given at the start, and those posted to the API where that serves them."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from minikube_py.controllers.runtime import Context
from minikube_py.machinery.gvr import GroupVersionResource, Object
from minikube_py.machinery.meta import name
from minikube_py.machinery.wellknown import CUSTOM_RESOURCE_DEFINITIONS

if TYPE_CHECKING:
    from minikube_py.controllers.kubelet.kwok.stage import Stage

log = logging.getLogger(__name__)

STAGES = GroupVersionResource("kwok.x-k8s.io", "v1alpha1", "stages")
CRD_NAME = "stages.kwok.x-k8s.io"


class Stages:
    """By name; `changed` is called when there are others."""

    def __init__(self, given: Iterable[Object], changed: Callable[[], None]) -> None:
        self._changed: Callable[[], None] = lambda: None
        self._stages: dict[str, Stage] = {}
        self._by_kind: dict[str, tuple[Stage, ...]] = {}
        self._discarding: set[asyncio.Task[None]] = set()
        for each in given:
            self._put(each)
        self._changed = changed

    def of(self, kind: str) -> tuple[Stage, ...]:
        """Those that are about objects of a kind."""
        return self._by_kind.get(kind, ())

    def _put(self, stage: Object) -> None:
        """One that cannot be used is as good as none."""
        from minikube_py.controllers.kubelet.kwok.stage import StageError, parsed  # for those who have stages alone

        self._stages.pop(name(stage), None)
        try:
            found = parsed(stage)
        except StageError as error:
            log.warning("%s", error)
            found = None
        if found is not None:
            self._stages[found.name] = found
        self._sort()

    def _remove(self, stage: Object) -> None:
        self._stages.pop(name(stage), None)
        self._sort()

    def _sort(self) -> None:
        kinds = {stage.kind for stage in self._stages.values()}
        self._by_kind = {kind: tuple(each for each in self._stages.values() if each.kind == kind) for kind in kinds}
        self._changed()

    # What is posted

    def watch(self, context: Context) -> None:
        """Follow those of the API, from when their CustomResourceDefinition is established."""

        def seen(crd: Object) -> None:
            if name(crd) == CRD_NAME and _is_established(crd) and STAGES not in context.informers.informers:
                context.informers.informer(STAGES).add_handler(
                    self._put, lambda _, stage: self._put(stage), self._remove
                )
                context.informers.start()

        def gone(crd: Object) -> None:
            if name(crd) == CRD_NAME:
                task = asyncio.get_running_loop().create_task(context.informers.discard(STAGES))
                self._discarding.add(task)
                task.add_done_callback(self._discarding.discard)

        context.informer(CUSTOM_RESOURCE_DEFINITIONS).add_handler(seen, lambda _, crd: seen(crd), gone)


def _is_established(crd: Object) -> bool:
    conditions = (crd.get("status") or {}).get("conditions") or ()
    return any(each["type"] == "Established" and each["status"] == "True" for each in conditions)


CRD: Object = {
    "apiVersion": "apiextensions.k8s.io/v1",
    "kind": "CustomResourceDefinition",
    "metadata": {"name": CRD_NAME},
    "spec": {
        "group": "kwok.x-k8s.io",
        "scope": "Cluster",
        "names": {"kind": "Stage", "listKind": "StageList", "plural": "stages", "singular": "stage"},
        "versions": [
            {
                "name": "v1alpha1",
                "served": True,
                "storage": True,
                "subresources": {"status": {}},
                "schema": {
                    "openAPIV3Schema": {
                        "type": "object",
                        "required": ["spec"],
                        "properties": {
                            "apiVersion": {"type": "string"},
                            "kind": {"type": "string"},
                            "metadata": {"type": "object"},
                            "spec": {
                                "type": "object",
                                "required": ["resourceRef"],
                                "x-kubernetes-preserve-unknown-fields": True,
                                "properties": {
                                    "resourceRef": {
                                        "type": "object",
                                        "required": ["kind"],
                                        "properties": {
                                            "apiGroup": {"type": "string", "default": "v1"},
                                            "kind": {"type": "string"},
                                        },
                                    },
                                    "weight": {"type": "integer", "minimum": 0, "default": 0},
                                },
                            },
                            "status": {"type": "object", "x-kubernetes-preserve-unknown-fields": True},
                        },
                    }
                },
            }
        ],
    },
}
"""Of Stages, for clusters in which they are to be posted."""
