"""NetworkPolicy: who may talk to pods (pkg/registry/networking/networkpolicy)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from minikube_py.api.context import Context
from minikube_py.api.kinds.core.gates import strict_ips
from minikube_py.api.kinds.networking.peers import Rules, validate_peer, validate_policy_port
from minikube_py.api.resource import AGE, NAME, Column, Resource, age
from minikube_py.api.strategy import METADATA, Strategy
from minikube_py.machinery.field import ErrorList, Path, as_json, invalid, not_supported
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.ipnet import cidr_warnings
from minikube_py.machinery.labelselector import format_selector, validate_label_selector
from minikube_py.machinery.objectmeta import validate_kube_object_meta_update

_SPEC = Path("spec")
_INGRESS, _EGRESS = "Ingress", "Egress"
_DIRECTIONS = (("ingress", "from"), ("egress", "to"))


class NetworkPolicyStrategy(Strategy):
    has_generation = True

    def default(self, obj: Object) -> None:
        spec = obj.setdefault("spec", {})
        if not spec.get("policyTypes"):
            spec["policyTypes"] = [_INGRESS, _EGRESS] if spec.get("egress") else [_INGRESS]
        for direction, _ in _DIRECTIONS:
            for rule in spec.get(direction) or ():
                for port in rule.get("ports") or ():
                    if port.get("protocol") is None:
                        port["protocol"] = "TCP"

    def validate(self, ctx: Context, obj: Object) -> ErrorList:
        """pkg/apis/networking/validation ValidateNetworkPolicy."""
        rules = Rules(strict_ips(ctx))
        return [*self.validate_metadata(ctx, obj), *_spec_errors(obj["spec"], rules)]

    def validate_update(self, ctx: Context, obj: Object, old: Object) -> ErrorList:
        """CIDRs that are stored already may stay, and a bad selector keeps the door open for more."""
        rules = Rules(
            strict_ips(ctx),
            allow_invalid_values=bool(validate_label_selector(old["spec"].get("podSelector"), _SPEC)),
            known_cidrs=frozenset(cidr for _, cidr in _cidrs(old["spec"])),
        )
        return [
            *validate_kube_object_meta_update(obj["metadata"], old["metadata"], METADATA),
            *_spec_errors(obj["spec"], rules),
        ]

    def warnings_on_create(self, ctx: Context, obj: Object) -> list[str]:
        return [warning for path, cidr in _cidrs(obj["spec"]) for warning in cidr_warnings(path, cidr)]

    def warnings_on_update(self, ctx: Context, obj: Object, old: Object) -> list[str]:
        return self.warnings_on_create(ctx, obj)


def _cidrs(spec: Object) -> Iterator[tuple[Path, str]]:
    """Every CIDR of a spec, and where it stands."""
    for direction, peers in _DIRECTIONS:
        for index, rule in enumerate(spec.get(direction) or ()):
            for position, peer in enumerate(rule.get(peers) or ()):
                block = peer.get("ipBlock")
                if block is None:
                    continue
                path = _SPEC.child(direction).index(index).child(peers).index(position).child("ipBlock")
                yield path.child("cidr"), block.get("cidr") or ""
                for number, cidr in enumerate(block.get("except") or ()):
                    yield path.child("except").index(number), cidr


def _spec_errors(spec: Object, rules: Rules) -> ErrorList:
    errors = validate_label_selector(
        spec.get("podSelector"), _SPEC.child("podSelector"), allow_invalid_values=rules.allow_invalid_values
    )
    for direction, peers in _DIRECTIONS:
        for index, rule in enumerate(spec.get(direction) or ()):
            path = _SPEC.child(direction).index(index)
            for position, port in enumerate(rule.get("ports") or ()):
                errors += validate_policy_port(port, path.child("ports").index(position))
            for position, peer in enumerate(rule.get(peers) or ()):
                errors += validate_peer(peer, rules, path.child(peers).index(position))
    return errors + _types_errors(spec.get("policyTypes") or [])


def _types_errors(types: list[str]) -> ErrorList:
    path = _SPEC.child("policyTypes")
    if len(types) > 2:
        return [invalid(path, types, "may not specify more than two policyTypes")]
    allowed = (_INGRESS, _EGRESS)
    return [
        not_supported(path.index(index), as_json(kind), allowed)
        for index, kind in enumerate(types)
        if kind not in allowed
    ]


def cells(obj: Object) -> list[Any]:
    return [obj["metadata"]["name"], format_selector(obj["spec"].get("podSelector") or {}), age(obj)]


RESOURCES = (
    Resource(
        group="networking.k8s.io",
        version="v1",
        plural="networkpolicies",
        kind="NetworkPolicy",
        short_names=("netpol",),
        strategy=NetworkPolicyStrategy(),
        columns=(NAME, Column("Pod-Selector", doc="io.k8s.api.networking.v1.NetworkPolicySpec#podSelector"), AGE),
        cells=cells,
    ),
)
