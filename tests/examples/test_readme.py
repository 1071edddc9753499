"""The README's Python programs run as they stand there, and its manifests are there."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()
PROGRAMS = re.findall(r"^```python\n(.*?)^```$", README, re.M | re.S)


@pytest.mark.parametrize("program", PROGRAMS, ids=[f"program {number}" for number in range(1, len(PROGRAMS) + 1)])
def test_program(program: str, tmp_path: Path) -> None:
    file = tmp_path / "test_program.py"
    file.write_text(program)
    runner = ("-m", "pytest", "-q", "-p", "no:cacheprovider") if "def test_" in program else ()
    done = subprocess.run(
        [sys.executable, *runner, str(file)], cwd=tmp_path, capture_output=True, text=True, timeout=50
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_files_named_are_there() -> None:
    named = set(re.findall(r"\b(?:examples/[\w.-]+|(?:[\w-]+/)*[A-Z]+\.md)\b", README))
    assert {name for name in named if not (ROOT / name).exists()} == set()
