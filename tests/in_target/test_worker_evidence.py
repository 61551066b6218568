"""The worker's proof: which file ran, whether its bytecode was stale, which edits were executed."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.in_target.conftest import Tree


IN_TARGET = Path(__file__).parents[2] / "src" / "ttsopt" / "in_target"


def test_a_loaded_module_is_reported_with_its_real_file_and_hash(tree: Tree) -> None:
    planned = tree.planned("src/voice.py", "voice")
    (row,) = tree.run(files=[planned]).result["modules"]
    assert row == {
        "path": "src/voice.py",
        "module": "voice",
        "loaded": True,
        "file": str(tree.view.resolve() / "src" / "voice.py"),
        "sha256": planned["sha256"],
        "stale_bytecode": False,
    }


def test_a_planned_file_that_was_never_imported_says_so(tree: Tree) -> None:
    tree.write("view/src/unused.py", "X = 1\n")
    (row,) = tree.run(files=[tree.planned("src/unused.py", "unused")]).result["modules"]
    assert (row["loaded"], row["file"], row["sha256"]) == (False, None, None)


def test_a_file_loaded_under_another_name_is_found_by_its_path(tree: Tree) -> None:
    (row,) = tree.run(files=[tree.planned("src/voice.py", "lib.voice")]).result["modules"]
    assert row["loaded"] is True
    assert row["file"] == str(tree.view.resolve() / "src" / "voice.py")


def test_a_module_from_elsewhere_is_reported_with_its_path(tree: Tree) -> None:
    tree.write(
        "workload.py",
        f"import sys\nsys.path.insert(0, {str(tree.folder / 'site')!r})\n"
        + (tree.folder / "workload.py").read_text(encoding="utf-8"),
    )
    other = tree.write("site/voice.py", "STEPS = 1\ndef speak(text, seed): return [0.0, 0.5]\n")
    (row,) = tree.run(files=[tree.planned("src/voice.py", "voice")]).result["modules"]
    assert row["file"] == str(other.resolve())
    assert row["sha256"] == hashlib.sha256(other.read_bytes()).hexdigest()


def test_a_regular_package_that_shadows_the_views_namespace_package_is_seen(tree: Tree) -> None:
    """`f5_tts` has no __init__.py: one that has it wins from any later place on the path."""
    body = "STEPS = 1\ndef speak(text, seed): return [0.0, 0.5]\n"
    tree.write("view/src/pack/voice.py", body)
    tree.write("site/pack/__init__.py", "")
    other = tree.write("site/pack/voice.py", body)
    workload = (tree.folder / "workload.py").read_text(encoding="utf-8")
    tree.write("workload.py", workload.replace("import voice", "from pack import voice"))
    planned = [tree.planned("src/pack/voice.py", "pack.voice")]
    (row,) = tree.run(files=planned).result["modules"]
    assert row["file"] == str(tree.view.resolve() / "src" / "pack" / "voice.py")
    tree.environment = {"PYTHONPATH": str(tree.folder / "site")}
    (row,) = tree.run(files=planned).result["modules"]
    assert row["file"] == str(other.resolve())


def test_stale_bytecode_is_named(tree: Tree) -> None:
    file = tree.view / "src" / "voice.py"
    before = tree.run().result["utterances"][0]
    stat = file.stat()
    file.write_text(file.read_text(encoding="utf-8").replace("STEPS = 3", "STEPS = 4"), "utf-8")
    os.utime(file, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    result = tree.run(files=[tree.planned("src/voice.py", "voice")]).result
    assert result["utterances"][0]["counters"] == before["counters"]  # Python believed the .pyc
    assert result["modules"][0]["stale_bytecode"] is True
    os.utime(file, (1, 1))
    result = tree.run(files=[tree.planned("src/voice.py", "voice")]).result
    assert result["utterances"][0]["counters"] == {"steps": 4}
    assert result["modules"][0]["stale_bytecode"] is False


TRACED = """\
from concurrent.futures import ThreadPoolExecutor

STEPS = 1

def in_pool(i):
    x = 0.1 * i
    return x

def generated():
    for i in range(2):
        yield 0.5 * i

def never():
    return 1

class Voice:
    def speak(self):
        if STEPS > 5:
            return never()
        with ThreadPoolExecutor() as pool:
            pooled = list(pool.map(in_pool, range(3)))
        return pooled + list(generated())

def speak(text, seed): return Voice().speak()
"""
LINES = {"constant": 3, "in a pool": 6, "generator": 11, "never": 14, "branch": 19, "method": 22}


def test_edits_that_ran_are_told_from_those_that_did_not(tree: Tree) -> None:
    tree.write("view/src/voice.py", TRACED)
    planned = tree.planned("src/voice.py", "voice", *[(n, n) for n in LINES.values()])
    result = tree.run("trace", files=[planned], texts=("short", "long")).result
    ran = [name for i, name in enumerate(LINES) if str(i) in result["executed"]["src/voice.py"]]
    assert ran == ["constant", "in a pool", "generator", "method"]
    assert [row["id"] for row in result["utterances"]] == ["short", "long"]
    assert result["warmup_seconds"] == []
    assert result["utterances"][0]["finite"] is True


SECOND_VOICE = """\
STEPS = 3
def speak(text, seed):
    if text == "text of second":
        return [0.25, 0.5]
    return [0.5, 0.25]
"""


@pytest.mark.parametrize(
    ("line", "spoken"), [(4, ["first", "second"]), (5, ["first"])], ids=["second", "first"]
)
def test_an_edit_that_only_another_utterance_reaches_counts(
    tree: Tree, line: int, spoken: list[str]
) -> None:
    tree.write("view/src/voice.py", SECOND_VOICE)
    planned = tree.planned("src/voice.py", "voice", (line, line))
    result = tree.run("trace", files=[planned], texts=("first", "second", "third")).result
    assert result["executed"] == {"src/voice.py": ["0"]}
    assert [row["id"] for row in result["utterances"]] == spoken


def test_a_file_that_was_never_imported_has_no_executed_edit(tree: Tree) -> None:
    tree.write("view/src/unused.py", "X = 1\n")
    planned = tree.planned("src/unused.py", "unused", (1, 1))
    assert tree.run("trace", files=[planned]).result["executed"] == {"src/unused.py": []}


def test_measuring_is_not_traced(tree: Tree) -> None:
    tree.write(
        "workload.py",
        "import sys, threading\nSTUBS = ()\ndef load(job):\n    def speak(utterance, seed):\n"
        "        traced = sys.gettrace() is not None\n"
        "        return {'samples': [0.0, 0.5], 'sample_rate': 8, 'counters': {'traced': traced}}\n"
        "    return speak\n",
    )
    assert tree.run("measure").result["utterances"][0]["counters"] == {"traced": 0}
    assert tree.run("trace").result["utterances"][0]["counters"] == {"traced": 1}


def test_a_failure_under_trace_is_of_that_stage(tree: Tree) -> None:
    tree.write("view/src/voice.py", "STEPS = 1\ndef speak(text, seed): raise ValueError('no')\n")
    result = tree.run("trace").result
    assert (result["stage"], result["error"]) == ("trace", "ValueError")
    assert result["message"] == "no"


@pytest.mark.skipif(sys.platform != "linux", reason="ru_maxrss is kept through exec on Linux")
def test_peak_memory_is_the_workers_own_not_its_parents(tree: Tree) -> None:
    lean = tree.run().result["peak_rss_bytes"]
    ballast = "import os, sys; b = b'x' * (300 << 20); os.execv(sys.argv[1], sys.argv[1:])"
    (tree.view.parent / "control1" / "result.json").unlink()
    command = [sys.executable, str(IN_TARGET / "worker.py"), str(tree.folder / "control1")]
    text = json.dumps({"utterances": [{"id": "short", "text": "text of short"}]}) + "\n"
    ballasted = [sys.executable, "-c", ballast, *command]
    subprocess.run(ballasted, check=True, cwd=tree.view, input=text.encode(), capture_output=True)
    result = json.loads((tree.folder / "control1" / "result.json").read_text(encoding="utf-8"))
    assert result["peak_rss_bytes"] == pytest.approx(lean, rel=0.3)
