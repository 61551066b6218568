"""GPT-SoVITS itself, tiny, with random weights. Needs a clone and an interpreter.

TTSOPT_UPSTREAMS is a folder with a clone called GPT-SoVITS; TTSOPT_PYTHON_GPT_SOVITS is an interpreter as
docs/environments.md makes it.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from upstream_views import ENVIRONMENT, PATCHES, lay_out, needed

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.in_target.conftest import Tree

pytestmark = pytest.mark.upstream

WORKLOAD = PATCHES / "gpt-sovits/workload.py"
SENTENCE = (
    "The quick brown fox jumps over it."  # 28 phonemes, so 70 tokens, 2.8 s; and 0.3 s of pause
)
ONE = [{"id": "one", "text": SENTENCE}]
TTS = "GPT_SoVITS/TTS_infer_pack/TTS.py"
CONFIG = "GPT_SoVITS/configs/tts_infer.yaml"
LARGE = (
    ":(exclude)*engdict_cache.pickle",
    ":(exclude)*userdict.csv",
)  # dictionaries that nothing here reads


def choose(view: Path, version: str) -> None:
    """Set custom.version, as a user does who has that model."""
    file = view / CONFIG
    text = file.read_text(encoding="utf-8")
    assert "  version: v2\n" in text
    file.write_text(text.replace("  version: v2\n", f"  version: {version}\n", 1), encoding="utf-8")


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Weights and voices, made once for all tests, as for all rounds of a benchmark."""
    return tmp_path_factory.mktemp("scratch")


@pytest.fixture
def sovits(tree: Tree, scratch: Path) -> Callable[..., Any]:
    """Runs a task on the tree's view, tiny, after the task prepare."""
    tree.python, tree.environment = needed("TTSOPT_PYTHON_GPT_SOVITS"), ENVIRONMENT
    tree.limit = 600

    def run(task: str = "measure", **changes: Any) -> Any:
        job: dict[str, Any] = {"workload": WORKLOAD, "import_paths": [".", "GPT_SoVITS"], "seed": 3}
        job |= {"scratch": str(scratch), "utterances": ONE, "warmup": 0} | changes
        prepared = tree.run("prepare", **job).result
        assert prepared["ok"], prepared
        result = tree.run(task, **job).result
        assert result["ok"], result
        return result

    return run


@pytest.mark.parametrize(
    "revision", ["20240821v2", "20250228v3", "20250422v4", "20250606v2pro", "HEAD"]
)
def test_gpt_sovits_speaks_with_the_model_that_the_checkout_chooses(
    tree: Tree, sovits: Callable[..., Any], revision: str
) -> None:
    lay_out("GPT-SoVITS", revision, tree.view, ".", *LARGE)
    result = sovits(files=[tree.planned(TTS, "GPT_SoVITS.TTS_infer_pack.TTS")])
    (row,) = result["utterances"]
    assert row["counters"]["tokens"] == 71  # the last one is cut off
    assert row["counters"]["vits_samples"] > 0
    assert row["audio_seconds"] == pytest.approx(70 / 25 + 0.3)
    assert (row["finite"], row["silent"], row["sample_rate"]) == (True, False, 32000)
    assert result["modules"][0]["file"] == str((tree.view / TTS).resolve())
    spent = {name: row["counters"][f"{name}_seconds"] for name in ("reference", "t2s", "vits")}
    assert min(spent.values()) > 0
    assert sum(spent.values()) <= row["wall_seconds"]


@pytest.mark.parametrize(("version", "rate"), [("v3", 24000), ("v4", 48000)])
def test_gpt_sovits_v3_and_v4_flow_in_32_steps_and_end_in_a_vocoder(
    tree: Tree, sovits: Callable[..., Any], version: str, rate: int
) -> None:
    lay_out("GPT-SoVITS", "HEAD", tree.view, ".", *LARGE)
    choose(tree.view, version)
    (row,) = sovits()["utterances"]
    assert row["counters"]["nfe"] == 32
    assert min(row["counters"][one] for one in ("flow_frames", "vocoder_samples")) > 0
    assert row["counters"]["cfm_seconds"] > row["counters"]["vocoder_seconds"] > 0
    assert (row["finite"], row["silent"], row["sample_rate"]) == (True, False, rate)


@pytest.mark.parametrize(("version", "rate"), [("v4", 48000), ("v2Pro", 32000)])
def test_gpt_sovits_version_may_be_chosen_without_touching_the_checkout(
    tree: Tree, sovits: Callable[..., Any], version: str, rate: int
) -> None:
    lay_out("GPT-SoVITS", "HEAD", tree.view, ".", *LARGE)
    tree.environment = {**ENVIRONMENT, "TTSOPT_GPT_SOVITS": version}
    result = sovits()
    (row,) = result["utterances"]
    assert row["sample_rate"] == rate
    assert result["model"]["version"] == version
    stages = ("t2s", "encoder", "cfm", "vocoder") if version == "v4" else ("speaker", "t2s", "vits")
    spent = [row["counters"][f"{stage}_seconds"] for stage in stages]
    assert min(spent) > 0
    assert sum(spent) <= row["wall_seconds"]


def test_gpt_sovits_version_that_the_settings_do_not_name_is_refused(
    tree: Tree, scratch: Path
) -> None:
    tree.python = needed("TTSOPT_PYTHON_GPT_SOVITS")
    tree.environment = {**ENVIRONMENT, "TTSOPT_GPT_SOVITS": "v9"}
    lay_out("GPT-SoVITS", "HEAD", tree.view, ".", *LARGE)
    job: dict[str, Any] = {"import_paths": [".", "GPT_SoVITS"], "scratch": str(scratch)}
    result = tree.run("prepare", workload=WORKLOAD, **job).result
    assert (result["ok"], result["error"]) == (False, "UnsupportedCheckoutError")
    assert "TTSOPT_GPT_SOVITS=v9" in result["message"]
    assert "v2Pro, v2ProPlus, v3, v4" in result["message"]


def test_gpt_sovits_steps_that_the_checkout_sets_are_what_is_counted(
    tree: Tree, sovits: Callable[..., Any]
) -> None:
    lay_out("GPT-SoVITS", "HEAD", tree.view, ".", *LARGE)
    choose(tree.view, "v4")
    file = tree.view / TTS
    text = file.read_text(encoding="utf-8")
    shipped = 'inputs.get("sample_steps", 32)'
    assert text.count(shipped) == 1
    file.write_text(text.replace(shipped, 'inputs.get("sample_steps", 4)'), encoding="utf-8")
    assert sovits()["utterances"][0]["counters"]["nfe"] == 4


def test_gpt_sovits_repeats_with_a_new_voice_and_a_known_one_and_writes_nothing_into_the_view(
    tree: Tree, sovits: Callable[..., Any]
) -> None:
    lay_out("GPT-SoVITS", "HEAD", tree.view, ".", *LARGE)
    shipped = (tree.view / CONFIG).read_bytes()
    rows = [*ONE, {"id": "again", "text": SENTENCE}, {"id": "other", "text": SENTENCE, "voice": 1}]
    one, again, other = sovits(utterances=rows)["utterances"]
    assert one["counters"]["reference_seconds"] > again["counters"]["reference_seconds"] == 0
    assert other["counters"]["reference_seconds"] > 0
    assert one["sha256"] == again["sha256"] != other["sha256"]
    assert sovits()["utterances"][0]["sha256"] == one["sha256"]
    assert sovits(seed=4)["utterances"][0]["sha256"] != one["sha256"]
    assert (tree.view / CONFIG).read_bytes() == shipped


def test_gpt_sovits_streams_by_tokens(tree: Tree, sovits: Callable[..., Any]) -> None:
    lay_out("GPT-SoVITS", "HEAD", tree.view, ".", *LARGE)
    (row,) = sovits(stream=True)["utterances"]
    assert len(row["chunks"]) >= 3
    assert sum(seconds for _, seconds in row["chunks"]) == pytest.approx(row["audio_seconds"])
    assert 0 < row["chunks"][0][0] < row["chunks"][-1][0] < row["wall_seconds"]


def test_gpt_sovits_chinese_goes_through_bert(tree: Tree, sovits: Callable[..., Any]) -> None:
    lay_out("GPT-SoVITS", "HEAD", tree.view, ".", *LARGE)
    text = "今天天气很好，我们一起去公园走走吧。"  # 16 characters, 2 marks: 34 phonemes
    (row,) = sovits(utterances=[{"id": "zh", "text": text}])["utterances"]
    assert row["audio_seconds"] == pytest.approx(34 * 2.5 / 25 + 0.3)
    assert row["counters"]["frontend_seconds"] > 0


def test_gpt_sovits_without_the_pipeline_is_refused_by_name(tree: Tree, scratch: Path) -> None:
    tree.python, tree.environment = needed("TTSOPT_PYTHON_GPT_SOVITS"), ENVIRONMENT
    lay_out("GPT-SoVITS", "20240821v2~100", tree.view, ".", *LARGE)
    job: dict[str, Any] = {"import_paths": [".", "GPT_SoVITS"], "scratch": str(scratch)}
    result = tree.run("prepare", workload=WORKLOAD, **job).result
    assert (result["ok"], result["error"]) == (False, "UnsupportedCheckoutError")
    assert "20240821v2" in result["message"]
