"""What tests of the whole share: a control plane that the command line started, kubectl in a namespace of its own."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.served import Kubectl, Served, kubeconfig_for

pytest_plugins = ["pytester"]

ROOT = Path(__file__).parent.parent

if sys.dont_write_bytecode:
    # Whoever wants no bytecode beside the sources gets it elsewhere: else each worker, and each of the hundred programs
    # that tests start, compiles all over again.
    sys.dont_write_bytecode = False
    sys.pycache_prefix = os.environ["PYTHONPYCACHEPREFIX"] = str(ROOT / ".pytest_cache" / "bytecode")
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

# Until all tests are collected there is little garbage, and what there is by then stays: see pytest_collection_finish.
gc.disable()

# How long an example takes depends on who else uses the machine.
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")


def pytest_collection_finish() -> None:
    """From now on there is garbage; it is not looked for among modules, cases and pytest's own."""
    from minikube_py.serve import GC_THRESHOLDS

    gc.freeze()
    gc.set_threshold(*GC_THRESHOLDS)
    gc.enable()


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """One for all tests of a process: they keep to their own namespaces."""
    started = Served(tmp_path_factory.mktemp("served"), "--images", str(ROOT / "examples" / "hello_world.py"))
    yield started
    assert started.stop() == ""


@pytest.fixture(scope="session")
def kubectl_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where kubectl keeps what it has discovered."""
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="session")
def numbers() -> Iterator[int]:
    return count(1)


@pytest.fixture
def namespace(served: Served, numbers: Iterator[int]) -> Iterator[str]:
    """A fresh one, with its ServiceAccount. The server must have nothing to complain of meanwhile."""
    name = f"test-{next(numbers)}"
    served.new_namespace(name)
    yield name
    assert served.complaints() == ""


@pytest.fixture
def kubectl(served: Served, kubectl_home: Path, namespace: str, tmp_path: Path) -> Kubectl:
    """kubectl in a namespace of the test's own."""
    return Kubectl(kubectl_home, kubeconfig_for(served, namespace, tmp_path / "kubeconfig"), namespace)


@pytest.fixture(scope="session")
def examples() -> Path:
    return ROOT / "examples"
