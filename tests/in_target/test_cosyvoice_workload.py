"""CosyVoice 1, 2 and 3 with random weights, streamed and not. Needs its checkout and interpreter.

TTSOPT_UPSTREAMS is a folder with a clone called CosyVoice; TTSOPT_PYTHON_COSYVOICE is an interpreter as
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

WORKLOAD = PATCHES / "cosyvoice/workload.py"
TEXT = "A quiet sentence as long as three seconds."  # its 42 characters take 3
FRONTEND = "cosyvoice/cli/frontend.py"
STAGES = ("normalise", "frontend", "llm", "flow", "vocoder")
BEFORE_STREAMS, COSYVOICE_1, COSYVOICE_2, EARLY_2025, WITH_VLLM, COSYVOICE_3 = (
    "076829a",
    "20e0715",
    "81edc83",
    "9e15642",
    "793a7fe",
    "0c50894",
)


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A scratch folder for each revision: the models of another may not fit."""
    return tmp_path_factory.mktemp("scratch")


@pytest.fixture
def cosy(tree: Tree, kept: Path) -> Callable[..., Any]:
    """Lays a revision out and runs a task of the workload on it, tiny, with one sentence."""
    tree.python, tree.limit = needed("TTSOPT_PYTHON_COSYVOICE"), 600

    def run(revision: str, task: str = "measure", model: int | None = None, **changes: Any) -> Any:
        if not tree.view.joinpath("cosyvoice").exists():
            lay_out("CosyVoice", revision, tree.view)
        tree.environment = ENVIRONMENT | ({"TTSOPT_COSYVOICE": str(model)} if model else {})
        utterances = [{"id": "short", "text": TEXT, "voice": 0}]
        job: dict[str, Any] = {"scratch": str(kept / revision), "seed": 3, "warmup_utterances": []}
        job |= {"utterances": utterances, "import_paths": [".", "third_party/Matcha-TTS"]} | changes
        prepared = tree.run("prepare", workload=WORKLOAD, **job).result
        return tree.run(task, workload=WORKLOAD, **job).result if prepared["ok"] else prepared

    return run


@pytest.mark.parametrize(
    ("revision", "model", "rate", "tokens"),
    [
        (COSYVOICE_1, 1, 22050, 150),
        (COSYVOICE_2, 2, 24000, 75),
        (EARLY_2025, 2, 24000, 75),
        (WITH_VLLM, 2, 24000, 75),
        (COSYVOICE_3, 3, 24000, 75),
        ("HEAD", 1, 22050, 150),
        ("HEAD", 2, 24000, 75),
        ("HEAD", 3, 24000, 75),
    ],
)
def test_cosyvoice_speaks_as_long_as_its_text_with_the_checkouts_own_10_steps(
    tree: Tree, cosy: Callable[..., Any], revision: str, model: int, rate: int, tokens: int
) -> None:
    result = cosy(revision, model=model)
    (row,) = result["utterances"]
    assert (row["finite"], row["silent"], row["sample_rate"]) == (True, False, rate)
    assert row["audio_seconds"] == pytest.approx(3.0, abs=0.1)
    counters = row["counters"]
    assert (counters["tokens"], counters["nfe"], counters["segments"]) == (tokens, 10, 1)
    assert min(counters[one] for one in ("voice_tokens", "flow_frames", "vocoder_samples")) > 0
    spent = sum(counters[f"{stage}_seconds"] for stage in STAGES)
    assert 0.8 * row["wall_seconds"] < spent <= 1.01 * row["wall_seconds"]
    assert result["model"]["device"] == "cpu"


@pytest.mark.parametrize(
    ("revision", "model"), [(WITH_VLLM, 2), ("HEAD", 1), ("HEAD", 2), ("HEAD", 3)]
)
def test_cosyvoice_streams_and_repeats_to_the_bit(
    cosy: Callable[..., Any], revision: str, model: int
) -> None:
    text = " ".join([TEXT[:-1]] * 2)
    rows = [{"id": "short", "text": text, "voice": 0}]
    one, two = (
        cosy(revision, model=model, stream=True, utterances=rows, warmup=0)["utterances"][0]
        for _ in "ab"
    )
    assert one["sha256"] == two["sha256"]
    assert len(one["chunks"]) > 1
    assert sum(seconds for _, seconds in one["chunks"]) == pytest.approx(one["audio_seconds"])
    assert one["chunks"][0][0] < one["chunks"][-1][0] <= one["wall_seconds"]


def test_cosyvoice_repeats_with_the_same_seed_and_voice_alone(cosy: Callable[..., Any]) -> None:
    rows = [
        {"id": "one", "text": TEXT, "voice": 0},
        {"id": "two", "text": TEXT, "voice": 0},
        {"id": "other", "text": TEXT, "voice": 1},
    ]
    first = {row["id"]: row["sha256"] for row in cosy("HEAD", utterances=rows)["utterances"]}
    assert first["one"] == first["two"] != first["other"]
    assert cosy("HEAD", seed=4)["utterances"][0]["sha256"] != first["one"]


def test_cosyvoice_reads_steps_and_threads_from_the_checkout(
    tree: Tree, cosy: Callable[..., Any]
) -> None:
    lay_out("CosyVoice", "HEAD", tree.view)
    flow, frontend = tree.view / "cosyvoice/flow/flow.py", tree.view / FRONTEND
    flow.write_text(
        flow.read_text(encoding="utf-8").replace("n_timesteps=10", "n_timesteps=5"),
        encoding="utf-8",
    )
    text = frontend.read_text(encoding="utf-8")
    assert text.count("intra_op_num_threads = 1") == 1
    text = text.replace("intra_op_num_threads = 1", "intra_op_num_threads = 2")
    frontend.write_text(text, encoding="utf-8")
    line = next(
        i for i, row in enumerate(text.splitlines(), 1) if "intra_op_num_threads = 2" in row
    )
    result = cosy(
        "HEAD", "trace", files=[tree.planned(FRONTEND, "cosyvoice.cli.frontend", (line, line))]
    )
    assert result["utterances"][0]["counters"]["nfe"] == 5
    assert result["model"]["ort_threads"] == 2
    assert result["executed"] == {FRONTEND: ["0"]}


@pytest.mark.parametrize(
    ("revision", "model"), [(BEFORE_STREAMS, None), (COSYVOICE_1, 2), (WITH_VLLM, 3)]
)
def test_cosyvoice_says_what_a_checkout_is_too_old_for(
    cosy: Callable[..., Any], revision: str, model: int | None
) -> None:
    result = cosy(revision, model=model)
    assert (result["ok"], result["error"]) == (False, "UnsupportedCheckoutError")
    assert (
        ("2024-08-29" in result["message"])
        if model is None
        else (f"CosyVoice {model}" in result["message"])
    )
