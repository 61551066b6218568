"""What runs in a checkout's interpreter is Python 3.8, standard library, and stands alone."""

from __future__ import annotations

import ast
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.in_target.conftest import Tree

IN_TARGET = Path(__file__).parents[2] / "src" / "ttsopt" / "in_target"
FILES = sorted(IN_TARGET.rglob("*.py"))
WORKLOADS = sorted((IN_TARGET / "workloads").glob("*.py"))


def name(path: Path) -> str:
    return path.relative_to(IN_TARGET).as_posix()


@pytest.mark.parametrize("path", FILES, ids=name)
def test_every_file_parses_as_python_3_8(path: Path) -> None:
    ast.parse(path.read_text(encoding="utf-8"), feature_version=(3, 8))


@pytest.mark.parametrize("path", FILES, ids=name)
def test_every_file_imports_the_standard_library_alone(path: Path) -> None:
    """At import time, that is: a workload's functions import what the checkout has."""
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "a sibling import: files here are loaded by location"
            names = [node.module or ""]
        else:
            continue
        assert {n.partition(".")[0] for n in names} <= set(sys.stdlib_module_names)


@pytest.mark.parametrize("path", WORKLOADS, ids=name)
def test_a_workload_says_what_it_stands_in_for_and_loads_with_nothing_installed(path: Path) -> None:
    code = (
        "import runpy, sys; m = runpy.run_path(sys.argv[1]);"
        "assert m['STANDS_IN'] and all(isinstance(s, str) for s in m['STANDS_IN']);"
        "assert callable(m['load'])"
    )
    subprocess.run([sys.executable, "-S", "-I", "-c", code, str(path)], check=True)


def test_the_worker_and_the_probe_run_on_python_3_8(tree: Tree) -> None:
    python = shutil.which("python3.8") or ""
    version = "import sys; print(sys.executable)"
    found = subprocess.run([python or "true", "-c", version], capture_output=True, check=False)
    if not python or found.returncode:
        pytest.skip("there is no python3.8 here")
    tree.python = found.stdout.decode().strip()
    files = [tree.planned("src/voice.py", "voice", (2, 2), (6, 6))]
    measured = tree.run(files=files).result
    assert measured["environment"]["python"].startswith("3.8.")
    assert measured["modules"][0]["stale_bytecode"] is False
    assert tree.run("trace", files=files).result["executed"] == {"src/voice.py": ["0", "1"]}
    asked = {"protocol": 1, "modules": ["json", "numpy.no_such"]}
    assert tree.ask(asked, script="probe.py").result["missing"] == ["numpy.no_such"]
