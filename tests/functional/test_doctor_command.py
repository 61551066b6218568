"""`ttsopt doctor`: what it finds, and the command that mends it."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from cli_driver import Answer, Cli
from fake_packages import distribution, fake_onnxruntime, fake_torch, interpreter
from toy_models import SYSTEM, put, toy_catalogue, toy_checkout

MODULES = 'modules = ["torch", "onnxruntime"]'
BAD = '\n[[bench.known_bad]]\npackage = "transformers>4.51.3"\nwhy = "other speech"\n'
NVIDIA_SMI = "Fake GPU, 550.1, 9.0, 80000, {used}, 1200, 1980, {limit}, 700.00, {reasons}"
Doctor = Callable[..., Answer]


@pytest.fixture
def packages(tmp_path: Path) -> Path:
    folder = tmp_path / "packages"
    folder.mkdir()
    fake_torch(folder)
    fake_onnxruntime(folder)
    return folder


@pytest.fixture
def toy(tmp_path: Path) -> Path:
    catalogue = toy_catalogue(tmp_path)
    needs = SYSTEM.replace("modules = []", MODULES) + BAD
    (catalogue / "toy-tts/system.toml").write_text(needs)
    return toy_checkout(tmp_path)


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder in front of PATH."""
    folder = tmp_path / "programs"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    return folder


@pytest.fixture
def doctor(
    cli: Cli, toy: Path, packages: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Doctor:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        monkeypatch.delenv(name, raising=False)
    python = interpreter(tmp_path / "bin/python", packages)

    def call(*more: object) -> Answer:
        named = more if "--python" in more else ("--python", python, *more)
        return cli("doctor", toy, "--catalog", toy.parent / "own", *named)

    return call


def checks(answer: Answer, name: str) -> list[dict[str, Any]]:
    return [row for row in answer.data["checks"] if row["name"] == name]


def one(answer: Answer, name: str, status: str) -> dict[str, Any]:
    """The one finding of that name and status."""
    (row,) = [row for row in checks(answer, name) if row["status"] == status]
    return row


def program(file: Path, output: str, status: int = 0) -> None:
    file.write_text(f"#!/bin/sh\ncat <<'E'\n{output}\nE\nexit {status}\n")
    file.chmod(0o755)


def nvidia(programs: Path, *, used: int = 10, limit: str = "700.00", reasons: str = "0x0") -> None:
    row = NVIDIA_SMI.format(used=used, limit=limit, reasons=reasons)
    program(programs / "nvidia-smi", row)


def test_a_sound_checkout(doctor: Doctor) -> None:
    answer = doctor("--json")
    assert answer.code == 0
    assert answer.data["counts"]["problem"] == 0
    assert one(answer, "torch", "ok")["message"] == "2.9.0 (CPU build), 2 threads"
    assert "sessions open with CPUExecutionProvider" in checks(answer, "onnxruntime")[0]["message"]
    assert "harmless" in checks(answer, "onnxruntime")[1]["message"]
    assert "named by --python" in one(answer, "interpreter", "ok")["message"]


def test_the_screen_keeps_to_80_columns_but_for_commands(doctor: Doctor) -> None:
    lines = doctor().out.splitlines()
    assert lines[0].startswith("Toy TTS")
    assert max(len(line) for line in lines if "$ " not in line and "/" not in line) <= 80
    assert lines[-1].endswith("0 problem")
    assert any(line.strip().startswith("$ ttsopt models ") for line in lines)


@pytest.mark.parametrize(
    ("program_text", "told"),
    [
        ("#!/bin/sh\nsleep 60\n", "it gave no answer in 1 s"),
        ("#!/bin/sh\necho no >&2\nexit 3\n", "status 3"),
        ("hello\n", "it cannot be started"),
    ],
)
def test_an_interpreter_that_cannot_be_used_is_a_problem_and_the_rest_is_looked_at(
    doctor: Doctor, tmp_path: Path, program_text: str, told: str
) -> None:
    wrong = put(tmp_path / "wrong", program_text)
    wrong.chmod(0o755)
    answer = doctor("--python", wrong, "--time-limit", "1", "--json")
    assert (answer.code, answer.error["code"]) == (1, "problems")
    row = one(answer, "interpreter", "problem")
    assert told in row["message"]
    assert row["command"].endswith("--python EXE")
    assert checks(answer, "disk")


def test_one_that_is_not_there(doctor: Doctor, tmp_path: Path) -> None:
    answer = doctor("--python", tmp_path / "nothing", "--json")
    assert "there is no such program" in one(answer, "interpreter", "problem")["message"]


def test_torch_that_hangs_costs_only_what_comes_behind_it(doctor: Doctor, packages: Path) -> None:
    (packages / "torch.py").write_text("import time\ntime.sleep(60)\n")
    answer = doctor("--time-limit", "1", "--json")
    row = one(answer, "interpreter", "problem")
    assert "while it looked at torch: it gave no answer in 1 s" in row["message"]
    assert "import torch" in row["command"]
    assert one(answer, "python", "ok")
    assert not checks(answer, "torch")


def test_torch_that_kills_the_process(doctor: Doctor, packages: Path) -> None:
    (packages / "torch.py").write_text("import os\nos.abort()\n")
    assert "while it looked at torch" in one(doctor("--json"), "interpreter", "problem")["message"]


def test_torch_that_cannot_be_imported_or_is_missing(doctor: Doctor, packages: Path) -> None:
    (packages / "torch.py").write_text("raise OSError('libcudart.so.12: cannot open')\n")
    row = one(doctor("--json"), "torch", "problem")
    assert "OSError: libcudart.so.12" in row["message"]
    assert "--force-reinstall torch" in row["command"]
    (packages / "torch.py").unlink()
    answer = doctor("--json")
    assert one(answer, "torch", "problem")["command"].endswith("-m pip install torch")
    assert "torch" in one(answer, "modules", "problem")["message"]


def test_an_answer_made_to_hurt_is_bounded(doctor: Doctor, packages: Path) -> None:
    text = "def get_num_threads(): return 1\nclass version: cuda = None; debug = False\n"
    told = '__version__ = "\\x1b[31m" + "x" * 10\nclass cuda: is_available = staticmethod(lambda: False)\n'
    (packages / "torch.py").write_text(text + told)
    answer = doctor()
    assert "\x1b" not in answer.out
    assert "\\x1b[31m" in answer.out


def test_a_package_that_is_known_to_be_bad(doctor: Doctor, packages: Path) -> None:
    distribution(packages, "transformers", "5.24.0")
    row = one(doctor("--json"), "packages", "warning")
    assert "transformers 5.24.0 is installed: other speech" in row["message"]
    assert row["command"].endswith("-m pip install 'transformers<=4.51.3'")


def test_a_gpu_that_torch_does_not_see(doctor: Doctor, programs: Path) -> None:
    nvidia(programs)
    row = one(doctor("--json"), "torch", "problem")
    assert "there is a GPU, and it does not see it: install a CUDA build" in row["message"]


def test_a_gpu_that_torch_has_no_kernels_for(
    doctor: Doctor, programs: Path, packages: Path
) -> None:
    nvidia(programs)
    fake_torch(packages, gpu=True, cuda="12.8", broken=True)
    assert "no kernel image" in one(doctor("--json"), "gpu", "problem")["message"]


def test_a_gpu_that_works_and_one_that_is_held_back(
    doctor: Doctor, programs: Path, packages: Path
) -> None:
    fake_torch(packages, gpu=True, cuda="12.8")
    nvidia(programs)
    answer = doctor("--json")
    assert "79990 of 80000 MiB are free" in one(answer, "gpu memory", "ok")["message"]
    assert "1200 of 1980 MHz" in one(answer, "gpu clocks", "ok")["message"]
    assert "bf16" in checks(answer, "gpu")[1]["message"]
    nvidia(programs, used=30000, limit="300.00", reasons="0x0000000000000044")
    answer = doctor("--json")
    assert "others hold the rest" in one(answer, "gpu memory", "warning")["message"]
    assert one(answer, "gpu power", "warning")["command"] == "sudo nvidia-smi -pl 700"
    assert "its power limit, heat (hardware)" in one(answer, "gpu clocks", "warning")["message"]


def test_a_driver_that_does_not_answer(doctor: Doctor, programs: Path) -> None:
    program(
        programs / "nvidia-smi", "Failed to initialize NVML: Driver/library version mismatch", 18
    )
    assert "version mismatch" in one(doctor("--json"), "gpu", "problem")["message"]


def test_a_provider_that_is_offered_and_does_not_load(doctor: Doctor, packages: Path) -> None:
    fake_onnxruntime(packages, "CUDAExecutionProvider", falls=True)
    answer = doctor("--json")
    assert (
        "opens no session: its libraries cannot be loaded"
        in one(answer, "onnxruntime", "warning")["message"]
    )


def test_two_onnx_runtimes_over_each_other(doctor: Doctor, packages: Path) -> None:
    distribution(packages, "onnxruntime", "1.30.0")
    distribution(packages, "onnxruntime-gpu", "1.30.0")
    row = one(doctor("--json"), "onnxruntime", "problem")
    assert "uninstall -y onnxruntime onnxruntime-gpu &&" in row["command"]


def test_an_editable_install_of_what_is_gone_or_elsewhere(
    doctor: Doctor, packages: Path, tmp_path: Path, toy: Path
) -> None:
    url = f'{{"url": "file://{tmp_path}/gone", "dir_info": {{"editable": true}}}}'
    distribution(packages, "toy-tts", "1.0", direct_url__json=url)
    row = one(doctor("--json"), "copies", "problem")
    assert f"is an editable install of {tmp_path}/gone, which is gone" in row["message"]
    assert row["command"].endswith(f"install -e {toy}")
    (tmp_path / "gone").mkdir()
    assert "not of this checkout" in one(doctor("--json"), "copies", "warning")["message"]


def test_another_copy_of_the_package_on_the_path(doctor: Doctor, packages: Path) -> None:
    put(packages / "toy_tts/__init__.py", "raise SystemExit('it must not be imported')")
    row = one(doctor("--json"), "copies", "warning")
    assert str(packages / "toy_tts") in row["message"]


def test_variables_that_slow_it_down(doctor: Doctor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUDA_LAUNCH_BLOCKING", "1")
    monkeypatch.setenv("TORCHDYNAMO_DISABLE", "0")
    monkeypatch.setenv("OMP_NUM_THREADS", "999")
    answer = doctor("--json")
    assert one(answer, "debug", "warning")["command"] == "unset CUDA_LAUNCH_BLOCKING"
    assert one(answer, "threads", "warning")["command"].startswith("export OMP_NUM_THREADS=")


def test_a_full_disk(doctor: Doctor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda _: SimpleNamespace(free=2**29))
    assert one(doctor("--json"), "disk", "problem")["command"].startswith("du -xhd1 ")


def test_weights_that_are_pointers(doctor: Doctor, toy: Path) -> None:
    pointer = put(toy / "weights/parts/encoder.bin", "version https://git-lfs.github.com/spec/v1\n")
    row = one(doctor("--json"), "weights", "problem")
    assert row["command"] == f"git -C {pointer.parent} lfs pull"


def test_ffmpeg_of_the_environment(
    doctor: Doctor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert one(doctor("--json"), "ffmpeg", "warning")["command"]
    put(tmp_path / "bin/ffmpeg", "#!/bin/sh\n").chmod(0o755)
    assert one(doctor("--json"), "ffmpeg", "ok")["message"] == str(tmp_path / "bin/ffmpeg")


def test_nothing_is_written_and_no_system_is_refused(
    doctor: Doctor, cli: Cli, toy: Path, tmp_path: Path
) -> None:
    before = sorted(toy.rglob("*"))
    doctor()
    assert sorted(toy.rglob("*")) == before
    (tmp_path / "empty").mkdir()
    answer = cli("doctor", tmp_path / "empty", "--json")
    assert (answer.code, answer.error["code"]) == (3, "no-system")
