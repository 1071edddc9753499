"""Into running containers: logs, exec, attach, cp, port-forward, debug, proxies."""

from __future__ import annotations

import json
import re
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.served import Kubectl, Served

COUNTER = 'i=0; while true; do echo "count $i"; i=$((i+1)); sleep 1; done'

SPDY = {"KUBECTL_REMOTE_COMMAND_WEBSOCKETS": "false", "KUBECTL_PORT_FORWARD_WEBSOCKETS": "false"}
"""How kubectl is told to speak as it did before 1.30."""

over_both = pytest.mark.parametrize("env", [pytest.param({}, id="websocket"), pytest.param(SPDY, id="spdy")])


@pytest.fixture
def box(kubectl: Kubectl) -> Kubectl:
    """kubectl where a pod named "box" runs, with a ConfigMap mounted."""
    kubectl("create", "configmap", "settings", "--from-literal=color=blue")
    overrides = {
        "spec": {
            "containers": [
                {
                    "name": "box",
                    "image": "busybox",
                    "command": ["sh", "-c", COUNTER],
                    "env": [{"name": "GREETING", "value": "hi there"}],
                    "volumeMounts": [{"name": "settings", "mountPath": "/etc/settings"}],
                }
            ],
            "volumes": [{"name": "settings", "configMap": {"name": "settings"}}],
        }
    }
    kubectl("run", "box", "--image=busybox", "--overrides", json.dumps(overrides))
    kubectl("wait", "--for=condition=Ready", "pod/box", "--timeout=20s")
    return kubectl


# Logs


def test_logs_are_followed(box: Kubectl) -> None:
    with box.start("logs", "box", "-f", "--timestamps") as process:
        assert process.stdout is not None
        lines = [process.stdout.readline() for _ in range(3)]
        process.terminate()
    assert [line.split(" ", 1)[1] for line in lines] == ["count 0\n", "count 1\n", "count 2\n"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z", lines[0].split()[0])


def test_logs_end_with_the_container(kubectl: Kubectl) -> None:
    kubectl(
        "run",
        "short",
        "--image=busybox",
        "--restart=Never",
        "--",
        "sh",
        "-c",
        "echo one; echo two >&2; sleep 1; exit 3",
    )
    kubectl("wait", "--for=jsonpath={.status.phase}=Running", "pod/short", "--timeout=20s")
    assert kubectl("logs", "short", "-f") == "one\ntwo\n"
    kubectl("wait", "--for=jsonpath={.status.phase}=Failed", "pod/short", "--timeout=20s")
    assert kubectl("logs", "short", "--tail=1") == "two\n"
    assert kubectl("logs", "short", "--limit-bytes=2") == "on"
    code = "jsonpath={.status.containerStatuses[0].state.terminated.exitCode}"
    assert kubectl("get", "pod", "short", "-o", code) == "3"


def test_logs_of_the_life_before(kubectl: Kubectl) -> None:
    kubectl("run", "crasher", "--image=busybox", "--", "sh", "-c", "date +%s%N >/dev/null; echo life; exit 1")
    kubectl("wait", "--for=jsonpath={.status.containerStatuses[0].restartCount}=1", "pod/crasher", "--timeout=20s")
    assert kubectl("logs", "crasher", "--previous") == "life\n"


def test_a_job_s_output(kubectl: Kubectl) -> None:
    kubectl("create", "job", "pi", "--image=perl", "--", "echo", "3.14159")
    kubectl("wait", "--for=condition=Complete", "job/pi", "--timeout=20s")
    assert kubectl("logs", "job/pi") == "3.14159\n"


# Exec


@over_both
def test_exec(box: Kubectl, env: dict[str, str]) -> None:
    assert box("exec", "box", "--", "cat", "/etc/settings/color", env=env) == "blue"
    assert box("exec", "box", "--", "sh", "-c", "echo $GREETING; hostname", env=env) == "hi there\nbox\n"
    assert box("exec", "-i", "box", "--", "cat", input="from outside\n", env=env) == "from outside\n"
    assert box("exec", "box", "--", "ls", "/etc/settings", env=env) == "color\n"


@over_both
def test_exec_tells_exit_codes_and_errors(box: Kubectl, env: dict[str, str]) -> None:
    done = box.run("exec", "box", "--", "sh", "-c", "echo oh >&2; exit 7", env=env)
    assert (done.returncode, done.stderr) == (7, "oh\ncommand terminated with exit code 7\n")
    done = box.run("exec", "box", "--", "nosuch", env=env)
    assert done.returncode == 1
    assert 'exec: "nosuch": executable file not found in $PATH' in done.stderr
    assert "container nosuch is not valid for pod box" in box.fails("exec", "box", "-c", "nosuch", "--", "true")


def test_exec_of_a_simulated_image(kubectl: Kubectl) -> None:
    kubectl("run", "web", "--image=nginx")
    kubectl("wait", "--for=condition=Ready", "pod/web", "--timeout=20s")
    assert kubectl("exec", "web", "--", "printenv", "HOSTNAME") == "web\n"
    assert kubectl("exec", "web", "--", "sh", "-c", "echo kept > /tmp/a") == ""
    assert kubectl("exec", "web", "--", "cat", "/tmp/a") == "kept\n"
    assert kubectl("exec", "web", "--", "ls", "/var/run/secrets/kubernetes.io/serviceaccount").split() == [
        "ca.crt",
        "namespace",
        "token",
    ]


def test_an_interactive_shell(box: Kubectl) -> None:
    script = "echo one\ncd /etc/settings\nls\nfalse\necho $?\nexit 4\n"
    done = box.run("exec", "-i", "box", "--", "sh", input=script)
    assert (done.returncode, done.stdout) == (4, "one\ncolor\n1\n")


# Files


@over_both
def test_cp(box: Kubectl, tmp_path: Path, env: dict[str, str]) -> None:
    source = tmp_path / "source"
    (source / "deep").mkdir(parents=True)
    (source / "a.txt").write_text("a\n")
    (source / "deep" / "b.bin").write_bytes(bytes(range(256)) * 1000)
    box("cp", str(source), "box:/tmp/copied", env=env)
    assert box("exec", "box", "--", "sh", "-c", "cat /tmp/copied/a.txt; ls /tmp/copied/deep", env=env) == "a\nb.bin\n"
    box("cp", "box:/tmp/copied", str(tmp_path / "back"), env=env)
    assert (tmp_path / "back" / "deep" / "b.bin").read_bytes() == bytes(range(256)) * 1000
    skipped = box.run("cp", "box:/etc/settings/color", str(tmp_path / "color"), env=env).stderr
    assert f'warning: skipping symlink: "{tmp_path}/color" -> "..data/color"' in skipped
    box("cp", "box:/etc/settings/..data/color", str(tmp_path / "color"), env=env)
    assert (tmp_path / "color").read_text() == "blue"


# Ports and proxies


@contextmanager
def forwarded(kubectl: Kubectl, what: str, port: int, env: dict[str, str]) -> Iterator[str]:
    """The URL at which a port is while the block runs."""
    with kubectl.start("port-forward", what, f":{port}", env=env) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        found = re.search(r"127\.0\.0\.1:(\d+) -> (\d+)", line)
        assert found is not None, line
        try:
            yield f"http://127.0.0.1:{found[1]}"
        finally:
            process.terminate()


def get(url: str) -> str:
    with urllib.request.urlopen(url, timeout=20) as response:
        body: str = response.read().decode()
    return body


@over_both
def test_hello_world_answers_through_port_forward(kubectl: Kubectl, examples: Path, env: dict[str, str]) -> None:
    kubectl("apply", "-f", str(examples / "hello-world.yaml"))
    kubectl("rollout", "status", "deployment/hello-world", "--timeout=20s")
    with forwarded(kubectl, "service/hello-world", 80, env) as url:
        assert [get(url) for _ in range(3)] == ["Hello, World!\n"] * 3
    logs = kubectl("logs", "-l", "app=hello-world", "--tail=-1").splitlines()
    assert logs.count("listening on 8080") == 3
    assert logs.count("said hello") == 3


def test_a_port_that_nobody_listens_on(box: Kubectl) -> None:
    with forwarded(box, "pod/box", 81, {}) as url, pytest.raises(OSError):
        get(url)


def test_pods_reach_services(kubectl: Kubectl, examples: Path) -> None:
    kubectl("apply", "-f", str(examples / "hello-world.yaml"))
    kubectl("rollout", "status", "deployment/hello-world", "--timeout=20s")
    kubectl("run", "client", "--image=busybox", "--", "sleep", "infinity")
    kubectl("wait", "--for=condition=Ready", "pod/client", "--timeout=20s")
    assert kubectl("exec", "client", "--", "wget", "-qO-", "http://hello-world") == "Hello, World!\n"
    assert kubectl("exec", "client", "--", "curl", "-s", f"hello-world.{kubectl.namespace}.svc") == "Hello, World!\n"
    fetched = kubectl(
        "run", "fetch", "-i", "--rm", "--restart=Never", "--image=busybox", "--", "wget", "-qO-", "hello-world"
    )
    assert "Hello, World!\n" in fetched
    done = kubectl.run("exec", "client", "--", "wget", "-qO-", "http://nosuch")
    assert done.returncode == 1 and "nosuch" in done.stderr


def test_proxies(kubectl: Kubectl, served: Served, examples: Path) -> None:
    kubectl("apply", "-f", str(examples / "hello-world.yaml"))
    kubectl("rollout", "status", "deployment/hello-world", "--timeout=20s")
    namespace = f"/api/v1/namespaces/{kubectl.namespace}"
    for path in (f"{namespace}/services/hello-world:80/proxy/", f"{namespace}/services/hello-world:http/proxy/x?y=z"):
        assert get(served.url + path) == "Hello, World!\n"
    kubectl("run", "web", "--image=nginx", "--port=80")
    kubectl("wait", "--for=condition=Ready", "pod/web", "--timeout=20s")
    kubectl("exec", "web", "--", "sh", "-c", "echo hello > /usr/share/nginx/html/index.html")
    assert get(f"{served.url}{namespace}/pods/web/proxy/") == "hello\n"
    assert get(f"{served.url}{namespace}/pods/web:80/proxy/") == "hello\n"
    assert kubectl("get", "--raw", "/api/v1/nodes/node-1/proxy/healthz") == "ok"
    listed = json.loads(kubectl("get", "--raw", "/api/v1/nodes/node-1/proxy/pods"))
    assert listed["kind"] == "PodList"
    failed = kubectl.fails("get", "--raw", f"{namespace}/pods/web:81/proxy/")
    assert "error trying to reach service: dial tcp" in failed and "connection refused" in failed


# Containers that come later


def test_run_and_attach(kubectl: Kubectl) -> None:
    done = kubectl.run(
        "run", "tmp", "-i", "--rm", "--restart=Never", "--image=busybox", "--", "sh", input="echo hi\nexit 3\n"
    )
    assert "hi\n" in done.stdout
    assert done.returncode == 3
    assert kubectl.json("get", "pods")["items"] == []


def test_attach_shows_what_is_written(box: Kubectl) -> None:
    with box.start("attach", "box") as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        process.terminate()
    assert re.fullmatch(r"count \d+\n", line)


def test_debug(kubectl: Kubectl) -> None:
    kubectl("run", "web", "--image=nginx")
    kubectl("wait", "--for=condition=Ready", "pod/web", "--timeout=20s")
    done = kubectl.run("debug", "web", "-i", "--image=busybox", "--container=dbg", "--", "sh", input="hostname\nexit\n")
    assert done.returncode == 0, done.stderr
    assert "web\n" in done.stdout
    names = "jsonpath={.spec.ephemeralContainers[*].name}"
    assert kubectl("get", "pod", "web", "-o", names) == "dbg"
