"""Real patch files, from the histories of upstream repositories: the bytes that GNU patch gives, or a refusal.

TTSOPT_UPSTREAMS names a folder of clones or bare repositories: `F5-TTS`, `CosyVoice`. Each of 60 commits is
taken as a patch file, as three programs write it, to the files before it, and to those of 5 and 20 commits away.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from ttsopt.checkout.state.location import open_checkout
from ttsopt.domain.journal import Journal
from ttsopt.domain.plan import Fate, PlannedPatch, Status
from ttsopt.editing.compose import compose
from ttsopt.errors import UsageError
from ttsopt.operations.plan.baseline import Baseline
from ttsopt.operations.plan.fit_diff import fit_diff

pytestmark = pytest.mark.upstream
COMMITS = 60
DISTANCES = {
    "before": -1,
    "5 earlier": -6,
    "20 earlier": -21,
    "itself": 0,
    "5 later": 5,
    "20 later": 20,
}
NOT_TEXT = "binary|symbolic link|submodule|mode of a file"
WAYS = [
    ["format-patch", "-1", "--stdout"],
    ["show", "--format=fuller", "--first-parent", "-m"],
    ["show", "-U1"],
]
Contents = dict[str, bytes]


def git(repository: Path, *arguments: str) -> bytes:
    command = ["git", "-C", str(repository), *arguments]
    return subprocess.run(command, capture_output=True, check=True).stdout


def commits(repository: Path) -> Iterator[tuple[int, list[str]]]:
    """Positions, evenly over the history, of commits with one parent; and the history, oldest first."""
    found = git(repository, "rev-list", "--first-parent", "--reverse", "HEAD").decode().split()
    merges = set(git(repository, "rev-list", "--merges", "HEAD").decode().split())
    plain = [n for n, revision in enumerate(found) if n and revision not in merges]
    yield from ((n, found) for n in plain[:: max(1, len(plain) // COMMITS)])


def lay_out(repository: Path, revision: str, paths: list[str], folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for path in paths:
        command = ["git", "-C", str(repository), "cat-file", "blob", f"{revision}:{path}"]
        done = subprocess.run(command, capture_output=True, check=False)
        if done.returncode == 0:
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(done.stdout)


def contents(folder: Path) -> Contents:
    files = [path for path in folder.rglob("*") if path.is_file()]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def by_ttsopt(folder: Path, diff: Path) -> tuple[Contents | None, str]:
    try:
        row = fit_diff(Baseline(open_checkout(folder), Journal()), diff)
    except UsageError as error:
        return None, error.message
    if row.status is not Status.APPLIED:
        assert row.reason
        return None, row.reason
    return outcome(contents(folder), row), ""


def outcome(before: Contents, row: PlannedPatch) -> Contents:
    after = dict(before)
    for file in row.files:
        if file.fate is Fate.DELETED:
            del after[file.path]
        else:
            after[file.path] = compose(before.get(file.path, b""), file.splices)
    return after


def by_patch(folder: Path, diff: Path) -> Contents | None:
    command = ["patch", "-p1", "-F0", "--no-backup-if-mismatch", "--binary", "-f", "-s"]
    done = subprocess.run([*command, "-i", str(diff)], cwd=folder, capture_output=True, check=False)
    return contents(folder) if done.returncode == 0 else None


def judge(ours: Contents | None, theirs: Contents | None) -> str:
    if ours is None:
        return "both refuse" if theirs is None else "only patch applies"
    return "equal" if ours == theirs else "different"


@pytest.mark.skipif(not shutil.which("patch"), reason="patch is not there")
@pytest.mark.parametrize("name", ["F5-TTS", "CosyVoice"])
def test_commits_as_patch_files(tmp_path: Path, name: str) -> None:
    folder = os.environ.get("TTSOPT_UPSTREAMS")
    if not folder:
        pytest.skip("TTSOPT_UPSTREAMS names no folder of upstream repositories")
    repository = Path(folder).resolve() / name
    if not repository.exists():
        pytest.skip(f"{repository} does not exist")
    table: dict[str, Counter[str]] = {where: Counter() for where in DISTANCES}
    tree, diff = tmp_path / "tree", tmp_path / "commit.patch"
    for n, history in commits(repository):
        names = git(
            repository, "diff", "--name-only", "--no-renames", "-z", history[n - 1], history[n]
        )
        paths = [path.decode() for path in names.split(b"\0") if path]
        diff.write_bytes(git(repository, *WAYS[n % len(WAYS)], history[n]))
        for where, distance in DISTANCES.items():
            base = history[min(max(n + distance, 0), len(history) - 1)]
            lay_out(repository, base, paths, tree)
            ours, why = by_ttsopt(tree, diff)
            verdict = judge(ours, by_patch(tree, diff))
            table[where][verdict] += 1
            assert verdict != "different", f"{history[n]} {where}"
            if where == "before" and ours is None:
                assert re.search(NOT_TEXT, why) or not paths, f"{history[n]}: {why}"
    print(f"\n{name}", *(f"{where}: {dict(row)}" for where, row in table.items()), sep="\n  ")  # noqa: T201
    assert table["before"]["equal"]
