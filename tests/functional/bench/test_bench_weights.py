"""Which weights `ttsopt bench` takes by itself, and what it says of them first."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from cli_driver import Answer, Cli
from toy_models import put, toy_catalogue, toy_checkout

ENCODER = "weights/parts/encoder.bin"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home folder of the test's own, without caches."""
    folder = tmp_path / "home"
    folder.mkdir()
    monkeypatch.setenv("HOME", str(folder))
    for name in ("HF_HOME", "HF_HUB_CACHE", "MODELSCOPE_CACHE", "XDG_CACHE_HOME", "TTSOPT_TOY"):
        monkeypatch.delenv(name, raising=False)
    return folder


@pytest.fixture
def bench(cli: Cli, tmp_path: Path) -> Any:
    catalogue, toy = toy_catalogue(tmp_path), toy_checkout(tmp_path)

    def call(*more: object) -> Answer:
        asked = ("bench", toy, "--aa", "--rounds", "1", "--threads", "1", "--catalog", catalogue)
        return cli(*asked, *more)

    return call


def vocoder(home: Path) -> Path:
    return put(home / ".cache/huggingface/hub/models--owner--vocoder/snapshots/abc/v.bin")


def test_without_weights_the_first_line_says_so_and_what_changes_it(
    bench: Any, tmp_path: Path
) -> None:
    answer = bench()
    first, second, third, *_ = answer.out.splitlines()
    assert first == "toy model, random weights: how fast, nothing of how good"
    assert second.startswith("size tiny, threads 1, device cpu, Python 3.")
    assert (
        third == f"a real model: ttsopt models {tmp_path / 'toy'} --download, then the same command"
    )
    assert answer.err.startswith("notice: toy model, random weights")


def test_with_all_of_them_the_model_is_real(bench: Any, tmp_path: Path, home: Path) -> None:
    put(tmp_path / "toy" / ENCODER)
    vocoder(home)
    data = bench("--json").data
    assert (data["weights"], data["size"], data["stubs"]) == ("found", "real", [])
    model = data["after"]["model"]
    assert (model["encoder.bin"], model["v.bin"], model["model"]) == ("real", "real", "2")
    assert [row["found"] for row in data["components"]] == [["checkout"], ["Hugging Face cache"]]
    assert str(tmp_path) not in str(data["components"])


def test_with_some_of_them_they_are_named_one_by_one(bench: Any, tmp_path: Path) -> None:
    put(tmp_path / "toy" / ENCODER)
    answer = bench()
    first, second, third, *_ = answer.out.splitlines()
    assert first == "mixed weights: how fast, nothing of how good"
    assert second == "real: encoder; random: vocoder"
    assert third.startswith("size real, threads 1, device cpu")
    assert "model encoder.bin: real" in answer.out
    assert "model v.bin: random" in answer.out
    assert "model real encoder: True" in answer.out
    assert "stub: random weights of vocoder; real ones of encoder" in answer.out


def test_mixed_weights_leave_the_users_file_alone(bench: Any, tmp_path: Path) -> None:
    file = put(tmp_path / "toy" / ENCODER)
    before = file.stat()
    assert bench("--json").data["weights"] == "mixed"
    assert (file.read_text(), file.stat().st_mtime_ns) == ("real", before.st_mtime_ns)


def test_code_that_writes_into_real_weights_ends_the_run(bench: Any, tmp_path: Path) -> None:
    put(tmp_path / "toy" / ENCODER)
    file = tmp_path / "toy/toy_tts/speak.py"
    writes = 'open(self.folder + "/encoder.bin", "w").write("cached")\n        return ['
    file.write_text(file.read_text().replace("return [", writes))
    answer = bench("--json")
    assert (answer.code, answer.error["code"]) == (5, "shared-touched")


def test_a_size_or_the_word_asks_for_random_ones(bench: Any, tmp_path: Path) -> None:
    put(tmp_path / "toy" / ENCODER)
    for asked, size in (
        (("--size", "tiny"), "tiny"),
        (("--size", "real"), "real"),
        (("--weights", "random"), "tiny"),
    ):
        data = bench(*asked, "--json").data
        assert (data["weights"], data["size"]) == ("random", size)
        assert data["after"]["model"]["encoder.bin"] == "random"
        assert data["after"]["model"]["model"] == "none"


def test_weights_that_have_a_size_are_given_none(bench: Any, tmp_path: Path) -> None:
    for weights in ("found", tmp_path):
        answer = bench("--weights", weights, "--size", "tiny", "--json")
        assert (answer.code, answer.error["code"]) == (2, "two-sizes")


def test_explain_says_which_it_would_take(bench: Any, tmp_path: Path) -> None:
    put(tmp_path / "toy" / ENCODER)
    told = "Toy-2, mixed weights: how fast, nothing of how good; real: encoder; random: vocoder"
    assert bench("--explain", "--json").data["weights"] == [told]


def test_the_report_says_it_first(bench: Any, tmp_path: Path) -> None:
    report = tmp_path / "report.md"
    bench("--report", report)
    assert report.read_text().startswith("toy model, random weights: how fast")


def test_a_recogniser_needs_real_ones(bench: Any, tmp_path: Path, home: Path) -> None:
    answer = bench("--recogniser", "python", "--json")
    assert (answer.code, answer.error["code"]) == (2, "nothing-to-hear")
    assert "ttsopt models" in answer.error["hint"]


def test_a_system_without_a_list_of_models_says_nothing_of_them(cli: Cli, sample: Path) -> None:
    answer = cli("bench", sample, "--aa", "--rounds", "1", "--threads", "1", "--text", "Hi.")
    assert answer.code == 0
    assert "weights" not in answer.out.splitlines()[0]
    assert "notice" not in answer.err


def test_results_of_other_components_are_not_compared(
    bench: Any, cli: Cli, tmp_path: Path, home: Path
) -> None:
    encoder = put(tmp_path / "toy" / ENCODER)
    bench("--save", tmp_path / "a.json")
    encoder.unlink()
    vocoder(home)
    bench("--save", tmp_path / "b.json")
    answer = cli("compare", tmp_path / "a.json", tmp_path / "b.json", "--json")
    assert (answer.code, answer.error["code"]) == (2, "not-comparable")
    assert "real components differs: ['encoder']" in answer.error["message"]
