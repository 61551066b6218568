"""Real processes: what a worker may do to us, and what is said about it."""

from __future__ import annotations

import errno
import json
import os
import signal
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from bench_fakes import worker_job

from ttsopt.bench.job import Task
from ttsopt.bench.run.executor import WORKER, WorkerExecutor
from ttsopt.bench.spec import WatchedEdit, WatchedFile
from ttsopt.domain.measurement import Side, Utterance
from ttsopt.errors import CannotRunError

ANSWER = """
import json, os, signal, subprocess, sys, time
control = sys.argv[1]
def answer(**more):
    message = {"protocol": 2, "ok": True, "task": "prepare", "stubs": [], **more}
    with open(os.path.join(control, "result.json"), "w") as file:
        json.dump(message, file)
"""
HOLD = f"import runpy; runpy.run_path({str(WORKER.parent / 'lifeline.py')!r})['hold']()\n"
SLEEPER = "import os, time; print('child', os.getpid(), flush=True); time.sleep(600)"


def execute(
    folder: Path,
    body: str,
    *,
    task: Task = Task.PREPARE,
    seconds: float = 60,
    held: bool = False,
    **changes: Any,
) -> Any:
    """Run a worker program of our own; `held` as the real one is: it ends with ttsopt."""
    program = folder / "program.py"
    program.write_text((HOLD if held else "") + ANSWER + body)
    job = replace(worker_job(folder, task, **changes), control=folder / "work" / "control")
    executor = WorkerExecutor(Path(sys.executable), seconds, "pip install what-it-needs", program)
    return executor.run(job)


def failure(folder: Path, body: str, **options: Any) -> CannotRunError:
    with pytest.raises(CannotRunError) as caught:
        execute(folder, body, **options)
    return caught.value


def is_alive(pid: int) -> bool:
    """Whether a process runs; a zombie whose parent did not wait does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def gone(pid: int) -> bool:
    """Whether a killed process is gone; the kernel may take a moment."""
    for _ in range(500):
        if not is_alive(pid):
            return True
        time.sleep(0.01)
    return False


def test_an_answer_comes_back(tmp_path: Path) -> None:
    answer = execute(tmp_path, "answer(fallbacks=['slow path'])")
    assert answer.fallbacks == ("slow path",)


def test_the_request_says_what_the_protocol_wants(tmp_path: Path) -> None:
    file = WatchedFile("src/a.py", "a", "ab", (WatchedEdit("0", "p/q", 3, 4),))
    warmup = Utterance("warmup", "Another.", 2)
    execute(tmp_path, "answer()", files_after=(file,), warmup_utterances=(warmup,))
    message = json.loads((tmp_path / "work/control/request.json").read_text(encoding="utf-8"))
    own = Path(message.pop("own"))
    assert own.parent == (tmp_path / "own").resolve()
    assert not own.exists()
    assert message == {
        "protocol": 2,
        "task": "prepare",
        "workload": str(tmp_path / "workload.py"),
        "view": str(tmp_path / "after"),
        "import_paths": ["src"],
        "size": "tiny",
        "weights": "random",
        "mixed": None,
        "scratch": str(tmp_path / "scratch"),
        "utterances": [
            {"id": "short", "voice": 0, "characters": 13},
            {"id": "short-again", "voice": 1, "characters": 13},
        ],
        "warmup": 3,
        "warmup_utterances": [{"id": "warmup", "text": "Another.", "voice": 2}],
        "scenarios": [],
        "stream": False,
        "prompt_audio": None,
        "prompt_text": None,
        "seed": 0,
        "threads": 1,
        "serve": None,
        "files": [
            {
                "path": "src/a.py",
                "module": "a",
                "sha256": "ab",
                "edits": [{"id": "0", "first": 3, "last": 4}],
            }
        ],
    }


def test_what_is_typed_is_not_for_the_worker(tmp_path: Path) -> None:
    read, write = os.pipe()
    os.write(write, b"typed")
    os.close(write)
    kept = os.dup(0)
    os.dup2(read, 0)
    try:
        answer = execute(tmp_path, "answer(stubs=[sys.stdin.read()])", held=True)
    finally:
        os.dup2(kept, 0)
        os.close(kept)
        os.close(read)
    assert answer.stubs == ("",)


@pytest.mark.parametrize(("weights", "offline"), [("random", "1"), ("/models", "not set")])
def test_random_weights_need_no_model_hub(tmp_path: Path, weights: str, offline: str) -> None:
    body = "answer(stubs=[os.environ.get('HF_HUB_OFFLINE', 'not set')])"
    assert execute(tmp_path, body, weights=weights).stubs == (offline,)


def test_it_runs_in_the_view_and_with_its_own_bytecode(tmp_path: Path) -> None:
    answer = execute(
        tmp_path,
        "answer(stubs=[os.getcwd(), os.environ['PYTHONPYCACHEPREFIX']])",
    )
    cwd, bytecode = answer.stubs
    assert Path(cwd) == (tmp_path / "after").resolve()
    assert Path(bytecode).is_relative_to(tmp_path / "own")


def test_ten_megabytes_of_chatter_do_not_block(tmp_path: Path) -> None:
    body = """
for pipe in (sys.stdout, sys.stderr):
    for _ in range(5 * 1024):
        pipe.write("x" * 1023 + chr(10))
answer(stubs=["done"])
"""
    assert execute(tmp_path, body).stubs == ("done",)


def test_an_exit_without_a_result_is_a_death_with_its_last_words(tmp_path: Path) -> None:
    error = failure(
        tmp_path, "print('a' * 10**6 + '\\nlast words', file=sys.stderr, flush=True); os._exit(3)"
    )
    assert error.code == "worker-died"
    assert "status 3" in error.message
    assert error.message.endswith("last words")
    assert "after side (prepare)" in error.message


def test_what_it_printed_stands_in_for_an_empty_standard_error(tmp_path: Path) -> None:
    assert "only this" in failure(tmp_path, "print('only this')").message


def test_a_folder_that_was_cleared_away_is_no_death(tmp_path: Path) -> None:
    error = failure(tmp_path, "import shutil; answer(); shutil.rmtree(control); os._exit(0)")
    assert error.code == "scratch-removed"
    assert str(tmp_path / "work" / "control") in error.message
    assert "TMPDIR" in error.hint


def test_a_crash_names_its_signal(tmp_path: Path) -> None:
    error = failure(tmp_path, "os.kill(os.getpid(), signal.SIGSEGV)")
    assert error.code == "worker-died"
    assert "SIGSEGV" in error.message
    assert "printed nothing" in error.message


def test_a_kill_may_be_memory(tmp_path: Path) -> None:
    error = failure(tmp_path, "os.kill(os.getpid(), signal.SIGKILL)")
    assert "memory" in error.message
    assert "memory" in error.hint


def test_a_hang_is_stopped_with_its_children(tmp_path: Path) -> None:
    body = f"""
child = subprocess.Popen([sys.executable, "-c", {SLEEPER!r}], stdout=sys.stderr)
time.sleep(600)
"""
    error = failure(tmp_path, body, seconds=3)
    assert error.code == "worker-hung"
    assert "3 s" in error.message
    assert "--time-limit 6" in error.hint
    pid = int(error.message.rpartition("child ")[2])
    assert gone(pid)


def test_a_hang_says_how_far_it_came(tmp_path: Path) -> None:
    body = """
os.mkdir(os.path.join(control, "output"))
open(os.path.join(control, "output", "short.npy"), "w").close()
time.sleep(600)
"""
    error = failure(tmp_path, body, task=Task.TRACE, seconds=3)
    assert "1 of 2 utterances spoken" in error.message


def test_children_do_not_outlive_a_worker_that_ended(tmp_path: Path) -> None:
    body = f"""
child = subprocess.Popen([sys.executable, "-c", {SLEEPER!r}])
answer(stubs=[str(child.pid)])
"""
    answer = execute(tmp_path, body)
    assert gone(int(answer.stubs[0]))


def test_an_interrupt_stops_the_worker(tmp_path: Path) -> None:
    body = """
with open(os.path.join(control, "pid"), "w") as file:
    file.write(str(os.getpid()))
os.kill(os.getppid(), signal.SIGINT)
time.sleep(600)
"""
    # A job in the background of a shell ignores interrupts from its start, and Python then leaves it at that.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with pytest.raises(KeyboardInterrupt):
            execute(tmp_path, body)
    finally:
        signal.signal(signal.SIGINT, before)
    assert gone(int((tmp_path / "work/control/pid").read_text()))


def failed(**changes: object) -> str:
    message = {"ok": False, "stage": "load", "error": "ValueError", "message": "no such voice"}
    more = {"missing_module": None, "traceback": "line 1\nline 2", **changes}
    return f"answer(**{message | more!r}); sys.exit(1)"


def test_an_exception_in_the_tts_code_is_told_with_its_stage(tmp_path: Path) -> None:
    error = failure(tmp_path, failed())
    assert error.code == "target-failed"
    assert "stage load: ValueError: no such voice" in error.message
    assert error.message.endswith("line 2")


def test_running_out_of_gpu_memory_has_its_own_hint(tmp_path: Path) -> None:
    assert "memory" in failure(tmp_path, failed(error="OutOfMemoryError")).hint


def test_a_missing_module_is_named_with_how_to_get_it(tmp_path: Path) -> None:
    error = failure(tmp_path, failed(missing_module="torch.nn", error="ModuleNotFoundError"))
    assert error.code == "module-missing"
    assert "torch.nn" in error.message
    assert error.hint == "pip install what-it-needs"


def test_a_module_that_the_view_itself_lacks_is_no_matter_of_installing(tmp_path: Path) -> None:
    (tmp_path / "after/src/tts").mkdir(parents=True)
    error = failure(tmp_path, failed(missing_module="tts.helper", error="ModuleNotFoundError"))
    assert error.code == "target-failed"


def test_a_request_that_was_not_understood_is_a_bad_answer(tmp_path: Path) -> None:
    assert failure(tmp_path, failed(stage="request")).code == "bad-answer"


def test_half_an_answer_is_a_bad_answer(tmp_path: Path) -> None:
    body = "open(os.path.join(control, 'result.json'), 'w').write('{')"
    assert failure(tmp_path, body).code == "bad-answer"


@pytest.mark.parametrize("python", ["nowhere/python", "plain.txt"])
def test_an_interpreter_that_cannot_be_started_is_named(tmp_path: Path, python: str) -> None:
    (tmp_path / "plain.txt").write_text("no program")
    job = worker_job(tmp_path, Task.PREPARE, Side.BEFORE)
    with pytest.raises(CannotRunError) as caught:
        WorkerExecutor(tmp_path / python, 60).run(job)
    assert caught.value.code == "python-unusable"
    assert python in caught.value.message
    assert "--python" in caught.value.hint


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "work").write_text("a file, not a folder")
    error = failure(tmp_path, "answer()")
    assert error.code == "cannot-write"
    assert os.strerror(errno.ENOTDIR) in error.message


def test_the_shipped_worker_is_where_it_is_looked_for() -> None:
    assert WORKER.is_file()
