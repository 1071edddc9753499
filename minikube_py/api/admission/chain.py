"""The admission chain: what the server adds to or refuses of a write, whoever writes.

Each module of this package that exports PLUGIN is one admission plugin, named as upstream's. Mutating plugins run in
upstream's order (kube-apiserver's pkg/kubeapiserver/options/plugins.go), then, after validation, the validating ones.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterable
from functools import cache
from typing import Protocol

from minikube_py.api import admission
from minikube_py.api.context import Context
from minikube_py.machinery.gvr import Object

ORDER = (
    "AlwaysAdmit",
    "NamespaceAutoProvision",
    "NamespaceLifecycle",
    "NamespaceExists",
    "LimitPodHardAntiAffinityTopology",
    "LimitRanger",
    "ServiceAccount",
    "NodeRestriction",
    "TaintNodesByCondition",
    "AlwaysPullImages",
    "PodSecurity",
    "PodNodeSelector",
    "Priority",
    "DefaultTolerationSeconds",
    "PodTolerationRestriction",
    "EventRateLimit",
    "ExtendedResourceToleration",
    "DefaultStorageClass",
    "StorageObjectInUseProtection",
    "OwnerReferencesPermissionEnforcement",
    "PersistentVolumeClaimResize",
    "RuntimeClass",
    "CertificateApproval",
    "CertificateSigning",
    "ClusterTrustBundleAttest",
    "CertificateSubjectRestriction",
    "DefaultIngressClass",
    "PodTopologyLabels",
    "NodeDeclaredFeatureValidator",
    "PodResizeValidator",
    "MutatingAdmissionPolicy",
    "MutatingAdmissionWebhook",
    "ValidatingAdmissionPolicy",
    "ValidatingAdmissionWebhook",
    "ResourceQuota",
    "AlwaysDeny",
)


class Plugin(Protocol):
    """One admission plugin. `obj` is the draft (None for a delete), `old` what is stored (None for a create)."""

    name: str
    handles: frozenset[tuple[str, str]] | None
    """(store's name of the resource, subresource) it looks at; None: everything."""
    verbs: frozenset[str]
    """create, update, delete."""


class Admission:
    """The plugins of one API server, looked up by resource, subresource and verb."""

    def __init__(self, plugins: Iterable[Plugin] | None = None) -> None:
        chosen = builtin_plugins() if plugins is None else plugins
        self._plugins = sorted(chosen, key=lambda plugin: ORDER.index(plugin.name))
        self._chains: dict[tuple[str, str, str], tuple[list[Plugin], list[Plugin]]] = {}

    async def admit(self, ctx: Context, obj: Object | None, old: Object | None) -> None:
        """Run the mutating plugins. Raises StatusError."""
        for plugin in self._chain(ctx, obj, old)[0]:
            await plugin.admit(ctx, obj, old)  # type: ignore[attr-defined]

    async def validate(self, ctx: Context, obj: Object | None, old: Object | None) -> None:
        """Run the validating plugins. Raises StatusError."""
        for plugin in self._chain(ctx, obj, old)[1]:
            await plugin.validate(ctx, obj, old)  # type: ignore[attr-defined]

    def _chain(self, ctx: Context, obj: Object | None, old: Object | None) -> tuple[list[Plugin], list[Plugin]]:
        verb = "delete" if obj is None else "create" if old is None else "update"
        key = (ctx.resource.key, ctx.subresource, verb)
        chain = self._chains.get(key)
        if chain is None:
            plugins = [
                plugin
                for plugin in self._plugins
                if verb in plugin.verbs and (plugin.handles is None or key[:2] in plugin.handles)
            ]
            chain = ([p for p in plugins if hasattr(p, "admit")], [p for p in plugins if hasattr(p, "validate")])
            self._chains[key] = chain
        return chain


@cache
def builtin_plugins() -> tuple[Plugin, ...]:
    """Every PLUGIN that a module of this package exports."""
    found: list[Plugin] = []
    for module in pkgutil.iter_modules(admission.__path__):
        loaded = importlib.import_module(f"{admission.__name__}.{module.name}")
        if hasattr(loaded, "PLUGIN"):
            found.append(loaded.PLUGIN)
    return tuple(found)
