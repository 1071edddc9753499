"""`minikube-py serve`: its files, its flags, and how it ends."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.served import SERVE, Kubectl, Served


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[..., Served]]:
    """Start one with these flags; it ends with the test."""
    started: list[Served] = []

    def start(*flags: str) -> Served:
        started.append(Served(tmp_path, *flags))
        return started[-1]

    yield start
    for each in started:
        assert each.stop() == ""


def refused(*flags: str) -> tuple[int, str]:
    """Exit status and standard error of a start that fails."""
    done = subprocess.run([*SERVE, *flags], capture_output=True, text=True, timeout=20)
    assert done.stdout == ""
    return done.returncode, done.stderr


def test_tells_how_to_reach_and_to_stop_it(serve: Callable[..., Served]) -> None:
    served = serve("--nodes", "5")
    assert served.printed == [
        f"Kubernetes 1.37 control plane on {served.url}, 5 simulated nodes\n",
        f"  kubectl --kubeconfig={served.kubeconfig} get nodes\n",
        "Stop it with Ctrl-C.\n",
    ]
    assert len(served.request("/api/v1/nodes")["items"]) == 5


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ends_at_once_and_cleanly(serve: Callable[..., Served], number: signal.Signals) -> None:
    served = serve()
    address = ("127.0.0.1", int(served.url.rpartition(":")[2]))
    with socket.create_connection(address) as watch:
        watch.sendall(b"GET /api/v1/pods?watch=true HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert watch.recv(100).startswith(b"HTTP/1.1 200")  # an open watch does not hold it up
        assert served.ready_file.exists()
        served.process.send_signal(number)
        assert served.process.wait(5) == 0
    assert not served.ready_file.exists()


def test_ready_file(serve: Callable[..., Served]) -> None:
    served = serve()
    assert served.ready_file.read_text() == served.url + "\n"
    assert served.request("/version")["major"] == "1"
    assert [file.name for file in served.ready_file.parent.iterdir() if file.name.startswith(".ready")] == []


def test_kubeconfig(serve: Callable[..., Served], tmp_path: Path) -> None:
    served = serve()
    assert Kubectl(tmp_path, served.kubeconfig)("get", "namespace", "default", "-o", "name") == "namespace/default\n"
    assert Kubectl(tmp_path, served.kubeconfig)("config", "current-context") == "minikube-py\n"


def test_flags_that_are_options(serve: Callable[..., Served]) -> None:
    served = serve(
        "--nodes=1",
        "--controllers=*,-deployment-controller",
        "--kubernetes-version=1.34",
        "--service-cluster-ip-range=10.7.0.0/24",
        "--service-node-port-range=31000-31009",
        "--seed=3",
        "--clock=virtual",
    )
    assert served.request("/version")["minor"] == "34"
    spec = {"type": "NodePort", "ports": [{"port": 80}]}
    service = served.request("/api/v1/namespaces/default/services", {"metadata": {"name": "web"}, "spec": spec})
    assert service["spec"]["clusterIP"].startswith("10.7.0.")
    assert 31000 <= service["spec"]["ports"][0]["nodePort"] <= 31009
    before = served.request("/minikube-py/advance", {"seconds": 0})["now"]
    assert served.request("/minikube-py/advance", {"seconds": 60})["now"] == before + 60
    template = {"metadata": {"labels": {"a": "b"}}, "spec": {"containers": [{"name": "a", "image": "a"}]}}
    deployment = {"metadata": {"name": "web"}, "spec": {"selector": {"matchLabels": {"a": "b"}}, "template": template}}
    served.request("/apis/apps/v1/namespaces/default/deployments", deployment)
    served.settle()
    assert served.request("/apis/apps/v1/namespaces/default/replicasets")["items"] == []


def test_the_same_seed_gives_the_same_uids(tmp_path_factory: pytest.TempPathFactory) -> None:
    uids = []
    for _ in range(2):
        served = Served(tmp_path_factory.mktemp("seed"), "--seed=42", "--clock=virtual")
        uids.append(served.request("/api/v1/namespaces/default")["metadata"]["uid"])
        served.stop()
    assert uids[0] == uids[1]


def test_manifests(serve: Callable[..., Served], tmp_path: Path, examples: Path) -> None:
    folder = tmp_path / "manifests"
    folder.mkdir()
    (folder / "settings.yaml").write_text("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\n---\n---\n")
    (folder / "notes.txt").write_text("not a manifest")
    listed = {"apiVersion": "v1", "kind": "List", "items": [
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "team"}},
        {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "theirs", "namespace": "team"}},
    ]}  # fmt: skip
    (folder / "team.json").write_text(json.dumps(listed))
    served = serve("--manifests", str(folder), "--manifests", str(examples / "hello-world.yaml"))
    served.settle()
    for path in ("default/configmaps/settings", "team/configmaps/theirs", "default/services/hello-world"):
        assert served.request(f"/api/v1/namespaces/{path}")["metadata"]["uid"]
    deployment = served.request("/apis/apps/v1/namespaces/default/deployments/hello-world")
    assert deployment["status"]["readyReplicas"] == 3


def test_stages(serve: Callable[..., Served], tmp_path: Path) -> None:
    stage = {
        "apiVersion": "kwok.x-k8s.io/v1alpha1",
        "kind": "Stage",
        "metadata": {"name": "failed"},
        "spec": {
            "resourceRef": {"apiGroup": "v1", "kind": "Pod"},
            "selector": {"matchExpressions": [{"key": ".status.phase", "operator": "In", "values": ["Pending"]}]},
            "next": {"statusTemplate": "phase: Failed"},
        },
    }
    file = tmp_path / "stages.json"
    file.write_text(json.dumps(stage))
    pod = {"metadata": {"name": "a"}, "spec": {"containers": [{"name": "web", "image": "web:1"}]}}
    served = serve("--stages", str(file), "--clock=virtual")
    served.request("/api/v1/namespaces/default/pods", pod)
    served.settle()
    assert served.request("/api/v1/namespaces/default/pods/a")["status"]["phase"] == "Failed"
    assert served.request("/apis/kwok.x-k8s.io/v1alpha1/stages/failed")["metadata"]["uid"]


@pytest.mark.parametrize(
    ("flags", "complaint"),
    [
        pytest.param(("--nodes=-1",), "--nodes: Input should be greater than or equal to 0", id="nodes"),
        pytest.param(
            ("--kubernetes-version=1.9",),
            "--kubernetes-version: Kubernetes 1.9 is not known; there are 1.25 to 1.37",
            id="version",
        ),
        pytest.param(
            ("--service-cluster-ip-range=10.0.0.0/30",),
            "--service-cluster-ip-range: 10.0.0.0/30 has too few addresses for services",
            id="too small a range",
        ),
        pytest.param(
            ("--service-cluster-ip-range=everywhere",),
            "--service-cluster-ip-range: 'everywhere' does not appear to be an IPv4 or IPv6 network",
            id="no range",
        ),
        pytest.param(
            ("--service-node-port-range=9-1",),
            "--service-node-port-range: 9-1 is no range of ports such as 30000-32767",
            id="ports",
        ),
        pytest.param(
            ("--scheduler-config=nowhere.yaml",),
            "--scheduler-config: cannot read nowhere.yaml: No such file or directory",
            id="no scheduler configuration",
        ),
        pytest.param(("--address=example.com",), "--address: example.com is no IP address", id="no address"),
        pytest.param(
            ("--address=0.0.0.0",),
            "--address 0.0.0.0 can be reached from other machines, and whoever reaches it is the administrator; add "
            "--insecure-allow-remote if that is what you want",
            id="remote",
        ),
        pytest.param(
            ("--manifests=nowhere.yaml",),
            "--manifests: cannot read nowhere.yaml: No such file or directory",
            id="no such manifest",
        ),
        pytest.param(
            ("--port=0", "--ready-file=/nowhere/ready"),
            "--ready-file: cannot write /nowhere/ready: No such file or directory",
            id="ready file",
        ),
    ],
)
def test_one_clear_line(flags: tuple[str, ...], complaint: str) -> None:
    assert refused(*flags) == (1, f"minikube-py: {complaint}\n")


@pytest.mark.parametrize(
    ("flags", "complaint"),
    [
        pytest.param(("--port=http",), "argument --port: http is no port", id="port"),
        pytest.param(("--port=65536",), "argument --port: 65536 is no port", id="port too high"),
        pytest.param(("--nodes=many",), "argument --nodes: invalid int value: 'many'", id="nodes"),
        pytest.param(("--clock=sundial",), "argument --clock: invalid choice: 'sundial'", id="clock"),
        pytest.param(("--colour=red",), "unrecognized arguments: --colour=red", id="unknown"),
    ],
)
def test_bad_usage(flags: tuple[str, ...], complaint: str) -> None:
    status, said = refused(*flags)
    assert status == 2
    assert complaint in said.splitlines()[-1]


def test_unknown_controllers() -> None:
    complaint = 'minikube-py: "flux-capacitor" is not in the list of known controllers\n'
    assert refused("--port=0", "--controllers=*,-flux-capacitor") == (1, complaint)


def test_a_port_in_use() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        complaint = f"minikube-py: port {port} on 127.0.0.1 is in use; choose another with --port\n"
        assert refused(f"--port={port}") == (1, complaint)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        pytest.param("a: [", "is not YAML: while parsing a flow node", id="no yaml"),
        pytest.param("a: 1\n", "has a document without apiVersion and kind", id="no object"),
        pytest.param("- 1\n", "has a document without apiVersion and kind", id="a list"),
        pytest.param(
            "apiVersion: v1\nkind: Unheard\nmetadata: {name: x}\n",
            "Unheard x: no kind Unheard in v1",
            id="unknown kind",
        ),
        pytest.param(
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x, namespace: nowhere}\n",
            'ConfigMap x: namespaces "nowhere" not found',
            id="refused",
        ),
    ],
)
def test_manifests_that_cannot_be_applied(tmp_path: Path, text: str, complaint: str) -> None:
    file = tmp_path / "bad.yaml"
    file.write_text(text)
    status, said = refused("--port=0", f"--manifests={file}")
    assert status == 1
    assert said.startswith("minikube-py: --manifests: ")
    assert complaint in said
    assert said.count("\n") == 1


def test_version_and_help() -> None:
    for flag in ("--version", "--help"):
        done = subprocess.run([sys.executable, "-m", "minikube_py.cli", flag], capture_output=True, text=True)
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout.startswith(("minikube-py 0", "usage: minikube-py"))


def test_help_imports_nothing_heavy() -> None:
    program = (
        "import sys, minikube_py.cli as cli\n"
        "try: cli.main(['--help'])\n"
        "except SystemExit: pass\n"
        "sys.exit(str({'aiohttp', 'pydantic', 'orjson', 'yaml'} & set(sys.modules) or '') or None)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
