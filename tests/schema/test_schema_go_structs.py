"""The script that makes the Go table, judged by an installed kubectl."""

from __future__ import annotations

import shutil
import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

import pytest

from minikube_py.api.schema.facts import go_struct

SCRIPT = Path(__file__).parents[2] / "scripts" / "go_structs.py"


@pytest.fixture(scope="module")
def go_structs() -> ModuleType:
    spec = spec_from_file_location("go_structs", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def kubectl() -> Path | None:
    found = shutil.which("kubectl", path=str(Path(sys.executable).parent)) or shutil.which("kubectl")
    return Path(found).resolve() if found else None


def test_the_table_is_what_kubectl_carries(go_structs: ModuleType) -> None:
    binary = kubectl()
    if binary is None or binary.read_bytes()[:4] != b"\x7fELF":
        pytest.skip("no kubectl for Linux is installed")
    structs = go_structs.read(binary.read_bytes())
    for name in ("k8s.io/api/core/v1.Container", "k8s.io/apimachinery/pkg/apis/meta/v1.ObjectMeta"):
        table = go_struct(name)
        assert table is not None
        # a kubectl of another version may lack the newest fields
        known = {row.go: (row.json, row.type, row.number, row.wire, "o" in row.flags) for row in table}
        fields = structs[name]
        assert len(fields) >= 15
        for field in fields:
            found = (field["json"], field["type"], field["proto"], field["wire"], field.get("omitempty", False))
            assert known[field["go"]] == found
    assert structs["k8s.io/api/core/v1.Secret"][3]["type"] == "map[string][]uint8"
    assert structs["k8s.io/api/core/v1.ResourceRequirements"][0]["type"].startswith("v1.ResourceList:map[")


@pytest.mark.parametrize(
    "binary",
    [pytest.param(b"", id="empty"), pytest.param(b"MZ", id="not ELF"), pytest.param(b"\x7fELF\x01\x01", id="32 bits")],
)
def test_other_files_are_refused(go_structs: ModuleType, binary: bytes) -> None:
    with pytest.raises(ValueError, match="not a 64-bit"):
        go_structs.read(binary)
