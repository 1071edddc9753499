"""The pytest plugin: a fresh control plane for each test that asks for one.

    def test_rollout(cluster):                    # its own thread; methods block; any client may use cluster.url
        cluster.client.create(DEPLOYMENTS, {...})
        cluster.settle()

    async def test_reconcile(async_cluster):      # in the test's own event loop
        await async_cluster.client.create(DEPLOYMENTS, {...})
        await async_cluster.settle()

    @pytest.mark.cluster(nodes=1, clock="virtual")   # minikube_py.options.Options, and port and address
    def test_deadline(cluster): ...

A mark on a class or a module (`pytestmark`) holds for all its tests; a nearer one overrides it option by option.
When a test fails, its report has the events of type Warning ("0/1 nodes are available: 1 Insufficient cpu.").
This module is imported whenever pytest starts, so it imports nothing of the control plane until a test asks for one.
"""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import AsyncIterator, Callable, Generator, Iterator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from minikube_py.cluster import Cluster
    from minikube_py.threaded import ThreadedCluster

# In its strict mode pytest-asyncio runs its own fixtures only.
_asyncio = "pytest_asyncio" if importlib.util.find_spec("pytest_asyncio") else "pytest"
async_fixture: Callable[..., Any] = importlib.import_module(_asyncio).fixture

MARK = "cluster"
LISTENING = frozenset({"port", "address", "allow_remote", "images"})
"""What a Cluster takes besides Options."""


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", f"{MARK}(**options): options of the control plane that the test is given")


@pytest.fixture
def cluster(request: pytest.FixtureRequest) -> Iterator[ThreadedCluster]:
    """A control plane of its own in a thread of its own, started and listening."""
    from minikube_py.cluster import Cluster

    with Cluster.start(**checked_options(request.node)) as started:
        yield started


@async_fixture
async def async_cluster(request: pytest.FixtureRequest) -> AsyncIterator[Cluster]:
    """A control plane of its own in the test's event loop, started and listening."""
    from minikube_py.cluster import Cluster

    async with Cluster(**checked_options(request.node)) as started:
        yield started


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """The report of a test that failed tells what its control plane warned of."""
    report = yield
    if report.when == "call" and report.failed:
        given = getattr(item, "funcargs", {})
        for name in ("cluster", "async_cluster"):
            if name in given:
                from minikube_py.testing.report import warnings_of

                if lines := warnings_of(given[name]):
                    report.sections.append((f"Warnings of {name}", "\n".join(lines)))
    return report


def checked_options(item: pytest.Item) -> dict[str, Any]:
    """The test's options. Raises pytest.UsageError, in one line, for what makes no sense."""
    from minikube_py.options import InvalidOption, Options

    given = cluster_options(item)
    try:
        Options.of({name: value for name, value in given.items() if name not in LISTENING})
    except InvalidOption as error:
        raise pytest.UsageError(f"{item.nodeid}: @pytest.mark.{MARK}: {error}") from None
    return given


def cluster_options(item: pytest.Item) -> dict[str, Any]:
    """What the marks of a test say, the nearest last. Raises pytest.UsageError for a mark with positional values."""
    options: dict[str, Any] = {}
    for mark in reversed(list(item.iter_markers(MARK))):
        if mark.args:
            raise pytest.UsageError(f"{item.nodeid}: @pytest.mark.{MARK} takes options by name only")
        options |= mark.kwargs
    return options
