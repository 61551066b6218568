"""Known waste of the real systems, found blind: each case by its table, its place and the patch that edits it.

TTSOPT_UPSTREAMS is a folder with clones; TTSOPT_PYTHON_COSYVOICE and so on are interpreters as docs/environments.md
makes them.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from upstream_views import lay_out, needed

from ttsopt.bench.spec import BenchSpec
from ttsopt.bench.waste.model import WasteRow
from ttsopt.operations.locate import Target
from ttsopt.operations.planning import PlanRequest
from ttsopt.operations.waste.run import find_waste

pytestmark = pytest.mark.upstream

# Clone, commit, interpreter, a variable that chooses the version, table, end of the file, operation, patch, percent.
CASES = [
    pytest.param(
        "CosyVoice", "COSYVOICE", {}, "never-used", "llm/llm.py", "mm", "cosyvoice/hidden-states-only", 5.0,
        id="logits of the text head",
    ),
    pytest.param(
        "index-tts", "INDEX_TTS", {}, "never-used", "infer_v2_5.py", "", "index-tts/unused-reference-features", 0.1,
        id="speaker embedding of IndexTTS 2.5",
    ),
    pytest.param(
        "index-tts", "INDEX_TTS", {}, "again", "alias_free_activation/torch/resample.py", "", "", 0.1,
        id="BigVGAN upsamples three times",
    ),
    pytest.param(
        "MockingBird", "MOCKINGBIRD", {}, "unread", "models/tacotron.py", "mm", "mockingbird/mel-projection", 0.1,
        id="mel frames that a step throws away",
    ),
    pytest.param(
        "GPT-SoVITS", "GPT_SOVITS", {"TTSOPT_GPT_SOVITS": "v2Pro"}, "known-voice", "sv.py", "",
        "gpt-sovits/kept-speaker-embedding", 10.0,
        id="speaker model of v2Pro",
    ),
]  # fmt: skip


@pytest.mark.parametrize(
    ("clone", "python", "choice", "table", "file", "operation", "patch", "percent"), CASES
)
def test_known_waste_is_found_blind(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    clone: str,
    python: str,
    choice: dict[str, str],
    table: str,
    file: str,
    operation: str,
    patch: str,
    percent: float,
) -> None:
    for name, value in choice.items():
        monkeypatch.setenv(name, value)
    lay_out(clone, "HEAD", tmp_path / clone)
    spec = BenchSpec(python=needed(f"TTSOPT_PYTHON_{python}"), threads=1)
    found = find_waste(PlanRequest(Target(tmp_path / clone)), spec)
    assert found.report.is_trusted
    (rows,) = [one.rows for one in found.report.tables if one.name == table]
    there = [row for row in rows if operation in row.operation and is_at(row, file)]
    assert 100 * sum(row.share or 0 for row in there) > percent
    assert not patch or patch in {one.patch for row in there for one in row.patches}


def is_at(row: WasteRow, file: str) -> bool:
    return any(frame.path.endswith(file) for frame in row.chain)
