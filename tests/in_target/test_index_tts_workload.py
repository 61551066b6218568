"""IndexTTS 1, 2 and 2.5 with random weights, streamed and not. Needs its checkout and interpreter.

TTSOPT_UPSTREAMS is a folder with a clone called index-tts; TTSOPT_PYTHON_INDEX_TTS is an interpreter as
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

WORKLOAD = PATCHES / "index-tts/workload.py"
TEXT = "A sentence of forty-two characters or so.."  # 3 seconds
ROWS = [
    {"id": name, "text": TEXT, "voice": voice} for name, voice in (("a", 0), ("b", 0), ("c", 1))
]
NEEDS_CUDA, SAVES_ONLY, ONE_FIVE = "0181ede", "c400754", "v1.5.0"
FIRST_TWO, BEFORE_STREAMS, TWO, TWO_FIVE = "41577b8", "d69af25", "v2.0.0", "ee40fa7"


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A scratch folder for each revision: the models of another may not fit."""
    return tmp_path_factory.mktemp("scratch")


@pytest.fixture
def index(tree: Tree, kept: Path) -> Callable[..., Any]:
    """Runs a task on the revision that is given, tiny; `edits` are (path, old, new)."""
    tree.python, tree.environment, tree.limit = needed("TTSOPT_PYTHON_INDEX_TTS"), ENVIRONMENT, 900

    def run(revision: str, task: str = "measure", edits: Any = (), **changes: Any) -> Any:
        if not tree.view.exists() or not (tree.view / "indextts").exists():
            lay_out("index-tts", revision, tree.view, "indextts", ":!*.t7")
        for path, old, new in edits:
            file = tree.view / path
            text = file.read_text(encoding="utf-8")
            assert old in text
            file.write_text(text.replace(old, new), encoding="utf-8")
        job: dict[str, Any] = {
            "utterances": ROWS,
            "scratch": str(kept / revision),
            "import_paths": ["."],
        }
        job |= {"workload": WORKLOAD, "warmup": 0} | changes
        (kept / revision).mkdir(exist_ok=True)
        prepared = tree.run("prepare", **job).result
        return tree.run(task, **job).result if prepared["ok"] else prepared

    return run


@pytest.mark.parametrize(
    ("revision", "name", "stages"),
    [
        (SAVES_ONLY, "indextts.infer.IndexTTS", {"gpt", "latent", "vocoder"}),
        (ONE_FIVE, "indextts.infer.IndexTTS", {"gpt", "latent", "vocoder"}),
        (
            FIRST_TWO,
            "indextts.infer_v2.IndexTTS2",
            {"reference", "gpt", "latent", "cfm", "vocoder"},
        ),
        (TWO, "indextts.infer_v2.IndexTTS2", {"reference", "gpt", "latent", "cfm", "vocoder"}),
        (TWO_FIVE, "indextts.infer_v2_5.IndexTTS2", {"reference", "gpt", "cfm", "vocoder"}),
    ],
)
def test_the_newest_class_speaks_and_repeats_and_its_stages_are_told_apart(
    index: Callable[..., Any], revision: str, name: str, stages: set[str]
) -> None:
    result = index(revision)
    assert result["model"]["class"] == name
    one, again, other = result["utterances"]
    assert one["sha256"] == again["sha256"] != other["sha256"]
    for row in (one, other):
        spent = {
            name for name, value in row["counters"].items() if name.endswith("_seconds") and value
        }
        assert spent == {f"{stage}_seconds" for stage in stages}
        assert row["audio_seconds"] == pytest.approx(3, abs=0.2)
        assert (row["finite"], row["silent"]) == (True, False)
        assert (row["counters"]["beams"], row["counters"]["segments"]) == (3, 1)
        assert row["counters"].get("nfe", 25) == 25
        assert row["counters"]["vocoder_samples"] > 0


def test_one_beam_instead_of_three_is_counted_and_takes_less_of_the_gpt(
    index: Callable[..., Any],
) -> None:
    path, old = "indextts/infer.py", '"num_beams", 3)'
    before = index(ONE_FIVE)["utterances"][2]["counters"]
    after = index(ONE_FIVE, edits=[(path, old, '"num_beams", 1)')])["utterances"][2]["counters"]
    assert (before["beams"], after["beams"]) == (3, 1)
    assert before["tokens"] == after["tokens"]


def test_a_patch_of_an_older_class_is_measured_on_that_class(
    tree: Tree, index: Callable[..., Any]
) -> None:
    lay_out("index-tts", TWO_FIVE, tree.view, "indextts", ":!*.t7")
    path = "indextts/infer_v2.py"
    lines = (tree.view / path).read_text(encoding="utf-8").splitlines()
    cleared = [
        number for number, line in enumerate(lines, 1) if line.strip() == "torch.cuda.empty_cache()"
    ]
    planned = tree.planned(path, "indextts.infer_v2", *((number, number) for number in cleared))
    result = index(TWO_FIVE, "trace", files=[planned])
    assert result["model"]["class"] == "indextts.infer_v2.IndexTTS2"
    assert result["executed"] == {path: [str(number) for number in range(len(cleared))]}


def test_two_streams_a_segment_at_a_time(index: Callable[..., Any]) -> None:
    rows = [{"id": "long", "text": " ".join([TEXT] * 12)}]
    (row,) = index(TWO_FIVE, stream=True, utterances=rows)["utterances"]
    assert row["counters"]["segments"] > 1
    assert len(row["chunks"]) == 2 * row["counters"]["segments"]  # silence follows each
    assert 0 < row["chunks"][0][0] < row["chunks"][-1][0] <= row["wall_seconds"]
    assert sum(seconds for _, seconds in row["chunks"]) == pytest.approx(row["audio_seconds"])


@pytest.mark.parametrize(
    ("revision", "changes", "told"),
    [(NEEDS_CUDA, {}, "4f87155"), (BEFORE_STREAMS, {"stream": True}, "49db8ba")],
)
def test_what_an_older_release_cannot_do_is_said(
    index: Callable[..., Any], revision: str, changes: dict[str, Any], told: str
) -> None:
    result = index(revision, **changes)
    assert (result["ok"], result["error"]) == (False, "UnsupportedCheckoutError")
    assert told in result["message"]
