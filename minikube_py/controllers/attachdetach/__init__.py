"""persistentvolume-attach-detach-controller: CSI volumes are attached to the nodes whose pods use them
(pkg/controller/volume/attachdetach, pkg/volume/csi/csi_attacher.go).

    pod on node-1, its claim's volume is CSI's      VolumeAttachment of the volume and node-1
    the driver's external-attacher                  its status.attached (simulated)
    attached                                        node-1's status.volumesAttached, event SuccessfulAttachVolume
    pod gone or finished, nothing mounted any more  the VolumeAttachment is deleted

Drivers whose CSIDriver says attachRequired: false do without, as do all other volumes.

volumes     which volumes are attachable, and which pods keep them attached
plan        what to attach and detach of one volume
reconciler  one volume
mounts      what kubelets still have mounted
patience    how long attachers are waited for
nodestatus  what a node is told is attached
attacher    the simulated external-attacher of all drivers
"""

from __future__ import annotations

from minikube_py.controllers.attachdetach.attacher import Attacher
from minikube_py.controllers.attachdetach.nodestatus import NodeStatus
from minikube_py.controllers.attachdetach.reconciler import VolumeReconciler
from minikube_py.controllers.runtime import Context, Controller, Descriptor
from minikube_py.controllers.runtime.accompanied import AccompaniedController


def new(context: Context) -> AccompaniedController:
    controller = AccompaniedController(context, "PersistentVolume")
    reconciler = VolumeReconciler(context, controller)
    reconciler.watch()
    controller.reconciler = reconciler
    for kind, make in (("Node", NodeStatus), ("VolumeAttachment", Attacher)):
        companion = Controller(context, kind)
        part = make(context, companion)
        part.watch()
        companion.reconciler = part
        controller.companions.append(companion)
    return controller


CONTROLLER = Descriptor("persistentvolume-attach-detach-controller", new, ("attachdetach",))
