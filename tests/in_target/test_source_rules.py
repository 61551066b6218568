"""What runs in a checkout's interpreter is Python 3.8, standard library, and stands alone."""

from __future__ import annotations

import ast
import re
import runpy
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ttsopt.bench.waste.recording import Flag, How

if TYPE_CHECKING:
    from tests.in_target.conftest import Tree

IN_TARGET = Path(__file__).parents[2] / "src" / "ttsopt" / "in_target"
PATCHES = IN_TARGET.parents[2] / "patches"
WORKLOADS = sorted(PATCHES.glob("*/workload.py"))
PARTS = sorted(PATCHES.glob("*/workload/*.py"))
FILES = [*sorted(IN_TARGET.glob("*.py")), *WORKLOADS, *PARTS]


def name(path: Path) -> str:
    return path.relative_to(PATCHES.parent).as_posix()


def module(part: Path) -> str:
    return f"_ttsopt_workload_{part.stem}"


LOADED = re.findall(r'load_part\("(\w+)"\)', (IN_TARGET / "worker.py").read_text(encoding="utf-8"))


def parts_before(path: Path) -> set[str]:
    """The parts that the worker has loaded when it comes to this file, as modules."""
    if path.parent == IN_TARGET:
        earlier = LOADED[: LOADED.index(path.stem)] if path.stem in LOADED else []
        return {f"_ttsopt_{name}" for name in earlier}
    shared = {f"_ttsopt_{part.stem}" for part in IN_TARGET.glob("*.py")}
    if path in WORKLOADS:
        return shared | {module(part) for part in PARTS if part.parent == path.with_suffix("")}
    own = {module(part) for part in PARTS if part.parent == path.parent and part < path}
    return shared | own if path in PARTS else set()


@pytest.mark.parametrize("path", FILES, ids=name)
def test_every_file_parses_as_python_3_8(path: Path) -> None:
    ast.parse(path.read_text(encoding="utf-8"), feature_version=(3, 8))


@pytest.mark.parametrize("path", FILES, ids=name)
def test_every_file_imports_the_standard_library_alone(path: Path) -> None:
    """At import time, and parts of its workload: a workload's functions import what the checkout has."""
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "a sibling import: files here are loaded by location"
            names = [node.module or ""]
        else:
            continue
        allowed = sys.stdlib_module_names | parts_before(path)
        assert {n.partition(".")[0] for n in names} <= allowed


@pytest.mark.parametrize("path", PARTS, ids=name)
def test_every_part_is_of_a_workload_that_imports_it_or_a_part_that_does(path: Path) -> None:
    same = [path.parent.with_suffix(".py"), *path.parent.glob("*.py")]
    importing = f"import {module(path)} as "
    assert [file for file in same if importing in file.read_text(encoding="utf-8")]


@pytest.mark.parametrize("path", WORKLOADS, ids=name)
def test_a_workload_says_which_stubs_it_uses_and_loads_with_nothing_installed(path: Path) -> None:
    code = (
        "import runpy, sys; worker = runpy.run_path(sys.argv[1]);"
        "m = worker['workloads'].import_workload({'workload': sys.argv[2]});"
        "assert m.STUBS and all(isinstance(s, str) for s in m.STUBS);"
        "assert callable(m.load)"
    )
    command = [sys.executable, "-S", "-I", "-c", code, str(IN_TARGET / "worker.py"), str(path)]
    subprocess.run(command, check=True)


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


def test_the_bits_of_a_recorded_row_mean_the_same_on_both_sides() -> None:
    there = runpy.run_path(str(IN_TARGET / "operations.py"))
    assert {name: there[name] for name in Flag.__members__} == {
        name: flag.value for name, flag in Flag.__members__.items()
    }
    effects = (IN_TARGET / "effects.py").read_text(encoding="utf-8")
    assert [*How] == [How.CHANGED, How.REPLACED, How.MADE]
    assert "CHANGED, REPLACED, MADE = 0, 1, 2" in effects
