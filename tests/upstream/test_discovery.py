"""Every commit of the default branches, and of neighbours: the right system and version, at the right root.

TTSOPT_UPSTREAMS names a folder of clones or bare repositories, named as upstream names them. A commit on the
branch itself has to give what its period says; one beside it (a pull request's) what some period says, or nothing.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from versions import Repository

from ttsopt.catalog.load import load_catalogue
from ttsopt.discovery.find import find_systems

SYSTEMS = load_catalogue().systems
LAYOUTS = [layout for system in SYSTEMS for layout in system.layouts]
PATHS = {file.path for layout in LAYOUTS for file in layout.files}
PATHS |= {path for system in SYSTEMS for shape in system.shapes for path in shape.paths}
NAMES = {path.rpartition("/")[2] for path in PATHS}
BESIDE = 5  # of the commits that are not on the branch itself, one in so many

F5, COSY, GPT = "f5-tts", "cosyvoice", "gpt-sovits"
BIRD, INDEX, STEP = "mockingbird", "index-tts", "step-audio"


@dataclass(frozen=True)
class Period:
    """From that commit of the branch on: the system at the top, its layout, and how its version begins."""

    first: str
    system: str = ""
    layout: str = ""
    version: str = ""


# What upstream's own history says, read by hand: where code moved, where models came.
HISTORIES = {
    "F5-TTS": (
        Period("0748816", F5, "scripts and model", "before 1.1.5"),
        Period("03a20e0", F5, "model", "before 1.1.5"),
        Period("c4eee0f", F5, "src/f5_tts/model", "before 1.1.5"),
        Period("8e0edfc", F5, "src/f5_tts", "before 1.1.5"),
        Period("2e2acc6", F5, "src/f5_tts", "1.1.5 or newer"),
    ),
    "CosyVoice": (
        Period("06984ac"),  # a README
        Period("076829a", COSY, "cosyvoice", "CosyVoice 1 alone"),
        Period("94d6ce1", COSY, "cosyvoice", "with CosyVoice 2"),
        Period("0c50894", COSY, "cosyvoice", "with CosyVoice 3"),
    ),
    "GPT-SoVITS": (
        Period("6e05506"),  # parts, until inference_webui.py came
        Period("41ca602", GPT, "GPT_SoVITS without TTS_infer_pack", "without TTS_infer_pack"),
        Period("52c50c6", GPT, "GPT_SoVITS with TTS_infer_pack", "v1 and v2"),
        Period("839ff9c", GPT, "GPT_SoVITS with TTS_infer_pack", "with v3 and v4"),
        Period("92819d0", GPT, "GPT_SoVITS with TTS_infer_pack", "with v2Pro"),
    ),
    "MockingBird": (
        Period("e46cd60", BIRD, "synthesizer, as of August 2021", "August or September 2021"),
        Period("856793c", BIRD, "synthesizer", "August or September 2021"),
        Period("32b9755", BIRD, "synthesizer", "September 2021 to December 2022"),
        Period("9d67b75", BIRD, "models/synthesizer", "December 2022 or newer"),
    ),
    "index-tts": (
        Period("ebb75bf"),  # a README
        Period("cd0f594", INDEX, "indextts", "1.0 (March"),
        Period("84828da", INDEX, "indextts", "1.0 and 1.5"),
        Period("b6fe850", INDEX, "indextts", "2 (September"),
        Period("583d6d4", INDEX, "indextts", "2.5 (August"),
    ),
    "Step-Audio-EditX": (
        Period("1e0e3cd"),  # a README
        Period("17731c5", STEP, "tokenizer.py", "the first days"),
        Period("72c937e", STEP, "tokenizer.py", "8 November 2025 or newer"),
    ),
    # Neighbours: the ancestor of MockingBird, what Step-Audio's tokenizer is made of, ports and forks of parts.
    "Real-Time-Voice-Cloning": (Period(""),),
    "FunASR": (Period(""),),
    "f5-tts-mlx": (Period(""),),
    "Lip2Wav": (Period(""),),
    "GLM-TTS": (Period(""),),
    "CosyVoice3_ONNX": (Period(""),),
    # Step-Audio 1 is not Step-Audio-EditX, but has a copy of CosyVoice at its top.
    "Step-Audio": (Period(""), Period("0694f33", COSY, "cosyvoice", "CosyVoice 1 alone")),
}
EVERY = {"FunASR": 40}  # 5,600 commits without a file that matters

Found = tuple[tuple[str, str, str, str], ...]


@dataclass
class Trees:
    """The trees of a repository, of each commit the files that a signature may name, wherever they lie."""

    repository: Repository
    folder: Path

    def __post_init__(self) -> None:
        self._known: dict[tuple[tuple[str, str], ...], Found] = {}

    def found(self, commit: str) -> Found:
        """Every system there: its id, root, layout, version as the code tells it."""
        tree = self.repository.tree(commit)
        files = {path: blob for path, blob in tree.items() if path.rpartition("/")[2] in NAMES}
        state = tuple(sorted(files.items()))
        if state not in self._known:
            self._lay_out(files)
            self._known[state] = tuple(
                (one.system.id, one.root, one.layout.name, one.version.label)
                for one in find_systems(self.folder, SYSTEMS)
            )
        return self._known[state]

    def _lay_out(self, files: dict[str, str]) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir()
        for path, blob in files.items():
            file = self.folder / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(self.repository.blob(blob))


def commits(path: Path, *options: str) -> list[str]:
    """Hashes up to HEAD, oldest first."""
    command = ["git", "-C", str(path), "rev-list", "--reverse", *options, "HEAD"]
    return subprocess.run(command, capture_output=True, check=True, text=True).stdout.split()


def periods(branch: list[str], history: tuple[Period, ...]) -> Iterator[tuple[str, Period]]:
    """Every commit of the branch with its period; a period's first commit has to be there."""
    waiting = list(history)
    now = waiting.pop(0)
    assert branch[0].startswith(now.first)
    for commit in branch:
        if waiting and commit.startswith(waiting[0].first):
            now = waiting.pop(0)
        yield commit, now
    assert not waiting, f"no commit {waiting[0].first}"


def fits(found: Found, period: Period) -> bool:
    """Whether exactly that was found, and nothing else."""
    if not period.system:
        return found == ()
    if len(found) != 1:
        return False
    system, root, layout, version = found[0]
    return (system, root, layout) == (period.system, ".", period.layout) and version.startswith(
        period.version
    )


@pytest.mark.upstream
@pytest.mark.parametrize("name", HISTORIES)
def test_every_commit_is_what_it_is(name: str, tmp_path: Path) -> None:
    path = Path(os.environ.get("TTSOPT_UPSTREAMS", "")) / name
    if not os.environ.get("TTSOPT_UPSTREAMS") or not path.exists():
        pytest.skip(f"TTSOPT_UPSTREAMS names no folder with a repository {name}")
    branch = commits(path, "--first-parent")
    with Repository(path) as repository:
        trees = Trees(repository, tmp_path / "tree")
        placed = list(periods(branch, HISTORIES[name]))[:: EVERY.get(name, 1)]
        wrong = [
            (commit[:10], period.version, found)
            for commit, period in placed
            if not fits(found := trees.found(commit), period)
        ]
        beside = [one for one in commits(path) if one not in set(branch)]
        wrong += [
            (commit[:10], "a commit beside the branch", found)
            for commit in beside[:: BESIDE * EVERY.get(name, 1)]
            if not any(fits(found := trees.found(commit), one) for one in HISTORIES[name])
            and trees.found(commit)
        ]
    assert not wrong
