"""`minikube-py serve`: a cluster in the foreground until it is told to stop."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import errno
import gc
import ipaddress
import os
import signal
from pathlib import Path
from typing import Any

from minikube_py.cluster import Cluster
from minikube_py.explorer.pages import ExplorerPages
from minikube_py.images import Program
from minikube_py.manifests import ManifestError, apply_manifests, apply_stages, read_manifests
from minikube_py.options import InvalidOption
from minikube_py.programs import ProgramError, read_images
from minikube_py.refusal import Refused

FLAGS = (
    "nodes",
    "controllers",
    "kubernetes_version",
    "service_cluster_ip_range",
    "service_node_port_range",
    "cluster_cidr",
    "load_balancer_ip_range",
    "event_ttl",
    "scheduler_config",
    "seed",
    "clock",
    "manage_all_nodes",
)
"""Flags that are a cluster's options of the same name."""

GC_THRESHOLDS = (20_000, 20, 20)
"""For gc.set_threshold: objects are trees, which go without the collector; what it looks through in vain is millions
of small dicts."""


def serve(options: argparse.Namespace) -> int:
    """Raises Refused."""
    _check_address(options.address, options.insecure_allow_remote)
    try:
        manifests = read_manifests(options.manifests)
        stages = read_manifests(options.stages, "--stages")
        cluster = _new_cluster(options, read_images(options.images))
    except (ManifestError, ProgramError, ValueError) as error:
        raise Refused(_one_line(error)) from None
    with contextlib.suppress(ImportError):
        import uvloop

        asyncio.set_event_loop_policy(uvloop.EventLoopPolicy())
    return asyncio.run(_serve(cluster, options, stages, manifests))


def _new_cluster(options: argparse.Namespace, images: dict[str, Program | None]) -> Cluster:
    given = {name: getattr(options, name) for name in FLAGS if getattr(options, name) is not None}
    return Cluster(
        port=options.port,
        address=options.address,
        allow_remote=options.insecure_allow_remote,
        images=images,
        **given,
    )


def _check_address(address: str, allow_remote: bool) -> None:
    try:
        loopback = address == "localhost" or ipaddress.ip_address(address).is_loopback
    except ValueError:
        raise Refused(f"--address: {address} is no IP address") from None
    if not loopback and not allow_remote:
        raise Refused(
            f"--address {address} can be reached from other machines, and whoever reaches it is the administrator; "
            "add --insecure-allow-remote if that is what you want"
        )


def _one_line(error: Exception) -> str:
    if isinstance(error, InvalidOption):
        return f"--{error.name.replace('_', '-')}: {error.reason}"
    return str(error)


async def _serve(
    cluster: Cluster, options: argparse.Namespace, stages: list[dict[str, Any]], manifests: list[dict[str, Any]]
) -> int:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    cluster.mount(ExplorerPages(cluster))
    try:
        await cluster.__aenter__()
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise Refused(f"port {options.port} on {options.address} is in use; choose another with --port") from None
        raise Refused(f"cannot listen on {options.address}:{options.port}: {error.strerror or error}") from None
    try:
        if stages:
            await apply_stages(cluster, stages)
        await apply_manifests(cluster, manifests)
        _collect_from_now_on()
        _announce(cluster, options)
        await stop.wait()
    except ManifestError as error:
        raise Refused(str(error)) from None
    finally:
        await cluster.stop()
        _forget(options.ready_file)
    return 0


def _collect_from_now_on() -> None:
    """Turn garbage collection on; it leaves alone what there is by now, code most of all."""
    gc.freeze()
    gc.set_threshold(*GC_THRESHOLDS)
    gc.enable()


def _announce(cluster: Cluster, options: argparse.Namespace) -> None:
    """Tell people, and files, that it is ready."""
    if options.kubeconfig:
        _write(options.kubeconfig, cluster.kubeconfig(), "--kubeconfig")
    if options.ready_file:
        _write(options.ready_file, cluster.url + "\n", "--ready-file")
    where = f"localhost:{cluster.port}" if cluster.address == "127.0.0.1" else cluster.url
    version = cluster.options.kubernetes_version
    print(f"Kubernetes {version} control plane on {cluster.url}, {cluster.options.nodes} simulated nodes")
    if options.kubeconfig:
        print(f"  kubectl --kubeconfig={options.kubeconfig} get nodes")
    else:
        print(f"  kubectl --server={where} get nodes")
    print("Stop it with Ctrl-C.", flush=True)


def _write(path: str, text: str, flag: str) -> None:
    """Whole or not at all: whoever waits for the file never reads half of it."""
    target = Path(path)
    try:
        draft = target.with_name(f".{target.name}.{os.getpid()}")
        draft.write_text(text)
        draft.replace(target)
    except OSError as error:
        raise Refused(f"{flag}: cannot write {path}: {error.strerror or error}") from None


def _forget(ready_file: str | None) -> None:
    if ready_file:
        with contextlib.suppress(OSError):
            os.unlink(ready_file)
