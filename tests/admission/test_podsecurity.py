"""Levels of pod security: what labels ask for, what each check finds, who is refused and who is warned."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from minikube_py.api.admission.podsecurity import PLUGIN, plugin
from minikube_py.api.admission.podsecurity.evaluation import findings, told
from minikube_py.api.admission.podsecurity.plugin import is_significant, one_of_each_first
from minikube_py.api.admission.podsecurity.policy import LATEST, Standard, policy_of
from minikube_py.api.admission.podsecurity.subject import Subject
from minikube_py.api.context import Context
from minikube_py.machinery.errors import StatusError
from minikube_py.machinery.gvr import GroupVersionResource, Object
from minikube_py.machinery.wellknown import NAMESPACES, PODS
from tests.controllers.apiworld import ApiWorld, api_world

NEWEST = 36


# Labels


def labels(**modes: str) -> dict[str, str]:
    prefix = "pod-security.kubernetes.io/"
    return {"team": "x", **{f"{prefix}{mode.replace('_', '-')}": value for mode, value in modes.items()}}


@pytest.mark.parametrize(
    ("asked", "enforce", "audit", "warn"),
    [
        pytest.param({}, "privileged:latest", "privileged:latest", "privileged:latest", id="nothing"),
        pytest.param(
            labels(enforce="baseline"), "baseline:latest", "privileged:latest", "baseline:latest", id="warns too"
        ),
        pytest.param(
            labels(enforce="restricted", enforce_version="v1.25"),
            "restricted:v1.25",
            "privileged:latest",
            "restricted:v1.25",
            id="of the same version",
        ),
        pytest.param(
            labels(enforce="restricted", enforce_version="v1.25", warn_version="v1.30"),
            "restricted:v1.25",
            "privileged:latest",
            "restricted:v1.30",
            id="of another version",
        ),
        pytest.param(
            labels(enforce="baseline", warn="privileged"),
            "baseline:latest",
            "privileged:latest",
            "privileged:latest",
            id="warns of nothing",
        ),
        pytest.param(
            labels(audit="restricted", audit_version="v1.0"),
            "privileged:latest",
            "restricted:v1.0",
            "privileged:latest",
            id="audits",
        ),
        pytest.param(
            labels(enforce="x", audit="x", warn="x"),
            "restricted:latest",
            "privileged:latest",
            "privileged:latest",
            id="unreadable",
        ),
        pytest.param(labels(enforce="x"), "restricted:latest", "privileged:latest", "privileged:latest", id="no echo"),
    ],
)
def test_policy(asked: dict[str, str], enforce: str, audit: str, warn: str) -> None:
    assert [str(each) for each in policy_of(asked)[0]] == [enforce, audit, warn]


@pytest.mark.parametrize("version", ["latest", "v1.0", "v1.36", "v1.99"])
def test_versions(version: str) -> None:
    policy, errors = policy_of(labels(enforce="baseline", enforce_version=version))
    assert str(policy.enforce) == f"baseline:{version}" and errors == []


@pytest.mark.parametrize("version", ["", "1.25", "v1.025", "v2.0", "v1.25.1", "v1.٢"])
def test_what_is_no_version(version: str) -> None:
    policy, errors = policy_of(labels(enforce="baseline", enforce_version=version))
    assert policy.enforce == Standard("baseline", LATEST)
    (error,) = errors
    assert str(error).endswith('must be "latest" or "v1.x"')


# Checks


def container(name: str = "c", **fields: Any) -> Object:
    return {"name": name, "image": "i", **fields}


def secured(name: str = "c", **context: Any) -> Object:
    return container(name, securityContext=context)


def pod(*containers: Object, annotations: dict[str, str] | None = None, **spec: Any) -> Object:
    return {
        "metadata": {"name": "p", "namespace": "default", **({"annotations": annotations} if annotations else {})},
        "spec": {"containers": list(containers) or [container()], **spec},
    }


def check(standard: Standard, obj: Object, newest: int = NEWEST) -> str:
    return told(findings(standard, Subject.of(obj), newest))


BASELINE, RESTRICTED = Standard("baseline"), Standard("restricted")


@pytest.mark.parametrize(
    ("obj", "expected"),
    [
        pytest.param(pod(), "", id="plain"),
        pytest.param(pod(secured(appArmorProfile={"type": "Localhost", "localhostProfile": "x"})), "", id="app armor"),
        pytest.param(
            pod(
                secured("a", appArmorProfile={"type": "Unconfined"}),
                secured("b", appArmorProfile={"type": "Unconfined"}),
                securityContext={"appArmorProfile": {"type": "Other"}},
            ),
            'forbidden AppArmor profiles (pod and containers "a", "b" must not set AppArmor profile type to '
            '"Other", "Unconfined")',
            id="app armor profiles",
        ),
        pytest.param(
            pod(annotations={"container.apparmor.security.beta.kubernetes.io/c": "unconfined"}),
            "forbidden AppArmor profile (annotation must not set AppArmor profile type to "
            '"container.apparmor.security.beta.kubernetes.io/c="unconfined"")',
            id="app armor annotation",
        ),
        pytest.param(pod(secured(capabilities={"add": ["CHOWN"], "drop": ["ALL"]})), "", id="default capabilities"),
        pytest.param(
            pod(
                secured("a", capabilities={"add": ["SYS_ADMIN", "CHOWN"]}),
                container("b"),
                initContainers=[secured("i", capabilities={"add": ["NET_ADMIN"]})],
            ),
            'non-default capabilities (containers "i", "a" must not include "NET_ADMIN", "SYS_ADMIN" in '
            "securityContext.capabilities.add)",
            id="capabilities",
        ),
        pytest.param(
            pod(hostNetwork=True, hostPID=True, hostIPC=True),
            "host namespaces (hostNetwork=true, hostPID=true, hostIPC=true)",
            id="host namespaces",
        ),
        pytest.param(
            pod(volumes=[{"name": "a", "hostPath": {"path": "/"}}, {"name": "b", "emptyDir": {}}]),
            'hostPath volumes (volume "a")',
            id="host path",
        ),
        pytest.param(
            pod(
                container("a", ports=[{"containerPort": 1, "hostPort": 80}, {"containerPort": 2, "hostPort": 443}]),
                container("b", ports=[{"containerPort": 3}]),
            ),
            'hostPort (container "a" uses hostPorts 443, 80)',
            id="host ports",
        ),
        pytest.param(
            pod(
                container("b", livenessProbe={"httpGet": {"host": "x", "port": 1}}),
                container("a", lifecycle={"preStop": {"tcpSocket": {"host": "y", "port": 1}}}),
                container("z", readinessProbe={"httpGet": {"port": 1}}),
            ),
            'probe or lifecycle host (containers "a", "b" use probe or lifecycle hosts "x", "y")',
            id="probes of other hosts",
        ),
        pytest.param(
            pod(secured(privileged=True)),
            'privileged (container "c" must not set securityContext.privileged=true)',
            id="privileged",
        ),
        pytest.param(
            pod(secured(procMount="Unmasked")),
            'procMount (container "c" must not set securityContext.procMount to "Unmasked")',
            id="proc mount",
        ),
        pytest.param(pod(secured(procMount="Unmasked"), hostUsers=False), "", id="proc mount among own users"),
        pytest.param(
            pod(
                secured(seLinuxOptions={"role": "r"}), securityContext={"seLinuxOptions": {"type": "bad", "user": "u"}}
            ),
            'seLinuxOptions (pod and container "c" set forbidden securityContext.seLinuxOptions: type "bad"; '
            "user may not be set; role may not be set)",
            id="SELinux",
        ),
        pytest.param(pod(secured(seLinuxOptions={"type": "container_engine_t"})), "", id="SELinux type"),
        pytest.param(
            pod(secured(seccompProfile={"type": "Unconfined"})),
            'seccompProfile (container "c" must not set securityContext.seccompProfile.type to "Unconfined")',
            id="seccomp",
        ),
        pytest.param(
            pod(securityContext={"sysctls": [{"name": "net.ipv4.tcp_rmem", "value": ""}, {"name": "x", "value": ""}]}),
            "forbidden sysctls (x)",
            id="sysctls",
        ),
        pytest.param(
            pod(securityContext={"windowsOptions": {"hostProcess": True}}),
            "hostProcess (pod must not set securityContext.windowsOptions.hostProcess=true)",
            id="host process",
        ),
        pytest.param(
            pod(ephemeralContainers=[secured("debug", privileged=True)], hostPID=True),
            'host namespaces (hostPID=true), privileged (container "debug" must not set '
            "securityContext.privileged=true)",
            id="several",
        ),
    ],
)
def test_baseline(obj: Object, expected: str) -> None:
    assert check(BASELINE, obj) == expected
    assert check(Standard("privileged"), obj) == ""


HARDENED = {
    "allowPrivilegeEscalation": False,
    "capabilities": {"drop": ["ALL"]},
    "runAsNonRoot": True,
    "seccompProfile": {"type": "RuntimeDefault"},
}


def hardened(name: str = "c", **changes: Any) -> Object:
    return secured(name, **{field: value for field, value in {**HARDENED, **changes}.items() if value is not None})


@pytest.mark.parametrize(
    ("obj", "expected"),
    [
        pytest.param(pod(hardened()), "", id="hardened"),
        pytest.param(
            pod(),
            'allowPrivilegeEscalation != false (container "c" must set securityContext.allowPrivilegeEscalation=false)'
            ", "
            'unrestricted capabilities (container "c" must set securityContext.capabilities.drop=["ALL"]), '
            'runAsNonRoot != true (pod or container "c" must set securityContext.runAsNonRoot=true), '
            'seccompProfile (pod or container "c" must set securityContext.seccompProfile.type to "RuntimeDefault" or '
            '"Localhost")',
            id="plain",
        ),
        pytest.param(
            pod(hardened(runAsNonRoot=None, seccompProfile=None), securityContext={
                "runAsNonRoot": True, "seccompProfile": {"type": "Localhost"}
            }),
            "",
            id="the pod says it",
        ),
        pytest.param(
            pod(hardened(capabilities={"drop": ["ALL"], "add": ["NET_BIND_SERVICE", "CHOWN"]})),
            'unrestricted capabilities (container "c" must not include "CHOWN" in securityContext.capabilities.add)',
            id="capabilities",
        ),
        pytest.param(
            pod(hardened("a", runAsNonRoot=False), hardened("b"), securityContext={"runAsNonRoot": False}),
            'runAsNonRoot != true (pod and container "a" must not set securityContext.runAsNonRoot=false)',
            id="root",
        ),
        pytest.param(
            pod(hardened(runAsUser=0), securityContext={"runAsUser": 0}),
            'runAsUser=0 (pod and container "c" must not set runAsUser=0)',
            id="root by number",
        ),
        pytest.param(pod(hardened(runAsUser=0, runAsNonRoot=False), hostUsers=False), "", id="root among own users"),
        pytest.param(
            pod(hardened(procMount="Unmasked"), hostUsers=False),
            'procMount (container "c" must not set securityContext.procMount to "Unmasked")',
            id="proc mount even so",
        ),
        pytest.param(
            pod(hardened(seccompProfile={"type": "Unconfined"})),
            'seccompProfile (container "c" must not set securityContext.seccompProfile.type to "Unconfined")',
            id="seccomp",
        ),
        pytest.param(
            pod(
                hardened(),
                volumes=[
                    {"name": "a", "hostPath": {"path": "/"}},
                    {"name": "b", "nfs": {"server": "s", "path": "/"}},
                    {"name": "c", "secret": {"secretName": "s"}},
                    {"name": "d"},
                ],
            ),
            'restricted volume types (volumes "a", "b", "d" use restricted volume types "hostPath", "nfs", "unknown")',
            id="volumes",
        ),
        pytest.param(
            pod(
                hardened(allowPrivilegeEscalation=None, capabilities=None, seccompProfile=None), os={"name": "windows"}
            ),
            "",
            id="windows",
        ),
    ],
)  # fmt: skip
def test_restricted(obj: Object, expected: str) -> None:
    assert check(RESTRICTED, obj) == expected


@pytest.mark.parametrize(
    ("level", "obj", "minor", "newest", "forbidden"),
    [
        pytest.param("baseline", pod(container(livenessProbe={"httpGet": {"host": "x"}})), 33, 36, False, id="before"),
        pytest.param("baseline", pod(container(livenessProbe={"httpGet": {"host": "x"}})), 34, 36, True, id="since"),
        pytest.param(
            "baseline",
            pod(container(livenessProbe={"httpGet": {"host": "x"}})),
            LATEST,
            33,
            False,
            id="a server knows no later version",
        ),
        pytest.param(
            "baseline",
            pod(securityContext={"sysctls": [{"name": "net.ipv4.tcp_rmem"}]}),
            31,
            36,
            True,
            id="sysctls before",
        ),
        pytest.param(
            "baseline",
            pod(annotations={"seccomp.security.alpha.kubernetes.io/pod": "unconfined"}),
            18,
            36,
            True,
            id="seccomp annotations",
        ),
        pytest.param("baseline", pod(secured(seccompProfile={"type": "Unconfined"})), 18, 36, False, id="no fields"),
        pytest.param("restricted", pod(hardened(runAsUser=0)), 22, 36, False, id="root by number before"),
        pytest.param(
            "restricted", pod(hardened(allowPrivilegeEscalation=None), os={"name": "windows"}), 24, 36, True, id="os"
        ),
    ],
)
def test_versions_of_checks(level: str, obj: Object, minor: int, newest: int, forbidden: bool) -> None:
    assert bool(check(Standard(level, minor), obj, newest)) == forbidden


# Updates and order


@pytest.mark.parametrize(
    ("new", "old", "significant"),
    [
        pytest.param(pod(), pod(), False, id="nothing"),
        pytest.param(pod(container(image="j")), pod(), True, id="image"),
        pytest.param(pod(initContainers=[container("i")]), pod(), True, id="another init container"),
        pytest.param(pod(ephemeralContainers=[container("d")]), pod(), True, id="one more"),
        pytest.param(
            pod(ephemeralContainers=[container("d")]), pod(ephemeralContainers=[container("d")]), False, id="the same"
        ),
        pytest.param(pod(activeDeadlineSeconds=1), pod(), False, id="something else"),
    ],
)
def test_is_significant(new: Object, old: Object, significant: bool) -> None:
    assert is_significant(new, old) == significant


def test_pods_of_one_controller_come_last() -> None:
    def named(name: str, owner: str = "") -> Object:
        references = [{"uid": owner, "controller": True}] if owner else []
        return {"metadata": {"name": name, "ownerReferences": references}}

    pods = [named("a", "1"), named("b", "1"), named("c"), named("d", "2")]
    assert [each["metadata"]["name"] for each in one_of_each_first(pods)] == ["a", "c", "d", "b"]


# Requests


@pytest.fixture
async def world() -> AsyncIterator[ApiWorld]:
    async with api_world() as world:
        yield world


async def label(world: ApiWorld, **modes: str) -> None:
    await world.client.patch(NAMESPACES, "", "default", {"metadata": {"labels": labels(**modes)}})


async def warnings(world: ApiWorld, gvr: GroupVersionResource, obj: Object, old: Object | None = None) -> list[str]:
    """What a create or an update of it is warned of."""
    resource = world.registry.catalog.find(gvr)
    assert resource is not None
    ctx = Context(world.registry, resource, "create", "default" if resource.namespaced else "")
    await PLUGIN.validate(ctx, obj, old)
    return ctx.warnings


async def test_pods_are_refused(world: ApiWorld) -> None:
    await label(world, enforce="baseline")
    with pytest.raises(StatusError) as caught:
        await world.client.create(PODS, pod(hostPID=True))
    assert (caught.value.code, str(caught.value)) == (
        403,
        'pods "p" is forbidden: violates PodSecurity "baseline:latest": host namespaces (hostPID=true)',
    )
    await world.client.create(PODS, pod())


async def test_a_generated_name_is_told(world: ApiWorld) -> None:
    await label(world, enforce="baseline")
    made = pod(hostPID=True)
    made["metadata"] = {"generateName": "web-", "namespace": "default"}
    with pytest.raises(StatusError, match=r'^pods "web-[a-z0-9]{5}" is forbidden'):
        await world.client.create(PODS, made)


async def test_pods_are_warned(world: ApiWorld) -> None:
    await label(world, enforce="privileged", warn="baseline")
    assert await warnings(world, PODS, pod(hostPID=True)) == [
        'would violate PodSecurity "baseline:latest": host namespaces (hostPID=true)'
    ]


@pytest.mark.parametrize(
    ("kind", "path"),
    [
        pytest.param("apps/deployments", ("spec", "template"), id="deployment"),
        pytest.param("batch/cronjobs", ("spec", "jobTemplate", "spec", "template"), id="cron job"),
        pytest.param("/podtemplates", ("template",), id="pod template"),
    ],
)
async def test_what_makes_pods_is_warned_only(world: ApiWorld, kind: str, path: tuple[str, ...]) -> None:
    await label(world, enforce="baseline")
    made = pod(hostPID=True)
    for field in reversed(path):
        made = {field: made}
    group, _, plural = kind.partition("/")
    found = await warnings(world, GroupVersionResource(group, "v1", plural), made)
    assert found == ['would violate PodSecurity "baseline:latest": host namespaces (hostPID=true)']


async def test_what_makes_pods_may_have_no_template(world: ApiWorld) -> None:
    await label(world, enforce="baseline")
    assert await warnings(world, GroupVersionResource("", "v1", "replicationcontrollers"), {"spec": {}}) == []


async def test_an_ephemeral_container_is_looked_at(world: ApiWorld) -> None:
    await world.client.create(PODS, pod())
    await label(world, enforce="baseline")
    debugger = {"spec": {"ephemeralContainers": [secured("d", privileged=True)]}}
    with pytest.raises(StatusError, match='container "d" must not set'):
        await world.client.patch(PODS, "default", "p", debugger, subresource="ephemeralcontainers")


async def test_a_stricter_namespace_tells_of_its_pods(world: ApiWorld) -> None:
    for name in ("b", "a", "c", "d"):
        made = pod(hostPID=True, hostNetwork=name == "d")
        made["metadata"]["name"] = name
        await world.client.create(PODS, made)

    def namespace(**modes: str) -> Object:
        return {"metadata": {"name": "default", "labels": labels(**modes)}}

    privileged, baseline = namespace(enforce="privileged"), namespace(enforce="baseline")
    assert await warnings(world, NAMESPACES, baseline, privileged) == [
        'existing pods in namespace "default" violate the new PodSecurity enforce level "baseline:latest"',
        "a (and 3 other pods): host namespaces",
    ]
    assert await warnings(world, NAMESPACES, namespace(enforce="baseline", warn="restricted"), baseline) == []
    assert await warnings(world, NAMESPACES, privileged, baseline) == []
    assert await warnings(world, NAMESPACES, baseline, namespace(enforce="restricted")) == []
    older = namespace(enforce="baseline", enforce_version="v1.20")
    assert len(await warnings(world, NAMESPACES, older, namespace(enforce="restricted"))) == 2


async def test_many_pods_are_not_all_looked_at(world: ApiWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plugin, "MOST_PODS", 1)
    for name in ("a", "b"):
        made = pod(hostPID=True)
        made["metadata"]["name"] = name
        await world.client.create(PODS, made)
    strict: Object = {"metadata": {"name": "default", "labels": labels(enforce="baseline")}}
    assert await warnings(world, NAMESPACES, strict, {"metadata": {"name": "default"}}) == [
        "new PodSecurity enforce level only checked against the first 1 of 2 existing pods",
        'existing pods in namespace "default" violate the new PodSecurity enforce level "baseline:latest"',
        "a: host namespaces",
    ]


async def test_labels_must_be_right(world: ApiWorld) -> None:
    with pytest.raises(StatusError) as caught:
        await label(world, enforce="strict")
    assert (caught.value.code, str(caught.value)) == (
        422,
        'Namespace "default" is invalid: metadata.labels[pod-security.kubernetes.io/enforce]: Invalid value: "strict": '
        "must be one of privileged, baseline, restricted",
    )
