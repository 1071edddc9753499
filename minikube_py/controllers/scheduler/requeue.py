"""Which waiting pods are worth another try after an event (backend/queue isPodWorthRequeuing, queueing hints).

The plugins that refused a pod tell whether the event may help it. Of each group of pods that are alike, the first is
tried then; its success makes the next try, and its failure tells for all.

Pods come and go by the thousand. So after such an event, a pod is tried only if a node fits it now or it may preempt;
upstream would try, and fail as before.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping

from minikube_py.controllers.scheduler.framework import ASSIGNED_POD, Event, Plugin, Profile
from minikube_py.controllers.scheduler.queue import QueuedPod, SchedulingQueue, WaitingGroup


class Requeue:
    def __init__(
        self,
        queue: SchedulingQueue,
        profiles: Mapping[str, Profile],
        promising: Callable[[QueuedPod], bool],
        wake: Callable[[], None],
    ) -> None:
        """`promising`: whether a try could end otherwise than the last."""
        self._queue = queue
        self._plugins: dict[str, dict[str, Plugin]] = {
            name: {plugin.name: plugin for plugin in profile.plugins} for name, profile in profiles.items()
        }
        self._promising = promising
        self._wake = wake
        self._helped: dict[Hashable, Event] = {}
        """The groups that an event may help, and the first that may."""

    @property
    def pending(self) -> bool:
        return bool(self._helped)

    def happened(self, event: Event) -> None:
        if not self._queue.any_waiting:
            return
        for key, group in self._queue.groups():
            known = self._helped.get(key)
            if known is not None and (known.resource != ASSIGNED_POD or event.resource == ASSIGNED_POD):
                continue
            if self._may_help(group, event):
                self._helped[key] = event
                self._wake()

    def succeeded(self, group: Hashable, event: Event) -> None:
        """One of a group found a node: the next may, too."""
        if group in self._queue.waiting:
            self._helped.setdefault(group, event)

    def look(self) -> None:
        """Have the first of each group tried that was helped."""
        helped, self._helped = self._helped, {}
        for key, event in helped.items():
            group = self._queue.waiting.get(key)
            if group is not None:
                first = group.first
                if event.resource != ASSIGNED_POD or self._promising(first):
                    self._queue.activate(first, event.new or event.old)

    def _may_help(self, group: WaitingGroup, event: Event) -> bool:
        first = next(iter(group.pods.values()))
        plugins = self._plugins[first.scheduler_name]
        for name in group.rejectors:
            plugin = plugins.get(name)
            if plugin is None or plugin.hint is None or plugin.hint(first.pod, event):
                return True
        return not group.rejectors
