"""The recogniser's program through its door; tests/bench/test_transcripts.py has the whole way."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.in_target.conftest import Tree

REQUEST: dict[str, Any] = {
    "protocol": 2, "library": "funasr", "model": "paraformer-zh", "threads": 1, "sounds": []
}  # fmt: skip


def test_without_funasr_it_says_so(tree: Tree) -> None:
    tree.write("site/funasr.py", "import no_such_module\n")
    tree.environment = {"PYTHONPATH": str(tree.folder / "site")}
    ran = tree.ask(REQUEST, script="recognise.py")
    assert (ran.returncode, ran.result["ok"]) == (1, False)
    assert ran.result["missing_module"] == "no_such_module"


def test_a_model_without_weights_is_refused(tree: Tree) -> None:
    model = "class AutoModel:\n    def __init__(self, **options):\n        self.kwargs = options\n"
    tree.write("site/funasr.py", model)
    tree.environment = {"PYTHONPATH": str(tree.folder / "site")}
    ran = tree.ask(REQUEST, script="recognise.py")
    assert ran.result["error"] == "NoModelError"
    assert "paraformer-zh" in ran.result["message"]


def test_a_request_of_another_protocol_is_refused(tree: Tree) -> None:
    ran = tree.ask({**REQUEST, "protocol": 9}, script="recognise.py")
    assert "protocol 9" in ran.result["message"]


@pytest.mark.skipif(sys.platform == "win32", reason="ended by a signal")
def test_it_ends_when_the_pipe_that_ttsopt_holds_is_closed(tmp_path: Path) -> None:
    (tmp_path / "funasr.py").write_text("import time; print('there', flush=True); time.sleep(600)")
    (tmp_path / "request.json").write_text(json.dumps(REQUEST))
    program = Path(__file__).parents[2] / "src" / "ttsopt" / "in_target" / "recognise.py"
    process = subprocess.Popen(
        [sys.executable, str(program), str(tmp_path)],
        env={**os.environ, "PYTHONPATH": str(tmp_path), "TTSOPT_LIFELINE": "stdin"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    with process.stdin, process.stdout:
        process.stdin.write(b"+")
        process.stdin.flush()
        assert process.stdout.readline() == b"there\n"
        process.stdin.close()
        assert process.wait(60) == -9
