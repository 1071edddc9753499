"""Rules that no linter knows: what modules export, where time and chance come from, how long a file is."""

from __future__ import annotations

import ast
import importlib
import pkgutil
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import ModuleType

import pytest

import minikube_py
from minikube_py import controllers
from minikube_py.api import admission, kinds
from minikube_py.api.admission.chain import ORDER
from minikube_py.api.catalog import builtin_resources
from minikube_py.api.resource import Resource
from minikube_py.controllers.runtime import Descriptor

ROOT = Path(minikube_py.__file__).parent
FILES = sorted(ROOT.rglob("*.py"))

LONGEST = 450
"""Lines, but for tables."""
TABLES = frozenset({"api/openapi/words.py"})

INFRASTRUCTURE = frozenset({"resourceallocation", "runtime"})
"""Packages of controllers/ that are no controllers."""
STARTED_OTHERWISE = frozenset({"apiserver", "kubelet", "metricsserver", "scheduler"})
"""Components of their own, which the cluster starts by name."""
NO_PLUGINS = frozenset({"chain", "refusal"})
"""What plugins share."""


def modules(package: ModuleType, packages: bool) -> list[str]:
    return [
        f"{package.__name__}.{found.name}"
        for found in pkgutil.iter_modules(package.__path__)
        if (packages or not found.ispkg) and not found.name.startswith("_")
    ]


def name_of(file: Path) -> str:
    return file.relative_to(ROOT).as_posix()


# What modules export


@pytest.mark.parametrize("name", modules(kinds, packages=False))
def test_every_kind_exports_its_resources(name: str) -> None:
    exported = importlib.import_module(name).RESOURCES
    assert exported
    assert all(isinstance(each, Resource) for each in exported)


def test_no_resource_is_exported_twice() -> None:
    names = [resource.gvr for resource in builtin_resources()]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("name", modules(controllers, packages=True))
def test_every_controller_exports_its_descriptor(name: str) -> None:
    module = importlib.import_module(name)
    if name.rpartition(".")[2] in INFRASTRUCTURE:
        return
    found = [value for value in vars(module).values() if isinstance(value, Descriptor)]
    if name.rpartition(".")[2] in STARTED_OTHERWISE:
        return
    assert isinstance(module.CONTROLLER, Descriptor)
    assert found == [module.CONTROLLER]


def test_controllers_go_by_one_name_each() -> None:
    names = [name for each in controllers.discover() for name in (each.name, *each.aliases)]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("name", modules(admission, packages=True))
def test_every_admission_plugin_has_its_place_in_the_chain(name: str) -> None:
    module = name.rpartition(".")[2]
    if module in NO_PLUGINS:
        return
    plugin = importlib.import_module(name).PLUGIN
    assert plugin.name in ORDER
    assert plugin.name.lower().startswith(module)
    assert plugin.verbs <= {"create", "update", "delete"}
    assert hasattr(plugin, "admit") or hasattr(plugin, "validate")


# Time and chance

TIME = frozenset(
    {
        "asyncio.sleep",
        "datetime.datetime.now",
        "datetime.datetime.today",
        "datetime.datetime.utcnow",
        "datetime.date.today",
        "time.monotonic",
        "time.perf_counter",
        "time.sleep",
        "time.time",
        "time.time_ns",
    }
)
CHANCE = ("random", "secrets", "uuid.uuid1", "uuid.uuid4", "os.urandom")
SOURCES = {"machinery/clock.py": "time", "machinery/random.py": "chance"}


def calls(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Every name that is used, in full, as its imports say: line, "time.time"."""
    imported: dict[str, str] = {}
    nodes = [node for node in ast.walk(tree) if isinstance(node, (ast.Import, ast.ImportFrom, ast.Attribute))]
    for node in nodes:
        if isinstance(node, ast.Import):
            for alias in node.names:
                imported[alias.asname or alias.name.partition(".")[0]] = alias.name
        elif isinstance(node, ast.ImportFrom) and not node.level:
            for alias in node.names:
                imported[alias.asname or alias.name] = f"{node.module}.{alias.name}"
                yield node.lineno, f"{node.module}.{alias.name}"
    for node in nodes:
        if isinstance(node, ast.Attribute):
            parts = [node.attr]
            inner: ast.expr = node.value
            while isinstance(inner, ast.Attribute):
                parts.append(inner.attr)
                inner = inner.value
            if isinstance(inner, ast.Name) and inner.id in imported:
                yield node.lineno, ".".join([imported[inner.id], *reversed(parts)])


@cache
def calls_of(file: Path) -> tuple[tuple[int, str], ...]:
    return tuple(calls(ast.parse(file.read_text())))


def test_time_and_chance_have_one_source_each() -> None:
    offences = []
    for file in FILES:
        source = SOURCES.get(name_of(file), "")
        for line, name in calls_of(file):
            timely = name in TIME and source != "time"
            by_chance = source != "chance" and any(name == each or name.startswith(f"{each}.") for each in CHANCE)
            if timely or by_chance:
                offences.append(f"{name_of(file)}:{line}: {name}")
    assert offences == []


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("import time\ntime.time()", "time.time"),
        ("from time import time as now\nnow()", "time.time"),
        ("import datetime as d\nd.datetime.now()", "datetime.datetime.now"),
        ("from datetime import datetime\ndatetime.now()", "datetime.datetime.now"),
        ("import random as r\nr.choice('ab')", "random.choice"),
    ],
)
def test_the_rule_sees_through_imports(source: str, found: str) -> None:
    assert found in [name for _, name in calls(ast.parse(source))]


# The store is synchronous; the engine holds no locks


def test_the_store_never_waits() -> None:
    waits = (ast.AsyncFunctionDef, ast.Await, ast.AsyncFor, ast.AsyncWith)
    for file in (ROOT / "store").glob("*.py"):
        assert not [node for node in ast.walk(ast.parse(file.read_text())) if isinstance(node, waits)], file.name


def test_nothing_but_the_threaded_cluster_knows_threads() -> None:
    knowing = {
        name_of(file)
        for file in FILES
        for _, name in calls_of(file)
        if name.partition(".")[0] in ("threading", "multiprocessing", "concurrent")
    }
    assert knowing <= {"threaded.py"}


# Files


def test_files_are_short() -> None:
    long = {name_of(file): len(file.read_text().splitlines()) for file in FILES}
    assert {name: lines for name, lines in long.items() if lines > LONGEST and name not in TABLES} == {}


def test_files_have_telling_names() -> None:
    vague = {"utils", "util", "helpers", "helper", "common", "misc"}
    assert [name_of(file) for file in FILES if vague & {*file.relative_to(ROOT).with_suffix("").parts}] == []


def test_packages_are_found_by_setuptools() -> None:
    holding_code = {file.parent for file in FILES}
    assert [name_of(folder) for folder in holding_code if not (folder / "__init__.py").exists()] == []
