"""nginx as its image comes."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from minikube_py.cluster import Cluster
from minikube_py.controllers.kubelet.cri.directory import Directory
from minikube_py.controllers.kubelet.cri.filesystem import Files
from minikube_py.controllers.kubelet.cri.nginx import look_up
from minikube_py.controllers.kubelet.cri.nginximage import FILES, WELCOME, version_of
from minikube_py.machinery.wellknown import CONFIG_MAPS, PODS
from tests.kubelet.cri.programs import cluster_with, log_of, pod, run_in

DATE = "Thu, 01 Jan 2026 00:00:00 GMT"
HTML = "/usr/share/nginx/html"
NOT_FOUND = (
    "<html>\r\n<head><title>404 Not Found</title></head>\r\n<body>\r\n<center><h1>404 Not Found</h1></center>\r\n"
    "<hr><center>nginx/1.27.4</center>\r\n</body>\r\n</html>\r\n"
)


@pytest.fixture
async def cluster() -> AsyncIterator[Cluster]:
    """With nginx in pod "a", to which pod "b" can go, and a page of a ConfigMap's."""
    async with cluster_with() as made:
        meta = {"name": "page", "namespace": "default"}
        await made.client.create(CONFIG_MAPS, {"metadata": meta, "data": {"style.css": "b{}", "raw": "?"}})
        server = pod("a", "nginx:1.27.4-alpine", volumeMounts=[{"name": "page", "mountPath": f"{HTML}/page"}])
        server["spec"]["volumes"] = [{"name": "page", "configMap": {"name": "page"}}]
        await made.client.create(PODS, server)
        await made.client.create(PODS, pod("b", "busybox", command=["sleep", "infinity"]))
        await made.settle()
        yield made


@pytest.mark.parametrize(
    ("path", "status", "what"),
    [
        pytest.param("/", 200, "text/html", id="welcome"),
        pytest.param("/index.html", 200, "text/html", id="by its name"),
        pytest.param("/sub/style.css", 200, "text/css", id="by suffix"),
        pytest.param("/sub/raw", 200, "application/octet-stream", id="without suffix"),
        pytest.param("/sub", 301, "", id="directory"),
        pytest.param("/sub/", 403, f'directory index of "{HTML}/sub/" is forbidden', id="no index"),
        pytest.param("/no", 404, f'open() "{HTML}/no" failed (2: No such file or directory)', id="missing"),
        pytest.param(
            "/no/", 404, f'"{HTML}/no/index.html" is not found (2: No such file or directory)', id="no folder"
        ),
        pytest.param(
            "/../../../etc/host", 404, f'open() "{HTML}/etc/host" failed (2: No such file or directory)', id="outside"
        ),
        pytest.param("/a\0b", 404, "", id="no path"),
    ],
)
async def test_look_up(path: str, status: int, what: str) -> None:
    files = Directory(lambda: 0.0, {**FILES, f"{HTML}/sub/style.css": b"", f"{HTML}/sub/raw": b"", "etc/host": b"a"})
    found = await look_up(Files(files), "GET", path)
    assert (found.status, found.content_type if status == 200 else found.problem) == (status, what)


async def test_answers(cluster: Cluster) -> None:
    ip = (await cluster.client.get(PODS, "default", "a"))["status"]["podIP"]
    for argv, said in (
        ([f"{ip}/"], WELCOME.decode()),
        ([f"{ip}/page/style.css"], "b{}"),
        ([f"{ip}/%6eo"], NOT_FOUND),
        (["-I", ip], "Content-Type: text/html\r\n"),
        (["-I", ip], "Content-Length: 615\r\n"),
        (["-i", ip], "Server: nginx/1.27.4\r\n"),
        (["-i", f"{ip}/page?x"], f"HTTP/1.1 301 Moved Permanently\r\nServer: nginx/1.27.4\r\nDate: {DATE}\r\n"),
        (["-i", f"{ip}/page?x"], f"Location: http://{ip}/page/?x\r\n"),
        (["-i", "-XPOST", ip], "HTTP/1.1 405 Not Allowed\r\n"),
        (["-i", ip, f"-HIf-Modified-Since: {DATE}"], "HTTP/1.1 304 Not Modified\r\n"),
        (["-i", ip, "-HIf-None-Match: *"], "HTTP/1.1 304 Not Modified\r\n"),
        (["-i", ip, "-HIf-None-Match: x", f"-HIf-Modified-Since: {DATE}"], "HTTP/1.1 200 OK\r\n"),
        (["-i", ip, "-HIf-Modified-Since: x"], "HTTP/1.1 200 OK\r\n"),
    ):
        code, answer = await run_in(cluster, "b", "curl", "-s", *argv)
        assert code == 0
        assert said in answer, argv


async def test_what_is_written_there_is_served_and_requests_are_logged(cluster: Cluster) -> None:
    ip = (await cluster.client.get(PODS, "default", "a"))["status"]["podIP"]
    other = (await cluster.client.get(PODS, "default", "b"))["status"]["podIP"]
    await run_in(cluster, "a", "sh", "-c", f"echo hello > {HTML}/index.html")
    assert await run_in(cluster, "b", "curl", "-s", "-HUser-Agent: me", ip) == (0, "hello\n")
    await run_in(cluster, "b", "curl", "-s", "-HUser-Agent: me", f"{ip}/no")
    assert (await log_of(cluster, "a")).splitlines()[1:] == [
        f'{other} - - [01/Jan/2026:00:00:00 +0000] "GET / HTTP/1.1" 200 6 "-" "me" "-"',
        f'2026/01/01 00:00:00 [error] 29#29: *1 open() "{HTML}/no" failed (2: No such file or directory), '
        f'client: {other}, server: localhost, request: "GET /no HTTP/1.1", host: "{ip}"',
        f'{other} - - [01/Jan/2026:00:00:00 +0000] "GET /no HTTP/1.1" 404 153 "-" "me" "-"',
    ]


async def test_as_the_last_of_a_script(cluster: Cluster) -> None:
    script = f"echo mine > {HTML}/index.html && exec nginx -g 'daemon off;'"
    await cluster.client.create(PODS, pod("c", "nginx", command=["sh", "-c", script], ports=[{"containerPort": 8080}]))
    await cluster.settle()
    ip = (await cluster.client.get(PODS, "default", "c"))["status"]["podIP"]
    for port in (80, 8080):
        assert await run_in(cluster, "b", "curl", "-s", f"{ip}:{port}") == (0, "mine\n")
    assert "    1 root      0:00 nginx -g daemon off;\n" in (await run_in(cluster, "c", "ps"))[1]
    assert await run_in(cluster, "c", "nginx", "-v") == (0, "nginx version: nginx/1.29.3\n")
    assert await run_in(cluster, "c", "nginx", "-s", "reload") == (0, "")
    assert "test is successful" in (await run_in(cluster, "c", "nginx", "-t"))[1]


def test_versions() -> None:
    images = ("nginx", "nginx:1.14.2", "registry.example:5000/nginx:1.7.9-alpine", "nginx:1.27", "nginx:1.2.3.4")
    assert [version_of(image) for image in images] == ["1.29.3", "1.14.2", "1.7.9", "1.29.3", "1.29.3"]


async def test_who_does_not_serve_pages_says_who_it_is(cluster: Cluster) -> None:
    await cluster.client.create(PODS, pod("d", "shop", ports=[{"containerPort": 8080}]))
    await cluster.settle()
    ip = (await cluster.client.get(PODS, "default", "d"))["status"]["podIP"]
    greeting = "Hello from simulated container c of image shop in pod default/d\n"
    assert await run_in(cluster, "b", "curl", "-s", f"{ip}:8080") == (0, greeting)
    assert (await run_in(cluster, "b", "curl", "-s", ip))[0] == 7
