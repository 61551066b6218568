"""Upstream's newest trees as forks have them: moved below other folders, with imports that were rewritten for it.

Every edited file is imported in each way that its tree uses, before and after (docs/upstream-run.md).
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from history import REPOSITORIES
from import_proof import Importer
from loading_ways import Tree
from trial import lay_out, read_tree, without_state
from versions import Repository

from ttsopt.domain.effect import Effect
from ttsopt.domain.plan import Status
from ttsopt.operations.apply import apply
from ttsopt.operations.locate import Target
from ttsopt.operations.plan.selection import Selection
from ttsopt.operations.planning import PlanRequest

pytestmark = pytest.mark.upstream
KINDS = (".py", ".md", ".sh", ".toml", ".yaml", ".yml", ".txt")
SOVITS = "AR module text feature_extractor TTS_infer_pack BigVGAN sv process_ckpt f5_tts utils"
Files = Mapping[str, bytes]


def as_it_is(files: Files) -> Files:
    return files


def moved(folder: str) -> Callable[[Files], Files]:
    """The whole checkout below a folder of another project."""
    return lambda files: {f"{folder}/{path}": data for path, data in files.items()}


def named(old: str, new: str) -> Callable[[Files], Files]:
    """Every import of some packages under another name, such as from further above."""
    names = "|".join(old.split())
    pattern = re.compile(rf"^([ \t]*(?:from|import)[ \t]+)({names})\b".encode(), re.MULTILINE)
    quoted = re.compile(rf"files\(\"({names})\"\)".encode())

    def rename(files: Files) -> Files:
        return {
            path: _renamed(data) if path.endswith(".py") else data for path, data in files.items()
        }

    def _renamed(data: bytes) -> bytes:
        data = pattern.sub(rf"\1{new}\2".encode(), data)
        return quoted.sub(rf'files("{new}\1")'.encode(), data)

    return rename


def without_inits(files: Files) -> Files:
    """Packages as mere folders."""
    return {
        path: data
        for path, data in files.items()
        if not (path.endswith("/__init__.py") and not data.strip())
    }


@pytest.mark.parametrize(
    ("system", "changes", "paths"),
    [
        ("f5-tts", [as_it_is], ("src",)),
        ("f5-tts", [named("f5_tts", "src.")], (".",)),
        ("f5-tts", [moved("third_party/F5-TTS")], ("third_party/F5-TTS/src",)),
        ("cosyvoice", [as_it_is], (".", "third_party/Matcha-TTS")),
        ("cosyvoice", [named("cosyvoice", "app."), moved("app")], (".", "app")),
        ("cosyvoice", [moved("third_party/CosyVoice")], ("third_party/CosyVoice",)),
        ("cosyvoice", [without_inits], (".",)),
        ("gpt-sovits", [as_it_is], (".", "GPT_SoVITS")),
        ("gpt-sovits", [named(SOVITS, "GPT_SoVITS.")], (".",)),
        (
            "gpt-sovits",
            [named(SOVITS, "tts.GPT_SoVITS."), named("tools config", "tts."), moved("tts")],
            (".",),
        ),
        ("index-tts", [as_it_is], (".",)),
        ("index-tts", [named("indextts", "engine."), moved("engine")], (".",)),
        ("index-tts", [without_inits], (".",)),
        ("mockingbird", [as_it_is], (".",)),
        ("mockingbird", [named("models utils", "mb."), moved("mb")], (".",)),
        ("step-audio", [as_it_is], (".",)),
        ("step-audio", [named("funasr_detach", "step."), moved("step")], (".",)),
    ],
)
def test_what_is_edited_in_a_fork_is_imported_as_before(
    system: str, changes: list[Callable[[Files], Files]], paths: tuple[str, ...], tmp_path: Path
) -> None:
    files = newest(system)
    for change in changes:
        files = change(files)
    lay_out(files, tmp_path)
    before = read_tree(tmp_path)
    done = apply(PlanRequest(Target(tmp_path), Selection((), Effect.LOSSY, everything=True)))
    assert Status.APPLIED in {row.status for row in done.planned.plan.patches}
    after = without_state(read_tree(tmp_path))
    with Importer() as importer:
        proof = importer.prove(Tree(frozenset(before), before.__getitem__, paths), before, after)
    assert not proof.broken, "\n".join(proof.broken)
    assert not proof.unseen
    assert proof.proven


def newest(system: str) -> Files:
    """The files of the newest commit that matter to imports."""
    folder = os.environ.get("TTSOPT_UPSTREAMS")
    path = Path(folder or "") / REPOSITORIES[system]
    if not folder or not path.exists():
        pytest.skip(f"TTSOPT_UPSTREAMS names no folder with a repository {REPOSITORIES[system]}")
    with Repository(path) as repository:
        tree = repository.tree(repository.head())
        return {name: repository.blob(tree[name]) for name in tree if name.endswith(KINDS)}
