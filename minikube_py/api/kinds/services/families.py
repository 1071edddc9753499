"""IP families, their policy and cluster IPs: three fields that say one thing (pkg/registry/core/service/storage
alloc.go initIPFamilyFields, pkg/apis/core/validation ValidateServiceClusterIPsRelatedFields)."""

from __future__ import annotations

from collections.abc import Sequence

from minikube_py.api.kinds.core.ip import family_of
from minikube_py.api.kinds.services.spec import (
    CLUSTER_IP,
    EXTERNAL_NAME,
    HEADLESS,
    LOAD_BALANCER,
    NODE_PORT,
    PREFER_DUAL_STACK,
    REQUIRE_DUAL_STACK,
    SINGLE_STACK,
    Spec,
    cluster_ips,
    ip_families,
    is_headless,
)
from minikube_py.machinery.field import ErrorList, Path, as_json, duplicate, invalid, not_supported, required
from minikube_py.machinery.ipnet import validate_ip_legacy

CLUSTER_IPS = Path("spec", "clusterIPs")
IP_FAMILIES = Path("spec", "ipFamilies")
IP_FAMILY_POLICY = Path("spec", "ipFamilyPolicy")

_FAMILIES = ("IPv4", "IPv6")
_POLICIES = (PREFER_DUAL_STACK, REQUIRE_DUAL_STACK, SINGLE_STACK)
_WITH_ADDRESS = (CLUSTER_IP, NODE_PORT, LOAD_BALANCER)


def keeps_prefer_dual_stack(spec: Spec, old: Spec | None) -> bool:
    """A PreferDualStack Service that stays one neither gains nor loses an address when the cluster changes."""
    return (
        old is not None
        and spec.get("ipFamilyPolicy") == PREFER_DUAL_STACK
        and old.get("ipFamilyPolicy") in (None, PREFER_DUAL_STACK)
        and spec.get("type") == old.get("type")
        and spec.get("type") in _WITH_ADDRESS
        and cluster_ips(spec) == cluster_ips(old)
        and ip_families(spec) == ip_families(old)
    )


def init_families(spec: Spec, old: Spec | None, configured: Sequence[str], strict: bool) -> ErrorList:
    """Fill in policy and families from what was said and what the cluster has (`configured`, the primary first)."""
    if spec.get("type") == EXTERNAL_NAME or keeps_prefer_dual_stack(spec, old):
        return []
    if spec.get("ipFamilyPolicy") is None:
        spec["ipFamilyPolicy"] = _inferred_policy(spec, old)
    if errors := validate_families(spec, old, strict):
        return errors
    if old is not None:
        errors = _release_secondary(spec, old)
    errors += _policy_errors(spec)
    errors += _infer_from_addresses(spec, configured)
    if errors:
        return errors
    if spec.get("clusterIP") == HEADLESS and not spec.get("selector"):
        _complete(spec, configured[0], dual=spec["ipFamilyPolicy"] != SINGLE_STACK)
        return []
    if errors := _configured_errors(spec, configured):
        return errors
    _complete(spec, configured[0], dual=spec["ipFamilyPolicy"] != SINGLE_STACK and len(configured) == 2)
    return []


def _inferred_policy(spec: Spec, old: Spec | None) -> str:
    if old is not None and old.get("ipFamilyPolicy") is not None:
        return str(old["ipFamilyPolicy"])
    if spec.get("clusterIP") == HEADLESS and not spec.get("selector"):
        return REQUIRE_DUAL_STACK
    return SINGLE_STACK


def _release_secondary(spec: Spec, old: Spec) -> ErrorList:
    """SingleStack asks for the secondary address and family to go; without it they may not be left out."""
    if spec["ipFamilyPolicy"] == SINGLE_STACK:
        for field in ("clusterIPs", "ipFamilies"):
            if len(spec.get(field) or []) > 1 and spec[field] == old.get(field):
                spec[field] = spec[field][:1]
        return []
    errors: ErrorList = []
    for field, what in (("clusterIPs", "cluster IP"), ("ipFamilies", "IP family")):
        if 0 < len(spec.get(field) or []) < len(old.get(field) or []):
            detail = f"must be 'SingleStack' to release the secondary {what}"
            errors.append(invalid(IP_FAMILY_POLICY, as_json(spec["ipFamilyPolicy"]), detail))
    return errors


def _policy_errors(spec: Spec) -> ErrorList:
    if spec["ipFamilyPolicy"] != SINGLE_STACK:
        return []
    errors: ErrorList = []
    for values, what in ((cluster_ips(spec), "cluster IPs"), (ip_families(spec), "IP families")):
        if len(values) == 2:
            detail = f"must be 'RequireDualStack' or 'PreferDualStack' when multiple {what} are specified"
            errors.append(invalid(IP_FAMILY_POLICY, as_json(SINGLE_STACK), detail))
    return errors


def _infer_from_addresses(spec: Spec, configured: Sequence[str]) -> ErrorList:
    errors: ErrorList = []
    for index, address in enumerate(cluster_ips(spec)):
        if address == HEADLESS:
            break
        family = family_of(address)
        if index < len(ip_families(spec)):
            continue
        if family in configured:
            spec["ipFamilies"] = [*ip_families(spec), family]
        else:
            detail = f"{family} is not configured on this cluster"
            errors.append(invalid(CLUSTER_IPS.index(index), spec["clusterIPs"], detail))
    return errors


def _configured_errors(spec: Spec, configured: Sequence[str]) -> ErrorList:
    errors: ErrorList = []
    if spec["ipFamilyPolicy"] == REQUIRE_DUAL_STACK and len(configured) < 2:
        detail = "this cluster is not configured for dual-stack services"
        errors.append(invalid(IP_FAMILY_POLICY, as_json(REQUIRE_DUAL_STACK), detail))
    for index, family in enumerate(ip_families(spec)):
        if family not in configured:
            detail = "not configured on this cluster"
            errors.append(invalid(IP_FAMILIES.index(index), as_json(family), detail))
    return errors


def _complete(spec: Spec, primary: str, dual: bool) -> None:
    families = ip_families(spec) or [primary]
    if dual and len(families) == 1:
        families = [families[0], "IPv6" if families[0] == "IPv4" else "IPv4"]
    spec["ipFamilies"] = families


def validate_families(spec: Spec, old: Spec | None, strict: bool) -> ErrorList:
    """The three fields by themselves and against each other."""
    if spec.get("type") == EXTERNAL_NAME:
        return []
    errors = _singular_errors(spec)
    families = ip_families(spec)
    for index, family in enumerate(families):
        if family not in _FAMILIES:
            errors.append(not_supported(IP_FAMILIES.index(index), as_json(family), _FAMILIES))
        if family in families[:index]:
            errors.append(duplicate(IP_FAMILIES.index(index), as_json(family)))
    policy = spec.get("ipFamilyPolicy")
    if policy is not None and policy not in _POLICIES:
        errors.append(not_supported(IP_FAMILY_POLICY, as_json(policy), _POLICIES))
    invalid_addresses = _address_errors(spec, old, strict)
    errors += invalid_addresses
    if len(cluster_ips(spec)) > 2:
        errors.append(invalid(CLUSTER_IPS, spec["clusterIPs"], "may only hold up to 2 values"))
    if invalid_addresses:
        return errors
    return [*errors, *_stack_errors(spec)]


def _singular_errors(spec: Spec) -> ErrorList:
    """clusterIP is the first of clusterIPs."""
    addresses = cluster_ips(spec)
    if not spec.get("clusterIP"):
        detail = "must be empty when `clusterIP` is not specified"
        return [invalid(CLUSTER_IPS, addresses, detail)] if addresses else []
    if not addresses:
        return [required(CLUSTER_IPS)]
    if addresses[0] != spec["clusterIP"]:
        return [invalid(CLUSTER_IPS, addresses, "first value must match `clusterIP`")]
    return []


def _address_errors(spec: Spec, old: Spec | None, strict: bool) -> ErrorList:
    errors: ErrorList = []
    addresses = cluster_ips(spec)
    known = cluster_ips(old) if old else []
    for index, address in enumerate(addresses):
        if index == 0 and address == HEADLESS:
            if len(addresses) > 1:
                errors.append(invalid(CLUSTER_IPS, addresses, "'None' must be the first and only value"))
            continue
        errors += validate_ip_legacy(CLUSTER_IPS.index(index), address, strict, known)
    return errors


def _stack_errors(spec: Spec) -> ErrorList:
    """One address of each family, as the families say."""
    errors: ErrorList = []
    addresses = cluster_ips(spec)
    found = {family_of(address) for address in addresses}
    if len(addresses) > 1 and len(found) < 2:
        errors.append(invalid(CLUSTER_IPS, addresses, "may specify no more than one IP for each IP family"))
    if is_headless(spec):
        return errors
    for index, (address, family) in enumerate(zip(addresses, ip_families(spec), strict=False)):
        if family in _FAMILIES and family_of(address) != family:
            detail = f"expected an {family} value as indicated by `ipFamilies[{index}]`"
            errors.append(invalid(CLUSTER_IPS.index(index), address, detail))
    return errors
