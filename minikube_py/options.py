"""What a cluster can be told, by keyword or by flag; flags that kube-apiserver or kube-controller-manager have keep
their names."""

from __future__ import annotations

import ipaddress
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from minikube_py.api.schema.facts import VERSIONS


class Options(BaseModel):
    """Settings of one cluster. Raises pydantic.ValidationError for values that make no sense."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kubernetes_version: str = VERSIONS[-1]
    """The version it answers as: "1.25" to "1.37"."""
    service_cluster_ip_range: str = "10.96.0.0/16"
    service_node_port_range: str = "30000-32767"
    nodes: int = Field(default=3, ge=0, le=5000)
    """Simulated nodes that exist from the start."""
    controllers: str = "*"
    """Which controllers run, as kube-controller-manager takes it: "*,-deployment-controller"."""
    scheduler: bool = True
    seed: int | None = None
    """Fixes uids, name suffixes and jitter; None draws one."""
    clock: Literal["real", "virtual"] = "real"
    lag: int = Field(default=0, ge=0)
    """At most so many turns of the event loop are informers behind the store; drawn from the seed."""
    history: int = Field(default=10_000, ge=1)
    """Events kept of each resource for watches that resume."""
    check_mutations: bool = False
    """Find whoever changes a stored object in place (costs memory and time)."""

    @field_validator("kubernetes_version", mode="before")
    @classmethod
    def _known_version(cls, value: Any) -> str:
        text = str(value).removeprefix("v")
        short = ".".join(text.split(".")[:2])
        if short not in VERSIONS:
            raise ValueError(f"Kubernetes {value} is not known; there are {VERSIONS[0]} to {VERSIONS[-1]}")
        return short

    @field_validator("service_cluster_ip_range")
    @classmethod
    def _a_network(cls, value: str) -> str:
        network = ipaddress.ip_network(value)
        if network.num_addresses < 8:
            raise ValueError(f"{value} has too few addresses for services")
        return value

    @field_validator("service_node_port_range")
    @classmethod
    def _a_port_range(cls, value: str) -> str:
        first, _, last = value.partition("-")
        if not (first.isdigit() and last.isdigit() and 0 < int(first) <= int(last) <= 65535):
            raise ValueError(f"{value} is no range of ports such as 30000-32767")
        return value
