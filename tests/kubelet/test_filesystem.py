"""What a container sees as files."""

from __future__ import annotations

import errno
from collections.abc import Awaitable, Callable

import pytest

from minikube_py.controllers.kubelet.cri.atomicwriter import Content, Entries
from minikube_py.controllers.kubelet.cri.directory import Directory
from minikube_py.controllers.kubelet.cri.filesystem import Files, Stat, normal
from minikube_py.controllers.kubelet.cri.mounts import Devices, Part
from minikube_py.machinery.clock import VirtualClock

TOKEN = "/var/run/secrets/kubernetes.io/serviceaccount"


async def secret() -> Entries:
    return {"token": (b"abc", 0o600), "more/deep": (b"d", 0o644)}


class Container:
    def __init__(self) -> None:
        self.clock = VirtualClock(1000.0)
        self.root = Directory(self.clock.now, {"etc/hosts": b"hosts", "bin/tool": b""})
        self.shared = Directory(self.clock.now, {"sub/file": b"shared"})
        self.files = Files(
            self.root,
            {
                "/data": self.shared,
                TOKEN: Content(secret, self.clock.now),
                "/dev": Devices(self.clock.now),
                "/ro": Part(self.shared, read_only=True),
                "/part/": Part(self.shared, "sub"),
                "/etc/one": Part(self.shared, "sub/file"),
                "/data/inner": Content(secret, self.clock.now),
            },
        )


@pytest.fixture
def container() -> Container:
    return Container()


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        pytest.param("a/b", "/a/b", id="relative"),
        pytest.param("/a/./b//c/", "/a/b/c", id="dots-and-slashes"),
        pytest.param("/a/../b", "/b", id="up"),
        pytest.param("/../..", "/", id="above-the-root"),
        pytest.param("", "/", id="empty"),
    ],
)
def test_normal(path: str, expected: str) -> None:
    assert normal(path) == expected


@pytest.mark.parametrize(
    ("path", "names"),
    [
        pytest.param("/", ["bin", "data", "dev", "etc", "part", "ro", "var"], id="root-with-mount-points"),
        pytest.param("/etc", ["hosts", "one"], id="a-file-mounted"),
        pytest.param("/var/run/secrets", ["kubernetes.io"], id="way-to-a-mount-point"),
        pytest.param(f"{TOKEN}/..data", ["more", "token"], id="content"),
        pytest.param(f"{TOKEN}/more", ["deep"], id="directory-of-content"),
        pytest.param("/data", ["inner", "sub"], id="mount-in-a-mount"),
        pytest.param("/part", ["file"], id="part"),
        pytest.param("/dev", ["null", "random", "urandom", "zero"], id="devices"),
    ],
)
async def test_listdir(container: Container, path: str, names: list[str]) -> None:
    assert await container.files.listdir(path) == names


@pytest.mark.parametrize(
    ("path", "data"),
    [
        pytest.param("/etc/hosts", b"hosts", id="root"),
        pytest.param("etc/../etc/./hosts", b"hosts", id="with-detours"),
        pytest.param(f"{TOKEN}/token", b"abc", id="content"),
        pytest.param(f"{TOKEN}/more/deep", b"d", id="deep-content"),
        pytest.param("/data/inner/token", b"abc", id="mount-in-a-mount"),
        pytest.param("/etc/one", b"shared", id="file-mounted"),
        pytest.param("/part/file", b"shared", id="part"),
        pytest.param("/dev/null", b"", id="null"),
    ],
)
async def test_read(container: Container, path: str, data: bytes) -> None:
    assert await container.files.read(path) == data


Act = Callable[[Files], Awaitable[object]]


@pytest.mark.parametrize(
    ("act", "error", "code"),
    [
        pytest.param(lambda f: f.read("/no"), FileNotFoundError, errno.ENOENT, id="read-missing"),
        pytest.param(lambda f: f.read("/etc"), IsADirectoryError, errno.EISDIR, id="read-directory"),
        pytest.param(lambda f: f.read("/var/run"), IsADirectoryError, errno.EISDIR, id="read-way-to-a-mount-point"),
        pytest.param(lambda f: f.read("/etc/hosts/x"), NotADirectoryError, errno.ENOTDIR, id="read-below-file"),
        pytest.param(lambda f: f.read(TOKEN), IsADirectoryError, errno.EISDIR, id="read-content"),
        pytest.param(lambda f: f.read(f"{TOKEN}/x"), FileNotFoundError, errno.ENOENT, id="read-missing-content"),
        pytest.param(lambda f: f.stat(f"{TOKEN}/token/x"), NotADirectoryError, errno.ENOTDIR, id="below-content"),
        pytest.param(lambda f: f.listdir("/etc/hosts"), NotADirectoryError, errno.ENOTDIR, id="list-file"),
        pytest.param(lambda f: f.listdir("/no"), FileNotFoundError, errno.ENOENT, id="list-missing"),
        pytest.param(lambda f: f.listdir(f"{TOKEN}/no"), FileNotFoundError, errno.ENOENT, id="list-missing-content"),
        pytest.param(lambda f: f.write("/etc", b""), IsADirectoryError, errno.EISDIR, id="write-directory"),
        pytest.param(lambda f: f.write("/no/x", b""), FileNotFoundError, errno.ENOENT, id="write-in-missing"),
        pytest.param(lambda f: f.write(f"{TOKEN}/token", b""), OSError, errno.EROFS, id="write-content"),
        pytest.param(lambda f: f.write("/ro/x", b""), OSError, errno.EROFS, id="write-read-only"),
        pytest.param(lambda f: f.write("/dev/sda", b""), PermissionError, errno.EACCES, id="write-device"),
        pytest.param(lambda f: f.mkdir("/etc"), FileExistsError, errno.EEXIST, id="mkdir-there"),
        pytest.param(lambda f: f.mkdir("/a/b"), FileNotFoundError, errno.ENOENT, id="mkdir-without-parents"),
        pytest.param(lambda f: f.mkdir("/etc/hosts/x", True), NotADirectoryError, errno.ENOTDIR, id="mkdir-below-file"),
        pytest.param(lambda f: f.mkdir(f"{TOKEN}/x"), OSError, errno.EROFS, id="mkdir-in-content"),
        pytest.param(lambda f: f.remove("/no"), FileNotFoundError, errno.ENOENT, id="remove-missing"),
        pytest.param(lambda f: f.remove("/etc"), OSError, errno.ENOTEMPTY, id="remove-full"),
        pytest.param(lambda f: f.remove("/data", True), OSError, errno.EBUSY, id="remove-mount-point"),
        pytest.param(lambda f: f.remove("/var", True), OSError, errno.EBUSY, id="remove-above-a-mount-point"),
        pytest.param(lambda f: f.remove("/"), OSError, errno.EBUSY, id="remove-root"),
        pytest.param(lambda f: f.remove("/ro/sub/file"), OSError, errno.EROFS, id="remove-read-only"),
        pytest.param(lambda f: f.change("/ro/sub", mode=0), OSError, errno.EROFS, id="change-read-only"),
        pytest.param(lambda f: f.change("/no", mode=0), FileNotFoundError, errno.ENOENT, id="change-missing"),
    ],
)
async def test_errors(container: Container, act: Act, error: type[OSError], code: int) -> None:
    with pytest.raises(error) as raised:
        await act(container.files)
    assert raised.value.errno == code
    assert str(raised.value.filename).startswith("/")


async def test_what_is_written_is_seen_by_all_who_mount_it(container: Container) -> None:
    other = Files(Directory(container.clock.now), {"/elsewhere": container.shared})
    await container.files.write("/data/new", b"one\n")
    await container.files.write("/data/new", b"two\n", append=True)
    assert await other.read("/elsewhere/new") == b"one\ntwo\n"
    assert await container.files.read("/ro/new") == b"one\ntwo\n"
    assert container.shared.size == len(b"shared" + b"one\ntwo\n")


async def test_stat_tells_mode_size_and_time(container: Container) -> None:
    files = container.files
    container.clock.advance_to(1010.0)
    await files.write("/etc/hosts", b"12345")
    assert await files.stat("/etc/hosts") == Stat(False, 5, 0o644, 1010.0)
    assert await files.stat(f"{TOKEN}/token") == Stat(False, 3, 0o600, 1010.0)
    assert (await files.stat("/var/run")).is_dir
    await files.change("/etc/hosts", mode=0o755, mtime=5.0)
    assert await files.stat("/etc/hosts") == Stat(False, 5, 0o755, 5.0)


async def test_directories_are_made_and_removed(container: Container) -> None:
    files = container.files
    await files.mkdir("/a/b/c", parents=True)
    await files.mkdir("/a/b/c", parents=True)
    await files.write("/a/b/f", b"x")
    await files.remove("/a/b/c")
    await files.remove("/a", recursive=True)
    assert not await files.exists("/a")
    assert not await files.exists("/etc/hosts/x")


async def test_the_way_to_a_mount_point_becomes_real_when_something_is_put_there(container: Container) -> None:
    files = container.files
    await files.write("/var/run/pid", b"1")
    assert await files.listdir("/var/run") == ["pid", "secrets"]
    assert await container.root.listdir("var/run") == ["pid"]


async def test_null_takes_anything(container: Container) -> None:
    await container.files.write("/dev/null", b"gone")
    assert await container.files.read("/dev/null") == b""


async def test_content_is_asked_for_at_each_access() -> None:
    entries: dict[str, tuple[bytes, int]] = {"a": (b"1", 0o644)}

    async def told() -> Entries:
        return entries

    files = Files(Directory(lambda: 0.0), {"/c": Content(told, lambda: 0.0)})
    assert await files.read("/c/a") == b"1"
    entries = {"b": (b"2", 0o644)}
    assert await files.listdir("/c/..data") == ["b"]


async def test_content_is_written_anew_when_it_changes() -> None:
    entries: dict[str, tuple[bytes, int]] = {"a": (b"1", 0o644), "deep/er": (b"2", 0o600)}
    clock = VirtualClock(1000.0)

    async def told() -> Entries:
        return entries

    files = Files(Directory(clock.now), {"/c": Content(told, clock.now), "/a": Part(Content(told, clock.now), "a")})
    version, *names = await files.listdir("/c")
    assert version.startswith("..1970_01_01_00_16_40.")
    assert names == ["..data", "a", "deep"]
    assert [(await files.lstat(f"/c/{name}")).target for name in names] == [version, "..data/a", "..data/deep"]
    assert await files.real("/c/deep/er") == f"/c/{version}/deep/er"
    assert await files.stat("/a") == Stat(False, 1, 0o644, 1000.0)
    clock.advance_to(1010.0)
    assert (await files.stat("/c/a")).mtime == 1000.0
    entries["a"] = (b"3", 0o644)
    assert (await files.stat("/c/a")).mtime == 1010.0
    assert not await files.exists(f"/c/{version}")
    assert await files.read("/a") == b"3"


async def test_links_lead_from_mount_to_mount(container: Container) -> None:
    files = container.files
    await files.symlink("/data/up", "../etc")
    assert await files.read("/data/up/hosts") == b"hosts"
    await files.write("/data/up/new", b"n")
    assert await container.root.read("etc/new") == b"n"
    assert await files.read("/ro/up/one") == b"shared"
    await files.symlink("/etc/there", "/data/missing")
    assert not await files.exists("/etc/there")
    await files.write("/etc/there", b"now")
    assert await container.shared.read("missing") == b"now"
    await files.remove("/etc/there")
    assert await files.exists("/data/missing")
    with pytest.raises(FileExistsError):
        await files.symlink("/data/up", "x")
    await files.remove("/data/up", recursive=True)
    assert await files.exists("/etc/hosts")


async def test_links_in_a_circle(container: Container) -> None:
    await container.files.symlink("/a", "b/x")
    await container.files.symlink("/b", "a")
    with pytest.raises(OSError, match="symbolic links") as raised:
        await container.files.read("/a")
    assert raised.value.errno == errno.ELOOP


async def test_a_root_can_be_read_only() -> None:
    files = Files(Part(Directory(lambda: 0.0, {"a": b"1"}), read_only=True), {"/tmp": Directory(lambda: 0.0)})
    await files.write("/tmp/x", b"")
    with pytest.raises(OSError, match="Read-only file system"):
        await files.write("/x", b"")
