"""Real trees with parts taken away, moved or spelled in another way: what is found, patched, and said.

TTSOPT_UPSTREAMS names a folder of clones or bare repositories, named as upstream names them.
"""

from __future__ import annotations

import ast
import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from versions import Repository

from ttsopt.catalog.load import load_catalogue
from ttsopt.discovery.find import find_systems
from ttsopt.domain.effect import Effect
from ttsopt.domain.plan import PlannedPatch, Status
from ttsopt.operations.locate import Target
from ttsopt.operations.plan.selection import Selection
from ttsopt.operations.planning import PlanRequest, make_plan

pytestmark = pytest.mark.upstream
SYSTEMS = load_catalogue(of=()).systems
NAMES = ("F5-TTS", "CosyVoice", "GPT-SoVITS", "MockingBird", "index-tts", "Step-Audio-EditX")
SAMPLED = 8  # commits of each branch
READ = (".py", ".yaml", ".toml")
LayOut = Callable[[str, str], Path]


def repository(name: str) -> Path:
    path = Path(os.environ.get("TTSOPT_UPSTREAMS", "")) / name
    if not os.environ.get("TTSOPT_UPSTREAMS") or not path.exists():
        pytest.skip(f"TTSOPT_UPSTREAMS names no folder with a repository {name}")
    return path


@pytest.fixture
def lay_out(tmp_path: Path) -> LayOut:
    """`lay_out(name, commit)`: the sources of a whole tree."""

    def make(name: str, commit: str) -> Path:
        folder = tmp_path / name
        with Repository(repository(name)) as source:
            full = revision(repository(name), commit)
            for path, blob in source.tree(full).items():
                if path.endswith(READ) or path in {"README-CN.md", "requirements.txt"}:
                    file = folder / path
                    file.parent.mkdir(parents=True, exist_ok=True)
                    file.write_bytes(source.blob(blob))
        return folder

    return make


def revision(path: Path, commit: str) -> str:
    command = ["git", "-C", str(path), "rev-parse", commit]
    return subprocess.run(command, capture_output=True, check=True, text=True).stdout.strip()


def sampled(path: Path) -> list[str]:
    command = ["git", "-C", str(path), "rev-list", "--reverse", "--first-parent", "HEAD"]
    commits = subprocess.run(command, capture_output=True, check=True, text=True).stdout.split()
    return [*commits[:: max(1, len(commits) // SAMPLED)], commits[-1]]


def planned(folder: Path) -> dict[str, PlannedPatch]:
    request = PlanRequest(
        Target(folder, all_roots=True), Selection(effect=Effect.LOSSY, everything=True)
    )
    return {row.patch.id: row for row in make_plan(request).plan.patches}


def edited(row: PlannedPatch) -> set[str]:
    return {file.path for file in row.files if file.splices}


def change(folder: Path, old: str, new: str, *suffixes: str) -> None:
    for path in folder.rglob("*.py"):
        text = path.read_bytes()
        if old.encode() in text and (not suffixes or path.name in suffixes):
            path.write_bytes(text.replace(old.encode(), new.encode()))


@pytest.mark.parametrize("name", NAMES)
def test_upstream_s_own_trees_are_patched_by_name(name: str, tmp_path: Path) -> None:
    """No entry point of upstream's leads away from what the patches name."""
    wrong: list[tuple[str, str]] = []
    for number, (commit, files) in enumerate(trees(name)):
        folder = tmp_path / str(number)
        folder.mkdir()
        for path, data in files:
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(data)
        if find_systems(folder, SYSTEMS):
            notes = [note for row in planned(folder).values() for note in row.notes]
            wrong += [(commit, note) for note in notes if " imports in place of " in note]
    assert not wrong


def trees(name: str) -> Iterator[tuple[str, list[tuple[str, bytes]]]]:
    path = repository(name)
    with Repository(path) as source:
        for commit in sampled(path):
            tree = source.tree(commit).items()
            yield commit, [(path, source.blob(blob)) for path, blob in tree if path.endswith(READ)]


def test_index_tts_2_without_1(lay_out: LayOut) -> None:
    folder = lay_out("index-tts", "583d6d4^")
    (folder / "indextts/infer.py").unlink()
    rows = planned(folder)
    assert edited(rows["index-tts/packed-linears"]) >= {"indextts/infer_v2.py"}
    assert {row.status for row in rows.values()} <= {*Status} - {Status.REFUSED}


def test_index_tts_2_5_alone(lay_out: LayOut) -> None:
    folder = lay_out("index-tts", "HEAD")
    for name in ("infer.py", "infer_v2.py"):
        (folder / "indextts" / name).unlink()
    rows = planned(folder)
    for name in ("packed-linears", "deepspeed", "nfe-step", "unused-w2v-bert-layers"):
        assert edited(rows[f"index-tts/{name}"]) >= {"indextts/infer_v2_5.py"}


@pytest.mark.parametrize("commit", ["b6fe850", "583d6d4^", "HEAD"])
def test_index_tts_with_its_inference_renamed(lay_out: LayOut, commit: str) -> None:
    folder = lay_out("index-tts", commit)
    before = planned(folder)
    (folder / "indextts/infer_v2.py").rename(folder / "indextts/infer_fast.py")
    change(folder, "indextts.infer_v2 import", "indextts.infer_fast import")
    after = planned(folder)
    for name, row in after.items():
        assert row.status is before[name].status, name
        renamed = {path.replace("infer_v2.py", "infer_fast.py") for path in edited(before[name])}
        assert edited(row) == renamed, name


def test_gpt_sovits_with_its_settings_in_a_file_of_their_own(lay_out: LayOut) -> None:
    folder = lay_out("GPT-SoVITS", "HEAD")
    pipeline = folder / "GPT_SoVITS/TTS_infer_pack/TTS.py"
    lines = pipeline.read_text(encoding="utf-8").splitlines(keepends=True)
    tree = ast.parse("".join(lines))
    (settings,) = [node for node in tree.body if getattr(node, "name", "") == "TTS_Config"]
    first, last = settings.lineno - 1, settings.end_lineno or 0
    pipeline.with_name("settings.py").write_text("".join(lines[first:last]), encoding="utf-8")
    rest = ["from .settings import TTS_Config\n", *lines[:first], *lines[last:]]
    pipeline.write_text("".join(rest), encoding="utf-8")
    rows = planned(folder)
    assert edited(rows["gpt-sovits/packed-linears"]) >= {"GPT_SoVITS/TTS_infer_pack/TTS.py"}


def test_mockingbird_without_its_preprocessing(lay_out: LayOut) -> None:
    folder = lay_out("MockingBird", "9d67b75^")
    for path in folder.rglob("*preprocess*"):
        path.unlink()
    (folder / "README-CN.md").unlink()
    assert planned(folder)["mockingbird/no-grad"].status is Status.APPLIED


@pytest.mark.parametrize("commit", ["8e0edfc", "2e2acc6", "HEAD"])
def test_f5_tts_under_another_name(lay_out: LayOut, commit: str) -> None:
    folder = lay_out("F5-TTS", commit)
    before = planned(folder)
    (folder / "src/studio").mkdir()
    (folder / "src/f5_tts").rename(folder / "src/studio/engine")
    change(folder, "f5_tts.", "studio.engine.")
    (found,) = find_systems(folder, SYSTEMS)
    assert (found.root, found.layout.folder) == ("src", "studio/engine")
    after = planned(folder)
    for name, row in after.items():
        assert row.status is before[name].status, name
        moved = {path.replace("src/f5_tts/", "src/studio/engine/") for path in edited(before[name])}
        assert edited(row) == moved, name


def test_cosyvoice_under_an_alias(lay_out: LayOut) -> None:
    folder = lay_out("CosyVoice", "HEAD")
    change(folder, "torch.cuda.", "cuda.", "frontend.py", "model.py")
    change(
        folder,
        "import torch\n",
        "import torch\nfrom torch import cuda\n",
        "frontend.py",
        "model.py",
    )
    rows = planned(folder)
    for name in ("cached-device-state", "fewer-cache-clears"):
        row = rows[f"cosyvoice/{name}"]
        assert row.status is Status.ABSENT
        assert any("`cuda` there is `torch.cuda`" in one.difference for one in row.seen_elsewhere)


def test_a_method_under_another_name(lay_out: LayOut) -> None:
    folder = lay_out("GPT-SoVITS", "HEAD")
    change(folder, "def get_bert_feature", "def bert_feature")
    row = planned(folder)["gpt-sovits/short-bert"]
    assert row.status is Status.ABSENT
    assert {one.file for one in row.seen_elsewhere} >= {"api.py", "GPT_SoVITS/inference_webui.py"}
