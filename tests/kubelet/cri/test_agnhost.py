"""agnhost's subcommands, as containers and by exec."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from minikube_py.cluster import Cluster
from minikube_py.controllers.kubelet.cri.agnhost.filemode import written
from minikube_py.controllers.kubelet.cri.agnhost.flags import Duration, Misused, parse
from minikube_py.controllers.kubelet.cri.agnhost.http import sniffed
from minikube_py.controllers.kubelet.cri.filesystem import Stat
from minikube_py.controllers.kubelet.shell.commands import copying
from minikube_py.machinery.wellknown import EVENTS, PODS, SERVICES
from tests.kubelet.cri.programs import cluster_with, log_of, pod, run_in, state_of

AGNHOST = "registry.k8s.io/e2e-test-images/agnhost:2.63.0"


@pytest.fixture
async def cluster() -> AsyncIterator[Cluster]:
    async with cluster_with() as made:
        yield made


async def started(cluster: Cluster, name: str, *args: str, image: str = AGNHOST, **rest: Any) -> str:
    """Its address."""
    await cluster.client.create(PODS, pod(name, image, args=list(args), labels={"app": name}, **rest))
    await cluster.settle()
    address: str = (await cluster.client.get(PODS, "default", name))["status"]["podIP"]
    return address


@pytest.mark.parametrize(
    ("words", "flags", "operands"),
    [
        pytest.param(["--port=80", "--on"], {"port": 80, "on": True, "wait": 0.0}, 0, id="with ="),
        pytest.param(["--port", "80", "--on=false"], {"port": 80, "on": False, "wait": 0.0}, 0, id="without"),
        pytest.param(["-p", "80", "a", "--wait=1m30s"], {"port": 80, "on": False, "wait": 90.0}, 1, id="short"),
        pytest.param(["--", "--port"], {"port": 1, "on": False, "wait": 0.0}, 1, id="operands only"),
        pytest.param(["--nonsense"], "unknown flag: --nonsense", 0, id="unknown"),
        pytest.param(["--port"], "flag needs an argument: --port", 0, id="no value"),
        pytest.param(["--port=a"], 'invalid argument "a" for "--port" flag', 0, id="no number"),
        pytest.param(["a"], "accepts 0 arg(s), received 1", 0, id="too many"),
    ],
)
def test_flags(words: list[str], flags: dict[str, Any] | str, operands: int) -> None:
    defaults = {"port": 1, "on": False, "wait": Duration(0)}
    if isinstance(flags, str):
        with pytest.raises(Misused) as raised:
            parse(words, defaults, {"p": "port"}, operands)
        assert str(raised.value) == flags
    else:
        assert parse(words, defaults, {"p": "port"}, operands)[0] == flags


def test_modes_as_go_writes_them() -> None:
    modes = ((False, 0o644), (True, 0o1777), (True, 0o3777), (False, 0o400))
    told = [written(Stat(is_dir, 0, mode, 0.0)) for is_dir, mode in modes]
    assert told == ["-rw-r--r--", "dtrwxrwxrwx", "dgtrwxrwxrwx", "-r--------"]


def test_types_as_go_sniffs_them() -> None:
    texts = (b"  <A href='/'>x</A>", b"<abbr>", b"<!-- x", b"<?xml?>", b"hello", b"{}", b"\x00\x01", b"")
    told = [sniffed(text).partition(";")[0] for text in texts]
    html, plain = "text/html", "text/plain"
    assert told == [html, plain, html, "text/xml", plain, plain, "application/octet-stream", plain]


async def test_pauses_by_default_and_says_that_it_goes(cluster: Cluster) -> None:
    await cluster.client.create(PODS, pod("a", AGNHOST, terminationMessagePolicy="FallbackToLogsOnError"))
    await cluster.settle()
    assert await log_of(cluster, "a") == "Paused\nSignals registered\n"
    assert await run_in(cluster, "a", "/agnhost", "entrypoint-tester", "x") == (0, "[/agnhost entrypoint-tester x]\n")
    assert (await run_in(cluster, "a", "/agnhost", "nonsense"))[0] == 1
    assert await run_in(cluster, "a", "sh", "-c", "kill 1") == (0, "")
    await cluster.settle()
    last = (await state_of(cluster, "a"))["lastState"]["terminated"]
    assert (last["exitCode"], last["message"]) == (2, 'exiting because of signal "terminated"\n')


async def test_words_of_its_own_and_of_the_image(cluster: Cluster) -> None:
    for name, rest in (
        ("a", {"args": ["entrypoint-tester", "override", "arguments"]}),
        ("b", {"command": ["/agnhost-2", "entrypoint-tester"]}),
        ("c", {"command": ["/agnhost-2"], "args": ["entrypoint-tester", "$(KUBERNETES_SERVICE_PORT)"]}),
    ):
        await cluster.client.create(PODS, pod(name, AGNHOST, restart="Never", **rest))
    await cluster.settle()
    assert await log_of(cluster, "a") == "[/agnhost entrypoint-tester override arguments]\n"
    assert await log_of(cluster, "b") == "[/agnhost-2 entrypoint-tester]\n"
    assert await log_of(cluster, "c") == "[/agnhost-2 entrypoint-tester 443]\n"


async def test_netexec_answers(cluster: Cluster) -> None:
    server = await started(cluster, "a", "netexec", "--http-port=80", "--udp-port", "81")
    client = await started(cluster, "b", "pause")

    async def get(path: str, *options: str) -> str:
        code, said = await run_in(cluster, "b", "curl", "-g", "-q", "-s", *options, f"http://{server}:80{path}")
        assert code == 0
        return said

    assert await get("/hostname") == "a"
    assert await get("/echo?msg=one&code=418", "-w", "%{http_code}") == "one418"
    assert (await get("/clientip")).startswith(f"{client}:")
    assert await get("/header?key=a", "-HA: b") == "b"
    assert json.loads(await get("/header"))["Accept"] == ["*/*"]
    assert json.loads(await get("/shell?cmd=echo%20hi;%20exit%203")) == {"output": "hi\n", "error": "exit status 3"}
    assert await get("/healthz", "-w", "%{http_code}") == "200"
    assert json.loads(await get(f"/dial?host={server}&port=81&protocol=udp&request=hostname&tries=2")) == {
        "responses": ["a", "a"]
    }
    assert json.loads(await get(f"/dial?host={server}&port=80&request=echo?msg=two")) == {"responses": ["two"]}
    assert (
        "connection refused" in json.loads(await get(f"/dial?host={server}&port=9&protocol=udp&request=x"))["errors"][0]
    )
    assert await get("/dial?host=nowhere&port=1&request=x", "-w", "%{http_code}") == (
        "host and/or port param are invalid. lookup nowhere: no such host\n400"
    )
    assert await run_in(cluster, "b", "sh", "-c", f"echo hostName | nc -w 1 -u {server} 81") == (0, "a")
    assert "Sending udp hostName response" in await log_of(cluster, "a")


async def test_netexec_goes_when_it_is_asked_to(cluster: Cluster) -> None:
    server = await started(cluster, "a", "netexec", restart="Never")
    await started(cluster, "b", "pause")
    assert (await run_in(cluster, "b", "curl", "-s", f"{server}:8080/exit?code=5"))[0] in (52, 56)
    await cluster.settle()
    assert (await state_of(cluster, "a"))["state"]["terminated"]["exitCode"] == 5


async def test_services_over_tcp_and_udp_on_one_port(cluster: Cluster) -> None:
    await started(cluster, "a", "netexec", "--http-port=80", "--udp-port=80")
    await started(cluster, "b", "pause")
    ports = [{"name": protocol.lower(), "port": 80, "protocol": protocol} for protocol in ("TCP", "UDP")]
    spec = {"type": "NodePort", "selector": {"app": "a"}, "ports": ports}
    made = await cluster.client.create(SERVICES, {"metadata": {"name": "s", "namespace": "default"}, "spec": spec})
    await cluster.settle()
    assert await run_in(cluster, "b", "curl", "-s", "s/hostname") == (0, "a")
    assert await run_in(cluster, "b", "sh", "-c", "echo hostName | nc -u s 80") == (0, "a")
    node = (await cluster.client.get(PODS, "default", "b"))["status"]["hostIP"]
    for port in made["spec"]["ports"]:
        protocol = port["protocol"].lower()
        where = f"{node}:{port['nodePort']}"
        assert await run_in(cluster, "b", "/agnhost", "connect", f"--protocol={protocol}", where) == (0, "")


async def test_connect(cluster: Cluster) -> None:
    server = await started(cluster, "a", "netexec")
    for words, code, said in (
        ([f"{server}:8080"], 0, ""),
        ([f"{server}:8081", "--protocol=udp"], 0, ""),
        ([f"{server}:9"], 1, "REFUSED\n"),
        ([f"{server}:9", "--protocol=udp"], 1, "REFUSED\n"),
        (["nowhere:80"], 1, "DNS: lookup nowhere: no such host\n"),
        (["nowhere"], 1, "UNKNOWN: address nowhere: missing port in address\n"),
    ):
        assert await run_in(cluster, "a", "/agnhost", "connect", *words) == (code, said)


async def test_serve_hostname_and_the_web_server(cluster: Cluster) -> None:
    by_http = await started(cluster, "a", "serve-hostname")
    by_tcp = await started(cluster, "b", "serve-hostname", "--http=false", "--tcp", "--udp", "--port=80")
    pages = await started(cluster, "c", "test-webserver")
    kitten = await started(cluster, "d", image="registry.k8s.io/e2e-test-images/kitten:1.8")
    assert await run_in(cluster, "c", "curl", "-s", f"{by_http}:9376") == (0, "a")
    assert await run_in(cluster, "c", "nc", by_tcp, "80") == (0, "b")
    said = (await run_in(cluster, "c", "sh", "-c", f"echo hostName | nc -v -t -w 2 {by_http} 9376"))[1]
    assert "HTTP/1.0 400 Bad Request" in said
    said = (await run_in(cluster, "c", "sh", "-c", f"printf 'GET / HTTP/1.0\r\n\r\n' | nc {by_http} 9376"))[1]
    assert said.startswith("HTTP/1.0 200 OK") and said.endswith("\r\n\r\na")
    assert await run_in(cluster, "c", "sh", "-c", f"echo | nc -u {by_tcp} 80") == (0, "b")
    assert "BEGIN CERTIFICATE" in (await run_in(cluster, "c", "curl", "-s", f"{pages}/localhost.crt"))[1]
    assert await run_in(cluster, "c", "curl", "-s", f"{pages}/no") == (0, "404 page not found\n")
    assert '<a href="hosts">hosts</a>' in (await run_in(cluster, "c", "curl", "-sL", f"{pages}/etc"))[1]
    assert json.loads((await run_in(cluster, "c", "curl", "-s", f"{kitten}/data.json"))[1]) == {"image": "kitten.jpg"}


async def test_mounttest_looks_at_a_volume(cluster: Cluster) -> None:
    words = ["mounttest", "--file_mode=/v", "--fs_type=/v", "--new_file_0660=/v/a", "--file_perm=/v/a"]
    made = pod("a", AGNHOST, restart="Never", args=words, volumeMounts=[{"name": "v", "mountPath": "/v"}])
    made["spec"]["securityContext"] = {"fsGroup": 123, "runAsUser": 1001}
    made["spec"]["volumes"] = [{"name": "v", "emptyDir": {"medium": "Memory"}}]
    await cluster.client.create(PODS, made)
    await cluster.settle()
    assert (await log_of(cluster, "a")).splitlines() == [
        'mount type of "/v": tmpfs',
        'content of file "/v/a": mount-tester new file',
        "",
        'mode of file "/v": dgtrwxrwxrwx',
        'perms of file "/v/a": -rw-rw----',
    ]
    missing = pod("b", AGNHOST, restart="Never", args=["mounttest", "--file_content=/no", "--file_mode=/no"])
    await cluster.client.create(PODS, missing)
    await cluster.settle()
    assert (await log_of(cluster, "b")).splitlines() == [
        'error from Stat("/no"): stat /no: no such file or directory',
        'error reading file content for "/no": open /no: no such file or directory',
    ]
    assert (await state_of(cluster, "b"))["state"]["terminated"]["exitCode"] == 1


async def test_devices_without_an_end(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(copying, "LARGEST", 200_000)
    await started(cluster, "a")
    for script, said in (
        ("dd if=/dev/zero bs=64k count=3 status=none | wc -c", "196608\n"),
        ("dd if=/dev/zero count=1 bs=20 status=none | hexdump | head -1", f"0000000{' 0000' * 8}\n"),
        ("head -c 4 /dev/urandom | wc -c", "4\n"),
        ('a=$(head -c 9 /dev/urandom | md5sum); test "$a" != "$(head -c 9 /dev/urandom | md5sum)"', ""),
        ("echo x > /dev/zero", ""),
        ("dd if=/dev/zero of=/tmp/a 2>&1", "dd: /tmp/a: No space left on device\n"),
    ):
        assert (await run_in(cluster, "a", "sh", "-c", script))[1] == said, script


async def test_images_that_come_with_a_shell_end_at_once(cluster: Cluster) -> None:
    for number, image in enumerate(
        ("busybox", "alpine:3", "ubuntu", "registry.k8s.io/e2e-test-images/busybox:1.37.0-1")
    ):
        await cluster.client.create(PODS, pod(f"a{number}", image, restart="Never"))
    await cluster.settle()
    found = await cluster.client.list(PODS, "default")
    assert [each["status"]["phase"] for each in found.items] == ["Succeeded"] * 4


async def test_porter(cluster: Cluster) -> None:
    env = [{"name": f"SERVE_{name}", "value": name} for name in ("PORT_80", "TLS_PORT_443", "UDP_PORT_80", "PORT_x")]
    server = await started(cluster, "a", "porter", "--json-response", env=env)
    assert json.loads((await run_in(cluster, "a", "curl", "-sd", "x", server))[1]) == {
        "Method": "POST",
        "Body": "PORT_80",
    }
    assert '"Body":"TLS_PORT_443"' in (await run_in(cluster, "a", "curl", "-sk", f"https://{server}"))[1]
    assert await run_in(cluster, "a", "sh", "-c", f"echo | nc -u {server} 80") == (0, "UDP_PORT_80")


async def test_who_asks_the_api_server_tells_its_token_s_hash(cluster: Cluster) -> None:
    await started(cluster, "a", "inclusterclient", "--poll-interval=5")
    await cluster.advance(11)
    lines = [line.partition("] ")[2] for line in (await log_of(cluster, "a")).splitlines()]
    hashes = [line for line in lines if line.startswith("authz_header=")]
    assert len(hashes) == 2 and len(set(hashes)) == 1 and len(hashes[0]) == len("authz_header=") + 43


async def test_guestbook(cluster: Cluster) -> None:
    for name, args in (("primary", []), ("replica", ["--replicaof", "agnhost-primary"])):
        spec = {"selector": {"app": name}, "ports": [{"port": 6379}]}
        await cluster.client.create(
            SERVICES, {"metadata": {"name": f"agnhost-{name}", "namespace": "default"}, "spec": spec}
        )
        await started(cluster, name, "guestbook", "--http-port", "6379", *args)
    page = f"{await started(cluster, 'front', 'guestbook')}/guestbook"
    await cluster.advance(2)
    for query, said in (
        ("cmd=set&key=a&value=b%20c", '{"message":"Updated"}'),
        ("cmd=get&key=a", '{"data":"b c"}'),
        ("cmd=get", '{"data":{"a":"b c"}}'),
        ("cmd=put", "unsupported cmd: 'put'\n"),
        ("cmd=set", "cannot set with empty key.\n"),
    ):
        assert await run_in(cluster, "front", "curl", "-s", f"{page}?{query}") == (0, said)


async def test_liveness_ends_and_lines_come_with_time(cluster: Cluster) -> None:
    server = await started(cluster, "a", "liveness")
    await started(cluster, "b", "logs-generator", "--log-lines-total=10", "-d", "20s", restart="Never")
    well = ["curl", "-s", f"{server}:8080/healthz"]
    assert await run_in(cluster, "a", *well) == (0, "ok")
    await cluster.advance(11)
    assert (await run_in(cluster, "a", *well))[1].startswith("error: 11")
    lines = (await log_of(cluster, "b")).splitlines()
    assert len(lines) == 6 and "] 5 " in lines[5]
    await cluster.advance(10)
    assert (await state_of(cluster, "b"))["state"]["terminated"]["reason"] == "Completed"
    assert await run_in(cluster, "a", "/agnhost", "dns-suffix") == (
        0,
        "default.svc.cluster.local,svc.cluster.local,cluster.local\n",
    )


async def test_grpc_health(cluster: Cluster) -> None:
    probe = {"grpc": {"port": 5000, "service": "x"}, "periodSeconds": 5, "failureThreshold": 1}
    args = ("grpc-health-checking", "--service=x", "--delay-unhealthy-sec=12")
    server = await started(cluster, "a", *args, readinessProbe=probe)
    await started(cluster, "b", "netexec", readinessProbe={**probe, "grpc": {"port": 8080, "service": ""}})
    await started(cluster, "c", *args, readinessProbe={**probe, "grpc": {"port": 5000}})
    assert [(await state_of(cluster, name))["ready"] for name in "abc"] == [True, False, False]
    await run_in(cluster, "a", "curl", "-s", f"{server}:8080/make-not-serving")
    await cluster.advance(5)
    assert not (await state_of(cluster, "a"))["ready"]
    await run_in(cluster, "a", "curl", "-s", f"{server}:8080/make-serving")
    await cluster.advance(5)
    assert (await state_of(cluster, "a"))["ready"]
    await cluster.advance(5)
    assert not (await state_of(cluster, "a"))["ready"]
    messages = {each["message"] for each in (await cluster.client.list(EVENTS, "default")).items}
    assert 'Readiness probe failed: service unhealthy (responded with "NOT_SERVING")' in messages
    assert any("unknown service" in each for each in messages)
