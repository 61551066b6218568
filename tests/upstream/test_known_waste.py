"""Known waste of the real systems, found blind: by its table, its place and the patch that edits it.

TTSOPT_UPSTREAMS is a folder with clones; TTSOPT_PYTHON_COSYVOICE and so on are interpreters as
docs/environments.md makes them.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from upstream_views import lay_out, needed

from ttsopt.bench.spec import BenchSpec
from ttsopt.bench.waste.model import WasteRow
from ttsopt.operations.locate import Target
from ttsopt.operations.planning import PlanRequest
from ttsopt.operations.waste.run import Wasted, find_waste

pytestmark = pytest.mark.upstream


@dataclass(frozen=True)
class Known:
    """Rows of a `table` at a `file`, by the end of its path, that are more than `percent` of a call together.

    `variable`: what chooses the version, where it is not the newest.
    """

    clone: str
    python: str
    table: str
    file: str
    percent: float
    patch: str = ""
    operation: str = ""
    variable: tuple[str, str] | None = None


# Short ones: each operation of four calls is recorded, and a place shows in the first sentence.
TEXTS = ("Good morning to you.", "See you soon, then.")
# What a checkout runs of: a clone need not have all of its large files.
PATHS = {
    "index-tts": ("indextts", ":!*.t7"),
    "GPT-SoVITS": (".", ":(exclude)*engdict_cache.pickle", ":(exclude)*userdict.csv"),
}
CASES = {
    "logits of the text head": Known(
        "CosyVoice",
        "COSYVOICE",
        "never-used",
        "llm/llm.py",
        5.0,
        "cosyvoice/hidden-states-only",
    ),
    "speaker embedding of IndexTTS 2.5": Known(
        "index-tts",
        "INDEX_TTS",
        "never-used",
        "infer_v2_5.py",
        0.1,
        "index-tts/unused-reference-features",
    ),
    "BigVGAN upsamples three times": Known(
        "index-tts", "INDEX_TTS", "again", "torch/resample.py", 0.1
    ),
    "emotion of a voice": Known(
        "index-tts",
        "INDEX_TTS",
        "known-voice",
        "infer_v2_5.py",
        0.5,
        "index-tts/kept-emotion",
    ),
    "sort of the whole vocabulary": Known(
        "CosyVoice",
        "COSYVOICE",
        "unread",
        "utils/common.py",
        0.5,
        "cosyvoice/short-sort",
        "sort",
    ),
    "masks of each block": Known(
        "CosyVoice",
        "COSYVOICE",
        "again",
        "flow/decoder.py",
        0.1,
        "cosyvoice/shared-masks",
    ),
    "positions of all tokens so far": Known(
        "CosyVoice",
        "COSYVOICE",
        "known-voice",
        "transformer/attention.py",
        0.5,
        "cosyvoice/kept-positions",
        "linear",
        variable=("TTSOPT_COSYVOICE", "1"),
    ),
    "mel frames that a step throws away": Known(
        "MockingBird",
        "MOCKINGBIRD",
        "unread",
        "models/tacotron.py",
        0.1,
        "mockingbird/mel-projection",
    ),
    "speaker model of v2Pro": Known(
        "GPT-SoVITS",
        "GPT_SOVITS",
        "known-voice",
        "sv.py",
        10.0,
        "gpt-sovits/kept-speaker-embedding",
        variable=("TTSOPT_GPT_SOVITS", "v2Pro"),
    ),
}


@pytest.fixture(scope="module")
def waste_of(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Callable[[Known], Wasted]]:
    """Runs each model once, with temporary files where nobody else clears them away meanwhile."""
    done: dict[tuple[str, tuple[str, str] | None], Wasted] = {}

    def run(known: Known) -> Wasted:
        key = (known.clone, known.variable)
        if key not in done:
            view = tmp_path_factory.mktemp(known.clone)
            lay_out(known.clone, "HEAD", view, *PATHS.get(known.clone, ()))
            python = needed(f"TTSOPT_PYTHON_{known.python}")
            spec = BenchSpec(python=python, threads=1, time_limit=3600, texts=TEXTS)
            done[key] = find_waste(PlanRequest(Target(view)), spec)
        return done[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tempfile, "tempdir", str(tmp_path_factory.mktemp("temporary")))
        yield run


@pytest.mark.parametrize("name", CASES)
def test_known_waste_is_found_blind(
    waste_of: Callable[[Known], Wasted], monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    known = CASES[name]
    if known.variable:
        monkeypatch.setenv(*known.variable)
    found = waste_of(known)
    assert found.report.is_trusted
    (rows,) = [table.rows for table in found.report.tables if table.name == known.table]
    there = [
        row for row in rows if known.operation in str(row.operations) and is_at(row, known.file)
    ]
    assert 100 * sum(row.share or 0 for row in there) > known.percent
    assert not known.patch or known.patch in {
        one.patch for row in there for one in row.patches if not one.is_applied
    }


def is_at(row: WasteRow, file: str) -> bool:
    return any(frame.path.endswith(file) for chain in row.below for frame in chain)
