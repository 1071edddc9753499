"""Each example runs, and prints what its readers are to see."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROLLED_OUT = "generation 2: 3 pods, 3 updated, 3 available\nimages: nginx:1.28\n"
DEADLINE = """\
0/3 nodes are available: 3 Insufficient cpu. no new claims to deallocate, preemption: 0/3 nodes are available: \
3 Preemption is not helpful for scheduling.
after 0 minutes: Progressing=True (ReplicaSetUpdated)
after 9 minutes: Progressing=True (ReplicaSetUpdated)
after 11 minutes: Progressing=False (ProgressDeadlineExceeded)
"""


@pytest.mark.parametrize(
    ("program", "end"),
    [
        pytest.param(("rollout.py",), ROLLED_OUT, id="rollout"),
        pytest.param(("virtual_time.py",), DEADLINE, id="virtual time"),
        pytest.param(("-m", "pytest", "-q", "-p", "no:cacheprovider", "test_sleeper.py"), "", id="sleeper"),
    ],
)
def test_example(examples: Path, program: tuple[str, ...], end: str) -> None:
    done = subprocess.run([sys.executable, *program], cwd=examples, capture_output=True, text=True, timeout=50)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.endswith(end)
    assert done.stderr == ""
