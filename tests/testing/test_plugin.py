"""The pytest plugin, as the tests of others use it."""

from __future__ import annotations

import subprocess
import sys

import pytest

# What a run imports and this process has not, is imported anew for each run.
import minikube_py.serving
import minikube_py.threaded  # noqa: F401

HEAD = """
import urllib.request
import pytest
from minikube_py.machinery.wellknown import CONFIG_MAPS, NODES

SETTINGS = {"metadata": {"name": "settings", "namespace": "default"}}
"""


def passes(pytester: pytest.Pytester, source: str, passed: int, *flags: str) -> None:
    pytester.makepyfile(HEAD + source)
    run(pytester, *flags).assert_outcomes(passed=passed)


def run(pytester: pytest.Pytester, *flags: str) -> pytest.RunResult:
    """With these plugins only, by the names of their entry points: others cost a second."""
    scope = "asyncio_default_fixture_loop_scope=function"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
        return pytester.runpytest_inprocess("-p", "asyncio", "-p", "minikube_py", "-o", scope, *flags)


def test_each_test_has_its_own(pytester: pytest.Pytester) -> None:
    source = """
    @pytest.mark.parametrize("time", [1, 2])
    def test_it(cluster, time):
        cluster.client.create(CONFIG_MAPS, SETTINGS)
        assert urllib.request.urlopen(cluster.url + "/readyz").read() == b"ok"
        cluster.settle()
    """
    passes(pytester, _dedented(source), 2)


@pytest.mark.parametrize("mode", ["auto", "strict"])
def test_in_the_test_s_own_loop(pytester: pytest.Pytester, mode: str) -> None:
    source = """
    @pytest.mark.asyncio
    async def test_it(async_cluster):
        await async_cluster.client.create(CONFIG_MAPS, SETTINGS)
        await async_cluster.settle()
        assert (await async_cluster.client.get(CONFIG_MAPS, "default", "settings"))["metadata"]["uid"]
    """
    passes(pytester, _dedented(source), 1, "-o", f"asyncio_mode={mode}")


def test_the_nearest_mark_counts(pytester: pytest.Pytester) -> None:
    source = """
    pytestmark = pytest.mark.cluster(nodes=1, seed=7)

    def test_of_the_module(cluster):
        assert len(cluster.client.list(NODES).items) == 1

    @pytest.mark.cluster(nodes=2, clock="virtual")
    class TestOfTheClass:
        def test_it(self, cluster):
            assert len(cluster.client.list(NODES).items) == 2
            assert cluster.cluster.options.seed == 7
            cluster.advance(3600)

        @pytest.mark.cluster(nodes=0)
        def test_of_the_function(self, cluster):
            assert cluster.client.list(NODES).items == []
    """
    passes(pytester, _dedented(source), 3)


@pytest.mark.parametrize(
    ("mark", "complaint"),
    [
        pytest.param(
            "nodes=-1", "*@pytest.mark.cluster: nodes: Input should be greater than or equal to 0", id="value"
        ),
        pytest.param("colour='red'", "*@pytest.mark.cluster: colour: Extra inputs are not permitted", id="option"),
        pytest.param("3", "*@pytest.mark.cluster takes options by name only*", id="by position"),
    ],
)
def test_marks_that_make_no_sense(pytester: pytest.Pytester, mark: str, complaint: str) -> None:
    pytester.makepyfile(f"import pytest\n\n@pytest.mark.cluster({mark})\ndef test_it(cluster):\n    pass\n")
    result = run(pytester)
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines([complaint])


UNSCHEDULABLE = "FailedScheduling Pod default/web: no nodes available to schedule pods"


@pytest.mark.parametrize(
    ("test", "told"),
    [
        pytest.param("def test_it(cluster):\n    start(cluster)\n    assert False", True, id="in a thread"),
        pytest.param(
            "async def test_it(async_cluster):\n    await start_async(async_cluster)\n    assert False",
            True,
            id="in a loop",
        ),
        pytest.param("def test_it(cluster):\n    start(cluster)", False, id="passed"),
        pytest.param(
            "@pytest.fixture\ndef cluster():\n    return 1\ndef test_it(cluster):\n    assert False",
            False,
            id="another's",
        ),
    ],
)
def test_failures_tell_what_was_warned_of(pytester: pytest.Pytester, test: str, told: bool) -> None:
    source = """
    from minikube_py.machinery.wellknown import PODS

    pytestmark = pytest.mark.cluster(nodes=0)
    POD = {"metadata": {"name": "web", "namespace": "default"}, "spec": {"containers": [{"name": "a", "image": "a"}]}}

    def start(cluster):
        cluster.settle()
        cluster.client.create(PODS, POD)
        cluster.settle()

    async def start_async(cluster):
        await cluster.settle()
        await cluster.client.create(PODS, POD)
        await cluster.settle()

    """
    pytester.makepyfile(HEAD + _dedented(source) + test)
    output = run(pytester, "-o", "asyncio_mode=auto").stdout.str()
    assert (UNSCHEDULABLE in output, "Warnings of" in output) == (told, told)


def test_the_mark_is_registered(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("import pytest\n\n@pytest.mark.cluster\ndef test_it():\n    pass\n")
    run(pytester, "--strict-markers").assert_outcomes(passed=1)


def test_costs_nothing_until_a_test_asks() -> None:
    heavy = "{name.partition('.')[0] for name in sys.modules} & {'aiohttp', 'pydantic', 'orjson', 'yaml', 'kubernetes'}"
    program = f"import sys, minikube_py.testing.plugin; sys.exit(str({heavy} or '') or None)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


def _dedented(source: str) -> str:
    return source.replace("\n    ", "\n")
