"""garbage-collector-controller: deletes what has lost all its owners (pkg/controller/garbagecollector).

identity    the coordinates by which owners are known
graph       who owns whom, and what a change of it asks for
operations  reading, deleting and patching objects of any kind
collector   informers of all resources, and the workers
"""

from __future__ import annotations

from minikube_py.controllers.garbagecollector.collector import GarbageCollector
from minikube_py.controllers.runtime import Descriptor

CONTROLLER = Descriptor("garbage-collector-controller", GarbageCollector, ("garbagecollector",))
