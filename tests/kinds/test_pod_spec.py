"""What a new pod's spec may be, apart from its containers and volumes."""

from __future__ import annotations

from typing import Any

import pytest

from tests.kinds.pods import container, create_errors, pod

NODE_TERM = "affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms"
POD_TERM = "affinity.podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution[0]"


def node_affinity(**term: Any) -> dict[str, Any]:
    return {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": [term]}}}


def anti_affinity(**term: Any) -> dict[str, Any]:
    return {"podAntiAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [term]}}


SPEC_CASES = [
    pytest.param(
        {"activeDeadlineSeconds": 0},
        ["activeDeadlineSeconds: Invalid value: 0: must be between 1 and 2147483647, inclusive"],
        id="deadline",
    ),
    pytest.param({"hostname": "a.b"}, ['hostname: Invalid value: "a.b": must not contain dots'], id="hostname"),
    pytest.param(
        {"hostnameOverride": "a", "hostNetwork": True},
        ["hostnameOverride: Forbidden: may not be specified when hostNetwork is true"],
        id="override",
    ),
    pytest.param(
        {"hostUsers": False, "hostPID": True}, ["HostPID: Forbidden: when `hostUsers` is false"], id="host users"
    ),
    pytest.param(
        {"readinessGates": [{"conditionType": ""}]},
        [
            'readinessGates[0].conditionType: Invalid value: "": name part must be non-empty',
            'readinessGates[0].conditionType: Invalid value: "": name part must consist of alphanumeric '
            "characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  "
            "or 'my.name',  or '123-abc', regex used for validation is "
            "'([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')",
        ],
        id="readiness gate",
    ),
    pytest.param(
        {"schedulingGates": [{"name": "a"}, {"name": "a"}], "nodeName": "n"},
        [
            'schedulingGates[1]: Duplicate value: "a"',
            "nodeName: Forbidden: cannot be set until all schedulingGates have been cleared",
        ],
        id="gates",
    ),
    pytest.param(
        {"dnsPolicy": "None", "dnsConfig": {}},
        ["dnsConfig.nameservers: Required value: must provide at least one DNS nameserver when `dnsPolicy` is None"],
        id="no nameserver",
    ),
    pytest.param(
        {"dnsConfig": {"nameservers": ["1.2.3.04", "x", "::ffff:1.2.3.4"], "searches": ["a_b."]}},
        [
            'dnsConfig.nameservers[0]: Invalid value: "1.2.3.04": must not have leading 0s',
            'dnsConfig.nameservers[1]: Invalid value: "x": must be a valid IP address, (e.g. 10.9.8.7 or '
            "2001:db8::ffff)",
            'dnsConfig.nameservers[2]: Invalid value: "::ffff:1.2.3.4": must not be an IPv4-mapped IPv6 address',
        ],
        id="nameservers",
    ),
    pytest.param(
        {
            "tolerations": [
                {"key": "a", "operator": "Exists", "value": "x"},
                {"operator": "Equal"},
                {"key": "a", "tolerationSeconds": 1, "effect": "NoSchedule"},
                {"key": "a", "operator": "Gt", "value": "1"},
                {"key": "a", "effect": "Maybe"},
            ]
        },
        [
            "tolerations[0].operator: Invalid value: \"x\": value must be empty when `operator` is 'Exists'",
            'tolerations[1].operator: Invalid value: "Equal": operator must be Exists when `key` is empty, which '
            'means "match all values and all keys"',
            "tolerations[2].effect: Invalid value: \"NoSchedule\": effect must be 'NoExecute' when "
            "`tolerationSeconds` is set",
            'tolerations[3].operator: Unsupported value: "Gt": supported values: "Equal", "Exists", "Lt", "Gt"',
            'tolerations[4].effect: Unsupported value: "Maybe": supported values: "NoSchedule", '
            '"PreferNoSchedule", "NoExecute"',
        ],
        id="tolerations",
    ),
    pytest.param(
        {"affinity": node_affinity(matchExpressions=[{"key": "a", "operator": "In"}])},
        [
            f"{NODE_TERM}[0].matchExpressions[0].values: Required value: must be specified when `operator` is "
            "'In' or 'NotIn'"
        ],
        id="node affinity without values",
    ),
    pytest.param(
        {"affinity": node_affinity(matchFields=[{"key": "x", "operator": "Exists"}])},
        [
            f'{NODE_TERM}[0].matchFields[0].operator: Invalid value: "Exists": not a valid selector operator',
            f'{NODE_TERM}[0].matchFields[0].key: Invalid value: "x": not a valid field selector key',
        ],
        id="node fields",
    ),
    pytest.param(
        {"affinity": anti_affinity(topologyKey="z", matchLabelKeys=["app"])},
        [f"{POD_TERM}.matchLabelKeys: Forbidden: must not be specified when labelSelector is not set"],
        id="label keys without selector",
    ),
    pytest.param(
        {
            "affinity": {
                "nodeAffinity": {"preferredDuringSchedulingIgnoredDuringExecution": [{"weight": 101, "preference": {}}]}
            }
        },
        [
            "affinity.nodeAffinity.preferredDuringSchedulingIgnoredDuringExecution[0].weight: Invalid value: 101: "
            "must be in the range 1-100"
        ],
        id="weight",
    ),
    pytest.param(
        {
            "topologySpreadConstraints": [
                {"maxSkew": 0, "topologyKey": "z", "whenUnsatisfiable": "ScheduleAnyway", "minDomains": 1},
                {"maxSkew": 1, "topologyKey": "z", "whenUnsatisfiable": "ScheduleAnyway"},
            ]
        },
        [
            "topologySpreadConstraints[0].maxSkew: Invalid value: 0: must be greater than zero",
            'topologySpreadConstraints[0].{topologyKey, whenUnsatisfiable}: Duplicate value: "{z, ScheduleAnyway}"',
            "topologySpreadConstraints[0].minDomains: Invalid value: 1: can only use minDomains if "
            "whenUnsatisfiable=DoNotSchedule, not ScheduleAnyway",
        ],
        id="spread",
    ),
    pytest.param(
        {"os": {"name": "plan9"}}, ['os: Unsupported value: "plan9": supported values: "linux", "windows"'], id="os"
    ),
    pytest.param(
        {"os": {"name": "windows"}, "hostPID": True, "securityContext": {"fsGroup": 1}},
        [
            "hostPID: Forbidden: cannot be set for a windows pod",
            "securityContext.fsGroup: Forbidden: cannot be set for a windows pod",
        ],
        id="windows",
    ),
    pytest.param(
        {
            "securityContext": {
                "sysctls": [
                    {"name": "net.x", "value": "1"},
                    {"name": "net.x", "value": "2"},
                    {"name": "A", "value": "1"},
                ]
            }
        },
        [
            'securityContext.sysctls[1].name: Duplicate value: "net.x"',
            'securityContext.sysctls[2].name: Invalid value: "A": must have at most 253 characters and match '
            r"regex ^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?$",
        ],
        id="sysctls",
    ),
    pytest.param(
        {"hostNetwork": True, "securityContext": {"sysctls": [{"name": "net/x", "value": "1"}]}},
        ["securityContext.sysctls[0].name: Invalid value: \"net/x\": may not be specified when 'hostNetwork' is true"],
        id="sysctl of the host",
    ),
    pytest.param(
        {
            "resources": {"limits": {"cpu": "1"}, "requests": {"cpu": "1"}},
            "containers": [container(resources={"requests": {"cpu": "2"}, "limits": {"cpu": "3"}})],
        },
        [
            'resources.requests[cpu]: Invalid value: "1": must be greater than or equal to aggregate container '
            "requests of 2",
            'resources.containers[0][cpu].limits: Invalid value: "3": must be less than or equal to pod limits of 1',
        ],
        id="pod-level resources",
    ),
    pytest.param(
        {"overhead": {"cpu": "-1"}},
        ['overhead.limits[cpu]: Invalid value: "-1": must be greater than or equal to 0'],
        id="overhead",
    ),
    pytest.param(
        {"resourceClaims": [{"name": "a"}]},
        [
            'resourceClaims[0]: Invalid value: {"Name":"a","ResourceClaimName":null,'
            '"ResourceClaimTemplateName":null}: must specify one of: `resourceClaimName`, '
            "`resourceClaimTemplateName`"
        ],
        id="resource claim",
    ),
]


@pytest.mark.parametrize(("spec", "expected"), SPEC_CASES)
def test_specs(spec: dict[str, Any], expected: list[str]) -> None:
    assert [str(error).removeprefix("spec.") for error in create_errors(pod(**spec))] == expected
