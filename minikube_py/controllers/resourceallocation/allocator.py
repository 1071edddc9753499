"""The search for devices: request by request, the first that suit, and back when a later one finds none
(structured allocator.go)."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from minikube_py.controllers.resourceallocation.constraints import Chosen, allows
from minikube_py.controllers.resourceallocation.counters import Counters
from minikube_py.controllers.resourceallocation.devices import Device, DeviceID, Judge
from minikube_py.controllers.resourceallocation.pools import Pool, reachable
from minikube_py.controllers.resourceallocation.requests import Need, Unallocatable, is_about, needs
from minikube_py.controllers.resourceallocation.shares import Share, Shares, is_shared, taken
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.meta import key

MOST_DEVICES = 32
"""Of one claim."""

_PASSED_ON = ("bindingConditions", "bindingFailureConditions")
"""Of a device, into the result."""


def allocate(
    claims: Sequence[Object],
    classes: Mapping[str, Object],
    pools: Sequence[Pool],
    allocated: Collection[DeviceID],
    judge: Judge,
    shares: Sequence[Share] = (),
) -> list[Object] | None:
    """What status.allocation of each claim is to be, if all can be had together on the judge's node; None if not.

    `classes` are the DeviceClasses by name, `allocated` the devices that other claims have, and `shares` what they have
    of others. Raises Unallocatable.
    """
    search = _Search(claims, classes, pools, allocated, judge, shares)
    if not search.run():
        if any(pool.problem and reachable(pool, judge) for pool in pools):
            raise Unallocatable("invalid resource pools were encountered")
        return None
    return [_allocation(claim, chosen, judge) for claim, chosen in zip(claims, search.chosen, strict=True)]


def _comes_last(pool: tuple[Pool, list[Device]]) -> bool:
    """What has to be made ready first is taken only if there is nothing else."""
    return any(device.spec.get("bindingConditions") for device in pool[1])


class _Search:
    """Depth first. A step is a request of a claim; what is chosen is taken back on the way up."""

    def __init__(
        self,
        claims: Sequence[Object],
        classes: Mapping[str, Object],
        pools: Sequence[Pool],
        allocated: Collection[DeviceID],
        judge: Judge,
        shares: Sequence[Share],
    ) -> None:
        self.chosen: list[list[Chosen]] = [[] for _ in claims]
        self._claims = claims
        self._judge = judge
        self._pools = sorted(((pool, reachable(pool, judge)) for pool in pools), key=_comes_last)
        self._steps = [
            (number, alternatives) for number, claim in enumerate(claims) for alternatives in needs(claim, classes)
        ]
        self._constraints = [claim["spec"]["devices"].get("constraints") or [] for claim in claims]
        self._in_use = set(allocated)
        self._shares = Shares(shares)
        self._counters = Counters(pools, self._in_use.union(self._shares.devices))

    def run(self, step: int = 0) -> bool:
        if step == len(self._steps):
            return True
        number, alternatives = self._steps[step]
        return any(self._run_need(step, number, need) for need in alternatives)

    def _run_need(self, step: int, number: int, need: Need) -> bool:
        candidates = list(self._candidates(number, need))
        count = len(candidates) if need.amount is None else need.amount
        if not count or len(self.chosen[number]) + count > MOST_DEVICES:
            return False
        return self._choose(step, number, need, candidates, count)

    def _candidates(self, number: int, need: Need) -> Iterator[Device]:
        """The devices that suit a request, used ones too. Raises Unallocatable."""
        for pool, devices in self._pools:
            if not devices:
                continue
            if pool.problem or not pool.complete:
                if need.amount is None:
                    asked = f"claim {key(self._claims[number])}, request {need.request}: asks for all devices"
                    state = "being updated" if not pool.complete else "invalid"
                    raise Unallocatable(f"{asked}, but resource pool {pool} is currently {state}")
                continue
            yield from (device for device in devices if need.wants(device, self._judge) and self._has(device, need))

    def _has(self, device: Device, need: Need) -> bool:
        """Whether the device has as much as a request asks for, whoever uses it."""
        if self._judge.new_share is None:
            return True
        amounts = taken(device, need.capacity)
        return amounts is not None and Shares(()).suffice(device, amounts)

    def _chosen(self, need: Need, device: Device) -> Chosen:
        if self._judge.new_share is None or not is_shared(device):
            return Chosen(need, device)
        return Chosen(need, device, Share(device.id, taken(device, need.capacity) or {}))

    def _choose(self, step: int, number: int, need: Need, candidates: list[Device], count: int) -> bool:
        """Choose `count` of the candidates and go on from there; any order of the same devices is the same."""
        if not count:
            return self.run(step + 1)
        for position in range(len(candidates) - count + 1):
            one_more = self._chosen(need, candidates[position])
            if not self._may_take(number, one_more):
                continue
            self._take(number, one_more)
            if self._choose(step, number, need, candidates[position + 1 :], count - 1):
                return True
            self._give_back(number, one_more)
        return False

    def _may_take(self, number: int, one_more: Chosen) -> bool:
        need, device, share = one_more
        chosen = self.chosen[number]
        if share is not None:
            available = self._may_share(device, share)
        else:
            twice = any(each.device.id == device.id for each in chosen)
            available = not twice and (need.admin or self._is_free(device))
        return available and all(allows(each, chosen, one_more) for each in self._constraints[number])

    def _is_free(self, device: Device) -> bool:
        return device.id not in self._in_use and self._counters.suffice(device)

    def _may_share(self, device: Device, share: Share) -> bool:
        """The first share takes the counters for all."""
        if not self._shares.in_use(device.id) and not self._is_free(device):
            return False
        return device.id not in self._in_use and self._shares.suffice(device, share.consumed)

    def _take(self, number: int, one_more: Chosen) -> None:
        self.chosen[number].append(one_more)
        if one_more.share is not None:
            if not self._shares.in_use(one_more.device.id):
                self._counters.take(one_more.device)
            self._shares.take(one_more.share)
        elif not one_more.need.admin:
            self._in_use.add(one_more.device.id)
            self._counters.take(one_more.device)

    def _give_back(self, number: int, one_more: Chosen) -> None:
        self.chosen[number].pop()
        if one_more.share is not None:
            self._shares.give_back(one_more.share)
            if not self._shares.in_use(one_more.device.id):
                self._counters.give_back(one_more.device)
        elif not one_more.need.admin:
            self._in_use.remove(one_more.device.id)
            self._counters.give_back(one_more.device)


# What is written


def _allocation(claim: Object, chosen: Sequence[Chosen], judge: Judge) -> Object:
    devices: Object = {"results": [_result(each, judge) for each in chosen]}
    if config := _config(claim, chosen):
        devices["config"] = config
    selector = _node_selector([each.device for each in chosen], judge.node)
    return {"devices": devices, **({"nodeSelector": selector} if selector is not None else {})}


def _result(chosen: Chosen, judge: Judge) -> Object:
    need, device, share = chosen
    result: Object = {"request": need.request, **device.id._asdict()}
    if need.admin:
        result["adminAccess"] = True
    if need.tolerations:
        result["tolerations"] = need.tolerations
    if share is not None and judge.new_share is not None:
        result["shareID"] = judge.new_share()
        if share.consumed:
            result["consumedCapacity"] = {name: str(amount) for name, amount in share.consumed.items()}
    passed_on = {field: device.spec[field] for field in _PASSED_ON if device.spec.get(field)}
    return {**result, **passed_on}


def _config(claim: Object, chosen: Sequence[Chosen]) -> list[Object]:
    """The classes' first: what comes later counts more."""
    asked = {each.need.request: each.need for each in chosen}
    requests: dict[str, list[str]] = {}
    for request, need in asked.items():
        requests.setdefault(need.class_name, []).append(request)
    firsts = [asked[listed[0]] for listed in requests.values()]
    made = [
        {"source": "FromClass", "requests": requests[need.class_name], **config}
        for need in firsts
        for config in need.class_config
    ]
    for config in claim["spec"]["devices"].get("config") or ():
        if any(is_about(config.get("requests") or [], request) for request in asked):
            made.append({"source": "FromClaim", **config})
    return made


def _node_selector(devices: Sequence[Device], node: str) -> Object | None:
    """Where all of the devices can be reached; None: everywhere."""
    if any(device.where.get("nodeName") or device.spec.get("bindsToNode") for device in devices):
        field = {"key": "metadata.name", "operator": "In", "values": [node]}
        return {"nodeSelectorTerms": [{"matchFields": [field]}]}
    term: dict[str, list[Object]] = {"matchFields": [], "matchExpressions": []}
    for device in devices:
        for other in (device.where.get("nodeSelector") or {}).get("nodeSelectorTerms") or ():
            for field_name, requirements in term.items():
                requirements += [each for each in other.get(field_name) or () if each not in requirements]
    kept = {field_name: requirements for field_name, requirements in term.items() if requirements}
    return {"nodeSelectorTerms": [kept]} if kept else None
