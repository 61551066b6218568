"""Known waste of the real systems, found blind: by its table, its place and the patch that edits it.

TTSOPT_UPSTREAMS is a folder with clones; TTSOPT_PYTHON_COSYVOICE and so on are interpreters as
docs/environments.md makes them.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest
from upstream_views import lay_out, needed

from ttsopt.bench.spec import BenchSpec
from ttsopt.bench.waste.model import WasteRow
from ttsopt.operations.locate import Target
from ttsopt.operations.planning import PlanRequest
from ttsopt.operations.waste.run import find_waste

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


CASES = {
    "logits of the text head": Known(
        "CosyVoice",
        "COSYVOICE",
        "never-used",
        "llm/llm.py",
        5.0,
        "cosyvoice/hidden-states-only",
        "mm",
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


@pytest.mark.parametrize("name", CASES)
def test_known_waste_is_found_blind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    known = CASES[name]
    if known.variable:
        monkeypatch.setenv(*known.variable)
    lay_out(known.clone, "HEAD", tmp_path / known.clone)
    spec = BenchSpec(python=needed(f"TTSOPT_PYTHON_{known.python}"), threads=1)
    found = find_waste(PlanRequest(Target(tmp_path / known.clone)), spec)
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
