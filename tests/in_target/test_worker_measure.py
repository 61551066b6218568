"""The worker through its door: what it measures, and what it says when something goes wrong."""

from __future__ import annotations

import array
import ast
import hashlib
import json
import math
import struct
import sys
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.in_target.conftest import Tree

LOAD = "STUBS = ()\ndef load(job):\n    def speak(utterance, seed):\n"

FULL_AT_THE_SECOND_CALL = """\
STUBS = ()
calls = []

def load(job):
    def speak(utterance, seed):
        calls.append(1)
        if len(calls) == 2:
            raise MemoryError("full")
        return {"samples": [0.0, 0.5], "sample_rate": 8}
    return speak
"""


def npy(content: bytes) -> tuple[dict[str, Any], bytes]:
    """Header and data of a version 1.0 .npy file."""
    assert content[:8] == b"\x93NUMPY\x01\x00"
    (length,) = struct.unpack("<H", content[8:10])
    assert (10 + length) % 64 == 0
    return ast.literal_eval(content[10 : 10 + length].decode("latin1")), content[10 + length :]


def test_a_measured_utterance_has_its_times_its_audio_and_its_counters(tree: Tree) -> None:
    result = tree.run().result
    assert (result["protocol"], result["ok"], result["task"]) == (2, True, "measure")
    assert result["load_seconds"] >= 0
    assert len(result["warmup_seconds"]) == 1
    assert result["peak_rss_bytes"] > 1_000_000
    assert result["stubs"] == ["a library of the tests"]
    assert result["fallbacks"] == []
    (row,) = result["utterances"]
    assert row["wall_seconds"] > 0
    assert row["cpu_seconds"] >= 0
    assert row["audio_seconds"] == pytest.approx(0.3)
    assert row["sample_rate"] == 1000
    assert row["counters"] == {"steps": 3}
    assert (row["finite"], row["silent"]) == (True, False)


def test_the_output_is_a_npy_file_of_the_samples_under_the_hash_that_is_reported(
    tree: Tree,
) -> None:
    ran = tree.run(texts=("short", "long"))
    assert [row["output"] for row in ran.result["utterances"]] == [
        "output/short.npy",
        "output/long.npy",
    ]
    header, data = npy(ran.output("long"))
    assert header == {"descr": "<f4", "fortran_order": False, "shape": (300,)}
    assert array.array("f", data)[1] == pytest.approx(math.sin(0.1 + 7) / 2, rel=1e-6)
    sha = hashlib.sha256(ran.output("long")).hexdigest()
    assert ran.result["utterances"][1]["sha256"] == sha


def test_the_wall_clock_is_read_around_the_call_and_waits_for_the_device(tree: Tree) -> None:
    tree.write(
        "workload.py",
        "import time\nSTUBS = ()\npending = [0.0]\n"
        "def synchronise():\n    time.sleep(pending[0]); pending[0] = 0.0\n"
        "def load(job):\n    def speak(utterance, seed):\n        pending[0] = 0.2\n"
        "        return {'samples': [0.0, 1.0], 'sample_rate': 10}\n    return speak\n",
    )
    result = tree.run(warmup=2).result
    assert result["utterances"][0]["wall_seconds"] >= 0.2
    assert result["utterances"][0]["cpu_seconds"] < 0.1
    assert [seconds >= 0.2 for seconds in result["warmup_seconds"]] == [True, True]


TORCH = """\
import time

pending = [0.0]

class cuda:
    @staticmethod
    def is_initialized():
        return True

    @staticmethod
    def max_memory_allocated():
        return 7

    @staticmethod
    def synchronize():
        time.sleep(pending[0])
        pending[0] = 0.0

def get_num_threads():
    return 1
"""


def test_a_workload_need_not_wait_for_torchs_gpu_by_itself(tree: Tree) -> None:
    tree.write("view/src/torch.py", TORCH)
    tree.write(
        "workload.py",
        "STUBS = ()\ndef load(job):\n    import torch\n    import _ttsopt_instruments as parts\n"
        "    watched = parts.Instruments()\n    class model:\n        @staticmethod\n"
        "        def run(): torch.pending[0] += 0.2\n    watched.time(model, 'run', 'run')\n"
        "    def speak(utterance, seed):\n        watched.clear()\n        model.run()\n"
        "        torch.pending[0] += 0.1\n        return {'samples': [0.0, 1.0], 'sample_rate': 10,"
        " 'counters': watched.counters()}\n    return speak\n",
    )
    result = tree.run(warmup=0).result
    (row,) = result["utterances"]
    assert 0.2 <= row["counters"]["run_seconds"] < 0.3
    assert row["wall_seconds"] >= 0.3
    assert result["peak_gpu_bytes"] == 7


def test_tokens_are_written_as_int32_with_the_seconds_that_went_in(tree: Tree) -> None:
    tree.write(
        "workload.py",
        LOAD + "        return {'tokens': [3, 1, 70000], 'audio_seconds': 1.5}\n    return speak\n",
    )
    ran = tree.run()
    (row,) = ran.result["utterances"]
    assert (row["sample_rate"], row["audio_seconds"]) == (0, 1.5)
    assert (row["finite"], row["silent"], row["counters"]) == (True, False, {})
    header, data = npy(ran.output())
    assert header["descr"] == "<i4"
    assert list(array.array("i", data)) == [3, 1, 70000]


@pytest.mark.parametrize(
    ("samples", "finite", "silent"),
    [
        ("[0.1, float('nan'), 0.2]", False, False),
        ("[0.1, float('inf')]", False, False),
        ("[0.0] * 50", True, True),
        ("[0.25] * 50", True, True),
        ("[]", True, True),
        ("[1e-6, -1e-6] * 20", True, True),
        ("[0.001, -0.001] * 20", True, False),
    ],
)
def test_audio_that_is_no_sound_is_flagged(
    tree: Tree, samples: str, finite: bool, silent: bool
) -> None:
    tree.write(
        "workload.py",
        LOAD + f"        return {{'samples': {samples}, 'sample_rate': 8}}\n    return speak\n",
    )
    (row,) = tree.run().result["utterances"]
    assert (row["finite"], row["silent"]) == (finite, silent)


def test_what_the_library_prints_is_no_message_of_the_worker(tree: Tree) -> None:
    noise = (
        "import os, sys\nprint('{\"ok\": false}')\nos.write(1, b'raw')\nsys.stderr.write('hm')\n"
    )
    tree.write("view/src/voice.py", noise + "STEPS = 1\ndef speak(text, seed): return [0.0, 0.5]\n")
    ran = tree.run()
    assert ran.result["ok"] is True
    assert all(
        {"ask", "spoken", "end"} & json.loads(line).keys() for line in ran.stdout.splitlines()
    )
    assert {"raw", "hm"} <= set(ran.stderr.replace("raw", "raw ").split())


@pytest.mark.parametrize(
    ("workload", "stage", "error"),
    [
        ("raise OSError('disk')", "import", "OSError"),
        ("def load(job:", "import", "SyntaxError"),
        ("STUBS = ()\ndef load(job): raise RuntimeError('disk')", "load", "RuntimeError"),
        ("STUBS = ()\ndef load(job): raise SystemExit(3)", "load", "SystemExit"),
        (LOAD + "        raise KeyError('x')\n    return speak", "warmup", "KeyError"),
        (LOAD + "        return 3\n    return speak", "warmup", "OutputError"),
        (
            LOAD + "        return {'samples': [0.5], 'sample_rate': 0}\n    return speak",
            "warmup",
            "OutputError",
        ),
        (FULL_AT_THE_SECOND_CALL, "measure", "MemoryError"),
    ],
)
def test_a_failure_names_its_stage_and_error(
    tree: Tree, workload: str, stage: str, error: str
) -> None:
    tree.write("workload.py", workload)
    ran = tree.run()
    assert ran.returncode == 1
    assert (ran.result["ok"], ran.result["stage"], ran.result["error"]) == (False, stage, error)
    assert error in ran.result["traceback"]
    assert error in ran.stderr


def test_a_missing_module_is_named_even_where_the_library_wraps_the_error(tree: Tree) -> None:
    tree.write("view/src/voice.py", "import torch_that_is_not_there\n")
    assert tree.run().result["missing_module"] == "torch_that_is_not_there"
    tree.write(
        "view/src/voice.py",
        "try:\n    import no_such_thing\nexcept ImportError as e:\n    raise RuntimeError('x') from e\n",
    )
    result = tree.run().result
    assert (result["error"], result["missing_module"]) == ("RuntimeError", "no_such_thing")


def test_a_process_that_dies_leaves_no_result(tree: Tree) -> None:
    tree.write("view/src/voice.py", "import os\nos._exit(9)\n")
    ran = tree.run()
    assert ran.answer is None
    assert ran.returncode == 9


def test_a_library_that_hangs_at_exit_does_not_hold_the_result_back(tree: Tree) -> None:
    tree.write(
        "workload.py",
        "import threading, time\n"
        + LOAD
        + "        threading.Thread(target=time.sleep, args=(300,)).start()\n"
        + "        return {'samples': [0.0, 0.5], 'sample_rate': 8}\n    return speak\n",
    )
    assert tree.run().result["ok"] is True


def test_the_library_finds_the_view_first_and_no_arguments(tree: Tree) -> None:
    tree.write(
        "workload.py",
        "import sys\nSTUBS = ()\n"
        "def load(job): raise RuntimeError(repr((sys.argv[1:], sys.path)))\n",
    )
    argv, path = ast.literal_eval(tree.run(import_paths=[".", "src"]).result["message"])
    assert argv == []
    assert path[:2] == [str(tree.view), str(tree.view / "src")]
    assert not [entry for entry in path if entry.endswith("in_target")]


def test_a_workload_named_like_the_library_does_not_shadow_it(tree: Tree) -> None:
    workload = (tree.folder / "workload.py").read_text(encoding="utf-8")
    tree.write("workloads/voice.py", workload)
    result = tree.run(
        workload="workloads/voice.py", files=[tree.planned("src/voice.py", "voice")]
    ).result
    assert result["modules"][0]["file"] == str(tree.view.resolve() / "src" / "voice.py")


def test_prepare_writes_to_scratch_for_both_sides_and_measures_nothing(tree: Tree) -> None:
    tree.write(
        "workload.py",
        "import os\nSTUBS = ('weights',)\n"
        "def prepare(job):\n    open(os.path.join(job['scratch'], 'weights'), 'w').close()\n",
    )
    result = tree.run("prepare", utterances=[]).result
    assert (result["ok"], result["task"], result["stubs"]) == (True, "prepare", ["weights"])
    assert (tree.folder / "scratch" / "weights").exists()
    assert "utterances" not in result


def test_what_a_helper_of_the_checkout_fell_back_to_is_reported(tree: Tree) -> None:
    library = (tree.view / "src" / "voice.py").read_text(encoding="utf-8")
    tree.write("view/src/voice.py", library + "__ttsopt_fallbacks__ = ['no oneDNN: plain GEMM']\n")
    assert tree.run().result["fallbacks"] == ["no oneDNN: plain GEMM"]


def test_the_environment_says_interpreter_and_threads(tree: Tree) -> None:
    tree.environment = {"OMP_NUM_THREADS": "3", "OMP_WAIT_POLICY": "PASSIVE"}
    environment = tree.run().result["environment"]
    assert environment["python"] == "{}.{}.{}".format(*sys.version_info[:3])
    assert environment["threads"]["OMP_NUM_THREADS"] == "3"
    assert environment["threads"]["OMP_WAIT_POLICY"] == "PASSIVE"


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"protocol": 3}, "protocol 3"),
        ({"task": "dance"}, "dance"),
        ({"utterances": []}, "no utterance"),
        ({"utterances": [{"id": "../../x", "text": ""}]}, "../../x"),
    ],
)
def test_a_request_that_is_not_of_this_protocol_is_refused(
    tree: Tree, changes: dict[str, Any], word: str
) -> None:
    ran = tree.run(**changes)
    assert ran.returncode == 1
    assert (ran.result["stage"], ran.result["error"]) == ("request", "RequestError")
    assert word in ran.result["message"]


def test_a_request_that_lacks_a_key_is_refused_by_its_name(tree: Tree) -> None:
    result = tree.ask({"protocol": 2, "task": "measure"}).result
    assert result["stage"] == "request"
    assert "workload" in result["message"]
