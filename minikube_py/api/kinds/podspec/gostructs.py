"""Bad values as Go marshals the internal API's structs, which carry no JSON names:

{"type": "Localhost"} of SeccompProfile   ->   {"Type": "Localhost", "LocalhostProfile": null}
"""

from __future__ import annotations

from typing import Any, NamedTuple

from minikube_py.machinery.gvr import Object


class _Field(NamedTuple):
    go: str
    json: str
    struct: str = ""
    """The struct it holds, or holds a list of."""
    zero: Any = None
    """What an absent field shows: None for pointers, lists and maps."""


_STRUCTS: dict[str, tuple[_Field, ...]] = {
    "AppArmorProfile": (_Field("Type", "type", zero=""), _Field("LocalhostProfile", "localhostProfile")),
    "Capabilities": (_Field("Add", "add"), _Field("Drop", "drop")),
    "ContainerResizePolicy": (
        _Field("ResourceName", "resourceName", zero=""),
        _Field("RestartPolicy", "restartPolicy", zero=""),
    ),
    "HostIP": (_Field("IP", "ip", zero=""),),
    "NodeSelectorRequirement": (
        _Field("Key", "key", zero=""),
        _Field("Operator", "operator", zero=""),
        _Field("Values", "values"),
    ),
    "NodeSelectorTerm": (
        _Field("MatchExpressions", "matchExpressions", "NodeSelectorRequirement"),
        _Field("MatchFields", "matchFields", "NodeSelectorRequirement"),
    ),
    "PodIP": (_Field("IP", "ip", zero=""),),
    "PodResourceClaim": (
        _Field("Name", "name", zero=""),
        _Field("ResourceClaimName", "resourceClaimName"),
        _Field("ResourceClaimTemplateName", "resourceClaimTemplateName"),
    ),
    "SELinuxOptions": (
        _Field("User", "user", zero=""),
        _Field("Role", "role", zero=""),
        _Field("Type", "type", zero=""),
        _Field("Level", "level", zero=""),
    ),
    "SeccompProfile": (_Field("Type", "type", zero=""), _Field("LocalhostProfile", "localhostProfile")),
    "SecurityContext": (
        _Field("Capabilities", "capabilities", "Capabilities"),
        _Field("Privileged", "privileged"),
        _Field("SELinuxOptions", "seLinuxOptions", "SELinuxOptions"),
        _Field("WindowsOptions", "windowsOptions", "WindowsSecurityContextOptions"),
        _Field("RunAsUser", "runAsUser"),
        _Field("RunAsGroup", "runAsGroup"),
        _Field("RunAsNonRoot", "runAsNonRoot"),
        _Field("ReadOnlyRootFilesystem", "readOnlyRootFilesystem"),
        _Field("AllowPrivilegeEscalation", "allowPrivilegeEscalation"),
        _Field("ProcMount", "procMount"),
        _Field("SeccompProfile", "seccompProfile", "SeccompProfile"),
        _Field("AppArmorProfile", "appArmorProfile", "AppArmorProfile"),
    ),
    "WindowsSecurityContextOptions": (
        _Field("GMSACredentialSpecName", "gmsaCredentialSpecName"),
        _Field("GMSACredentialSpec", "gmsaCredentialSpec"),
        _Field("RunAsUserName", "runAsUserName"),
        _Field("HostProcess", "hostProcess"),
    ),
}


def as_go(struct: str, value: Object) -> Object:
    """`value`, JSON of the versioned type, with the internal type's names."""
    return {field.go: _field_value(field, value.get(field.json)) for field in _STRUCTS[struct]}


def all_as_go(struct: str, values: list[Object]) -> list[Object]:
    return [as_go(struct, value) for value in values]


def _field_value(field: _Field, value: Any) -> Any:
    if value is None:
        return field.zero
    if not field.struct:
        return value
    return all_as_go(field.struct, value) if isinstance(value, list) else as_go(field.struct, value)
