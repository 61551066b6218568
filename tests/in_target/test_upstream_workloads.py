"""The real systems, with random weights. Needs their checkouts and interpreters.

TTSOPT_UPSTREAMS is a folder with clones called F5-TTS and Step-Audio-EditX;
TTSOPT_PYTHON_F5_TTS and TTSOPT_PYTHON_STEP_AUDIO are interpreters as docs/environments.md makes
them.
"""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from upstream_views import ENVIRONMENT, PATCHES, edit, lay_out, needed

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.in_target.conftest import Tree

pytestmark = pytest.mark.upstream

SENTENCE = "The quick brown fox jumps over it."
API = "src/f5_tts/api.py"


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Weights and voices, made once for all tests, as for all rounds of a benchmark."""
    return tmp_path_factory.mktemp("scratch")


@pytest.fixture
def f5(tree: Tree, scratch: Path) -> Callable[..., Any]:
    """Runs a task of the F5-TTS workload on the tree's view, tiny, with one sentence."""
    tree.python, tree.environment = needed("TTSOPT_PYTHON_F5_TTS"), ENVIRONMENT
    tree.limit = 300
    utterances = [{"id": "short", "text": SENTENCE}]

    def run(task: str = "measure", **changes: Any) -> Any:
        job: dict[str, Any] = {"utterances": utterances, "scratch": str(scratch), "seed": 3}
        job |= changes
        if not (scratch / "f5-tts-tiny" / "model.safetensors").exists():
            assert tree.run("prepare", workload=PATCHES / "f5-tts/workload.py", **job).result["ok"]
        return tree.run(task, workload=PATCHES / "f5-tts/workload.py", **job).result

    return run


@pytest.mark.parametrize("revision", ["0.6.2", "1.0.0", "1.0.3", "1.1.3", "1.1.20", "HEAD"])
def test_f5_speaks_with_the_checkouts_own_32_steps(
    tree: Tree, f5: Callable[..., Any], revision: str
) -> None:
    lay_out("F5-TTS", revision, tree.view)
    result = f5(files=[tree.planned(API, "f5_tts.api")])
    (row,) = result["utterances"]
    samples = row["counters"].pop("vocoder_samples")  # of the voice's last frames, too
    assert row["counters"] == {"nfe": 32, "chunks": 1, "epss": 0}
    assert samples >= row["audio_seconds"] * row["sample_rate"] > 0
    assert (row["finite"], row["silent"], row["sample_rate"]) == (True, False, 24000)
    assert 1.5 < row["audio_seconds"] < 4
    assert result["modules"][0]["file"] == str((tree.view / API).resolve())


@pytest.mark.parametrize(("revision", "epss"), [("1.1.3", 0), ("HEAD", 1)])
def test_f5_at_7_steps_is_faster_by_their_ratio(
    tree: Tree, f5: Callable[..., Any], revision: str, epss: int
) -> None:
    lay_out("F5-TTS", revision, tree.view)
    before = f5()["utterances"][0]
    edit(tree.view / API, "nfe_step=32,", "nfe_step=7,")
    after = f5()["utterances"][0]
    assert after["counters"] == {**before["counters"], "nfe": 7, "epss": epss}
    assert after["audio_seconds"] == before["audio_seconds"]
    assert after["sha256"] != before["sha256"]
    assert before["cpu_seconds"] / after["cpu_seconds"] == pytest.approx(32 / 7, rel=0.15)


def test_f5_repeats_to_the_bit_with_the_same_seed_alone(tree: Tree, f5: Callable[..., Any]) -> None:
    lay_out("F5-TTS", "HEAD", tree.view)
    edit(tree.view / API, "nfe_step=32,", "nfe_step=4,")
    twice = [{"id": "a", "text": SENTENCE}, {"id": "b", "text": SENTENCE}]
    one, two = f5(utterances=twice), f5(utterances=twice, warmup=0)
    assert len({row["sha256"] for row in one["utterances"] + two["utterances"]}) == 1
    other = f5(seed=4)["utterances"][0]["sha256"]
    assert other != one["utterances"][0]["sha256"]


def test_f5_as_the_package_alone_is_what_runs(tree: Tree, f5: Callable[..., Any]) -> None:
    """The layout of the package on PyPI: f5_tts/ at the root."""
    find = "import importlib.util as u; print(list(u.find_spec('f5_tts').submodule_search_locations)[0])"
    found = subprocess.run([tree.python, "-c", find], capture_output=True, text=True, check=False)
    if found.returncode:
        pytest.skip("f5-tts is not installed in TTSOPT_PYTHON_F5_TTS")
    shutil.copytree(found.stdout.strip(), tree.view / "f5_tts")
    result = f5(import_paths=["."], files=[tree.planned("f5_tts/api.py", "f5_tts.api")])
    assert result["utterances"][0]["counters"]["nfe"] == 32
    assert result["modules"][0]["file"] == str((tree.view / "f5_tts" / "api.py").resolve())


def test_f5_refuses_several_chunks_with_random_weights(tree: Tree, f5: Callable[..., Any]) -> None:
    lay_out("F5-TTS", "HEAD", tree.view)
    edit(tree.view / API, "nfe_step=32,", "nfe_step=1,")
    result = f5(utterances=[{"id": "long", "text": "One more sentence for it to say. " * 20}])
    assert (result["ok"], result["error"]) == (False, "ValueError")
    assert "chunks" in result["message"]


def test_f5_says_which_edits_ran(tree: Tree, f5: Callable[..., Any]) -> None:
    lay_out("F5-TTS", "HEAD", tree.view)
    edit(tree.view / API, "nfe_step=32,", "nfe_step=2,")
    lines = (tree.view / API).read_text(encoding="utf-8").splitlines()
    spoken = next(i for i, line in enumerate(lines, 1) if "seed_everything(seed)" in line)
    exported = next(i for i, line in enumerate(lines, 1) if "save_spectrogram(spec" in line)
    planned = tree.planned(API, "f5_tts.api", (spoken, spoken), (exported, exported))
    assert f5("trace", files=[planned])["executed"] == {API: ["0"]}


@pytest.fixture
def step(tree: Tree, scratch: Path) -> Callable[..., Any]:
    """Runs a task of the Step-Audio workload, tiny, on the newest commit."""
    tree.python, tree.environment = needed("TTSOPT_PYTHON_STEP_AUDIO"), ENVIRONMENT
    tree.limit = 300
    lay_out("Step-Audio-EditX", "HEAD", tree.view)
    job: dict[str, Any] = {"scratch": str(scratch), "import_paths": ["."]}
    job["workload"] = PATCHES / "step-audio/workload.py"
    job["utterances"] = [{"id": "long", "text": SENTENCE * 2}, {"id": "short", "text": SENTENCE}]

    def run(task: str = "measure", **changes: Any) -> Any:
        if not (scratch / "step-audio-tiny").exists():
            assert tree.run("prepare", **job).result["ok"]
        return tree.run(task, **job | changes).result

    return run


def test_step_audio_gives_tokens_of_both_stages(tree: Tree, step: Callable[..., Any]) -> None:
    result = step(files=[tree.planned("tokenizer.py", "tokenizer")])
    long, short = result["utterances"]
    assert (long["audio_seconds"], short["audio_seconds"]) == pytest.approx((4.9, 2.4))
    assert long["sample_rate"] == 0
    for row in (long, short):
        spent = row["counters"]["vq02_seconds"] + row["counters"]["vq06_seconds"]
        assert 0.5 * row["wall_seconds"] < spent <= row["wall_seconds"]
        assert row["counters"]["vq06_seconds"] > 0.15 * row["wall_seconds"]
        assert row["counters"]["vq06_tokens"] == pytest.approx(25 * row["audio_seconds"], abs=10)
    assert result["modules"][0]["file"] == str((tree.view / "tokenizer.py").resolve())
    assert any("CPUExecutionProvider" in text for text in result["stubs"])


def test_step_audio_repeats_with_the_same_seed_and_dithers_with_another(
    step: Callable[..., Any],
) -> None:
    one, two, other = (step(seed=seed)["utterances"][0]["sha256"] for seed in (3, 3, 4))
    assert one == two
    assert one != other


def test_step_audio_threads_change_no_token_and_the_edit_is_seen_to_run(
    tree: Tree, step: Callable[..., Any]
) -> None:
    shipped = step()["utterances"]
    edit(tree.view / "tokenizer.py", "intra_op_num_threads = 1", "intra_op_num_threads = 2")
    lines = (tree.view / "tokenizer.py").read_text(encoding="utf-8").splitlines()
    line = next(i for i, text in enumerate(lines, 1) if "intra_op_num_threads = 2" in text)
    planned = tree.planned("tokenizer.py", "tokenizer", (line, line))
    assert step("trace", files=[planned])["executed"] == {"tokenizer.py": ["0"]}
    edited = step()["utterances"]
    assert [row["sha256"] for row in edited] == [row["sha256"] for row in shipped]
