"""What containers do by their commands and annotations."""

from __future__ import annotations

import pytest

from minikube_py.controllers.kubelet.behaviour import COMPLETES, NEVER, RUNS, Behaviour, default_behaviour
from minikube_py.controllers.kubelet.plaincommand import Ending, ending


def sh(script: str, option: str = "-c") -> list[str]:
    return ["sh", option, script]


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        pytest.param(["true"], Ending(0), id="true"),
        pytest.param(["/bin/false"], Ending(0, 1), id="false by path"),
        pytest.param(["sleep", "5"], Ending(5), id="sleep"),
        pytest.param(["sleep", "1m", "0.5s"], Ending(60.5), id="sleep with units"),
        pytest.param(["sleep", "infinity"], Ending(None), id="sleep for ever"),
        pytest.param(["sleep", "soon"], Ending(0, 1), id="sleep does not understand"),
        pytest.param(["echo", "hello"], Ending(0), id="echo"),
        pytest.param(["exit", "1"], None, id="exit is no program"),
        pytest.param(["nginx"], None, id="unknown program"),
        pytest.param(sh("exit 0"), Ending(0), id="exit 0"),
        pytest.param(sh("exit 1"), Ending(0, 1), id="exit 1"),
        pytest.param(sh("exit 256"), Ending(0, 0), id="exit wraps"),
        pytest.param(sh("exit one"), None, id="exit with a word"),
        pytest.param(["/bin/bash", "-c", "sleep 2; exit 3"], Ending(2, 3), id="bash"),
        pytest.param(sh("echo 'a; b' && sleep 1 && false"), Ending(1, 1), id="and"),
        pytest.param(sh("false && sleep 9 || exit 4"), Ending(0, 4), id="and, or"),
        pytest.param(sh("true || sleep 9; exit"), Ending(0, 0), id="exit with the last code"),
        pytest.param(sh("false; exit"), Ending(0, 1), id="exit with a failed last code"),
        pytest.param(sh("false\nsleep 3\n"), Ending(3), id="lines"),
        pytest.param(sh("false; sleep 3", "-ec"), Ending(0, 1), id="stop on error"),
        pytest.param(sh("sleep infinity; exit 1"), Ending(None), id="never gets there"),
        pytest.param(sh("sleep 1 | cat"), None, id="pipe"),
        pytest.param(sh("sleep $N"), None, id="expansion"),
        pytest.param(sh("while true; do sleep 1; done"), None, id="loop"),
        pytest.param(sh("sleep 1 &"), None, id="background"),
        pytest.param(sh("echo 'open"), None, id="unbalanced quotes"),
        pytest.param(sh(""), None, id="empty"),
        pytest.param(["sh"], None, id="no script"),
        pytest.param(["sh", "/run.sh"], None, id="file"),
    ],
)
def test_commands(command: list[str], expected: Ending | None) -> None:
    assert ending(tuple(command)) == expected


@pytest.mark.parametrize(
    ("container", "annotations", "expected"),
    [
        pytest.param({}, {}, RUNS, id="nothing said"),
        pytest.param({"command": ["true"]}, {}, COMPLETES, id="command"),
        pytest.param({"args": ["sleep", "5"]}, {}, Behaviour(run=5), id="args"),
        pytest.param({"command": ["sh", "-c"], "args": ["exit 2"]}, {}, Behaviour(run=0, exit_code=2), id="both"),
        pytest.param({}, {"run": "5s", "exit-code": "3"}, Behaviour(run=5, exit_code=3), id="fails after 5 s with 3"),
        pytest.param({}, {"exit-code": "3"}, Behaviour(run=0, exit_code=3), id="fails at once"),
        pytest.param({}, {"ready": "never"}, Behaviour(ready=NEVER), id="never ready"),
        pytest.param({}, {"ready.c": "never", "ready": "1"}, Behaviour(ready=NEVER), id="its own goes first"),
        pytest.param({}, {"ready.other": "never"}, RUNS, id="another's"),
        pytest.param({"command": ["false"]}, {"run": "2"}, Behaviour(run=2, exit_code=1), id="later than it says"),
        pytest.param({"command": ["false"]}, {"run": "never"}, Behaviour(exit_code=1), id="not as it says"),
        pytest.param({}, {"run": "later"}, RUNS, id="unreadable"),
        pytest.param({}, {"start": "500ms", "stop": "10"}, Behaviour(start=0.5, stop=10), id="start and stop"),
    ],
)
def test_defaults(container: dict[str, list[str]], annotations: dict[str, str], expected: Behaviour) -> None:
    made = {"name": "c", "image": "i", **container}
    pod = {
        "metadata": {"name": "p", "annotations": {f"minikube-py/{key}": value for key, value in annotations.items()}},
        "spec": {"containers": [made]},
    }
    assert default_behaviour(pod, made) == expected


def test_init_containers_complete_unless_they_say_otherwise() -> None:
    plain, failing = {"name": "a", "image": "i"}, {"name": "b", "image": "i", "command": ["false"]}
    pod = {"metadata": {"name": "p"}, "spec": {"initContainers": [plain, failing], "containers": []}}
    assert default_behaviour(pod, plain) == COMPLETES
    assert default_behaviour(pod, failing) == Behaviour(run=0, exit_code=1)
