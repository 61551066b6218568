"""The run itself, on a history of our own making: what is wrong, missed or untrue must come out as that."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
import trial
from history import History, Oracle, run_history
from import_proof import Proof
from judge import Verdict, judge, only_there
from oracles.changes import set_number
from oracles.python_file import edited
from oracles.reading import (
    Expectation,
    FileEdit,
    Files,
    Marks,
    Module,
    already,
    construct,
    meaning_of,
    none,
    other,
)
from table import record, remembered, table
from trial import Trial
from versions import Repository, Version, is_held_out, versions

from ttsopt.catalog.load import load_catalogue

PATH = "toy/core.py"
TOY = "class Toy:\n    pass\n"
# No construct; the construct; it in other surroundings, with CRLF; there already; no Toy any more.
STATES = (
    TOY,
    TOY + "\n\nSTEPS = 32  # many\nOTHER = 32\n",
    ("import os\n" + TOY + "STEPS = 32\n").replace("\n", "\r\n"),
    TOY + "STEPS = 7\n",
    "STEPS = 32\n",
)
SYSTEM = """
id = "toy"
name = "Toy"
homepage = ""
[[layouts]]
name = "toy"
files = [{ path = "toy/core.py", defines = ["class Toy"] }, { path = "toy/mark.txt" }]
"""
PATCH = """
id = "toy/%s"
version = 1
summary = "s"
why = "w"
effect = "exact"
[[files]]
paths = ["toy/core.py"]
[[files.edits]]
%s
"""
EDITS = {
    "right": 'set_const = "STEPS"\nold = ["32"]\nnew = "7"',
    "other-value": 'set_const = "STEPS"\nold = ["32"]\nnew = "8"',
    "other-place": 'set_const = "OTHER"\nold = ["32"]\nnew = "7"',
    "blind": 'set_const = "STEP"\nold = ["32"]\nnew = "7"',
    "unimportable": 'set_const = "STEPS"\nold = ["32"]\nnew = "__import__(\'toy.gone\')"',
    "shy": 'set_const = "STEPS"\nold = ["31"]\nnew = "7"',
    "behind": 'set_const = "OTHER"\nold = ["32"]\nnew = "8"\n[requires]\npatches = ["toy/right"]',
}


def expect(files: Files) -> Expectation:
    if b"STEPS = 7" in files[PATH]:
        return already("7")
    return edited(files, PATH, change, "no STEPS")


ORACLE = Oracle(expect)


def change(tree: Module, marks: Marks) -> None:
    for node in tree.body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "STEPS":
            set_number(node.value, 32, 7, marks)


def change_other(tree: Module, marks: Marks) -> None:
    for node in tree.body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "OTHER":
            set_number(node.value, 32, 8, marks)


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A commit before the system can be told, and one for each state."""
    path = tmp_path / "upstream"
    for variable, value in {"NAME": "a", "EMAIL": "a@example.org"}.items():
        monkeypatch.setenv(f"GIT_AUTHOR_{variable}", value)
        monkeypatch.setenv(f"GIT_COMMITTER_{variable}", value)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")
    (path / "toy").mkdir(parents=True)
    git(path, "init", "--quiet")
    commit(path, PATH, STATES[1])
    commit(path, "toy/mark.txt", "")
    for state in STATES:
        commit(path, PATH, state)
    return path


def commit(path: Path, name: str, text: str) -> None:
    (path / name).write_bytes(text.encode())
    git(path, "add", ".")
    git(path, "commit", "--quiet", "--message", "m")


def git(path: Path, *arguments: str) -> None:
    subprocess.run(["git", "-C", str(path), "-c", "core.autocrlf=false", *arguments], check=True)


@pytest.fixture
def catalogs(tmp_path: Path) -> tuple[Path, ...]:
    folder = tmp_path / "catalogue"
    for name, edit in EDITS.items():
        (folder / "toy" / name).mkdir(parents=True)
        (folder / "toy" / name / "patch.toml").write_text(PATCH % (name, edit), encoding="utf-8")
    (folder / "toy" / "system.toml").write_text(SYSTEM, encoding="utf-8")
    return (folder,)


def verdicts(history: History) -> list[Verdict]:
    return [one.verdict for one in history.judgements]


def test_a_right_patch_is_right_wherever_the_construct_is(
    repository: Path, catalogs: tuple[Path, ...]
) -> None:
    history = run_history(repository, "toy/right", ORACLE, catalogs)
    assert verdicts(history) == [
        Verdict.NOT_FOUND,
        Verdict.RIGHT,
        Verdict.ABSENT,
        Verdict.RIGHT,
        Verdict.ALREADY,
        Verdict.MISSED,  # a signature that a real construct does not fit is a miss as well
    ]
    assert history.files == len(STATES)
    assert sum(history.places(held_out=half) for half in (True, False)) == 3


@pytest.mark.parametrize(
    ("patch", "verdict", "detail"),
    [
        ("toy/other-value", Verdict.WRONG, "says something else"),
        ("toy/other-place", Verdict.WRONG, "says something else"),
        ("toy/blind", Verdict.MISSED, "absent"),
        ("toy/shy", Verdict.REFUSED, "refused"),
    ],
)
def test_a_bad_patch_is_found_out(
    patch: str, verdict: Verdict, detail: str, repository: Path, catalogs: tuple[Path, ...]
) -> None:
    second = run_history(repository, patch, ORACLE, catalogs).judgements[1]
    assert second.verdict is verdict
    assert detail in second.detail


def test_an_answer_that_is_not_true_is_a_failure(
    repository: Path, catalogs: tuple[Path, ...]
) -> None:
    history = run_history(repository, "toy/right", Oracle(lambda _: none("nothing")), catalogs)
    assert verdicts(history)[1] is Verdict.WRONG
    assert verdicts(history)[4] is Verdict.UNTRUE
    blind = run_history(repository, "toy/shy", Oracle(lambda _: none("nothing")), catalogs)
    assert verdicts(blind)[1] is Verdict.NEEDLESS


def test_what_a_patch_requires_is_applied_before_and_counts_as_there(
    repository: Path, catalogs: tuple[Path, ...]
) -> None:
    def expect_other(files: Files) -> Expectation:
        if b"STEPS = 7" not in files[PATH]:
            return other("what it needs is not there")
        return edited(files, PATH, change_other, "no OTHER")

    history = run_history(repository, "toy/behind", Oracle(expect_other), catalogs)
    assert verdicts(history)[1:4] == [Verdict.RIGHT, Verdict.LEFT, Verdict.ABSENT]


def test_a_rollback_that_does_nothing_is_seen(
    repository: Path, catalogs: tuple[Path, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trial, "rollback", lambda _: None)
    history = run_history(repository, "toy/right", ORACLE, catalogs)
    assert verdicts(history)[1] is Verdict.WRONG
    assert "rollback leaves another tree" in history.judgements[1].detail


def test_versions_are_told_apart_by_content_and_halved_by_hash(
    repository: Path, catalogs: tuple[Path, ...]
) -> None:
    catalogue = load_catalogue(catalogs)
    (system,) = [one for one in catalogue.systems if one.id == "toy"]
    with Repository(repository) as source:
        found = list(versions(source, catalogue.patch("toy/right"), system))
    assert [one.files[PATH].decode() for one in found] == [
        STATES[1],
        STATES[1],
        STATES[0],
        *STATES[2:],
    ]
    assert [one.complete for one in found] == [False, *[True] * 5]
    assert [is_held_out(name) for name in ("0f", "1f", "af", "bf")] == [False, True, False, True]
    assert all(one.held_out == is_held_out(one.blobs[0][1]) for one in found)


VERSION = Version("c" * 40, "2026-01-01", (), {}, {}, complete=True)
BEFORE = b"a = 1  # one\nb = 2\nc = 3  # three\n"


def verdict_on(after: bytes, edit: FileEdit, **others: bytes) -> tuple[Verdict, str]:
    before = {"x.py": BEFORE}
    done = Trial(True, "applied", "", before, {"x.py": after, **others})
    judgement = judge(VERSION, construct({"x.py": edit}), done)
    return judgement.verdict, judgement.detail


@pytest.mark.parametrize(
    ("after", "complaint"),
    [
        (b"a = 1  # one\nb = 9\nc = 3  # three\n", ""),
        (b"a = 1  # one\nb = (9\nc = 3  # three\n", "does not compile"),
        (b"a = 1  # one\nb = 9\nc =  3  # three\n", "lines differ"),
        (b"a = 1\nb = 9\nc = 3  # three\n", "comments lost"),
        (b"a = 1  # one\r\nb = 9\r\nc = 3  # three\r\n", "other line ends"),
        (b"a = 1  # one\nb = 9\nc = 4  # three\n", "says something else"),
        (b"a = 1  # one\nb = 9\n\nc = 3  # three\n", "blank lines came in"),
        (b"a = 1  # one\n# new\nb = 9\nc = 3  # three\n", "come in: ['# new']"),
    ],
)
def test_only_what_was_meant_may_change(after: bytes, complaint: str) -> None:
    meaning = meaning_of("x.py", b"a = 1\nb = 9\nc = 3\n")
    verdict, detail = verdict_on(after, FileEdit(meaning, changed=frozenset({2})))
    assert verdict is (Verdict.WRONG if complaint else Verdict.RIGHT)
    assert complaint in detail


def test_what_is_not_imported_any_more_is_wrong() -> None:
    edit = FileEdit(meaning_of("x.py", BEFORE.replace(b"2", b"9")), changed=frozenset({2}))
    done = Trial(True, "applied", "", {"x.py": BEFORE}, {"x.py": BEFORE.replace(b"2", b"9")})
    expected = construct({"x.py": edit})
    assert judge(VERSION, expected, done, Proof(proven=3)).verdict is Verdict.RIGHT
    judgement = judge(VERSION, expected, done, Proof(3, broken=("x.py: script x.py: why",)))
    assert (judgement.verdict, judgement.imports) == (Verdict.WRONG, 3)
    assert judgement.detail == "x.py: script x.py: why"


@pytest.mark.skipif(sys.platform == "win32", reason="each import is a forked process")
def test_edited_files_are_imported_before_and_after(
    repository: Path, catalogs: tuple[Path, ...]
) -> None:
    history = run_history(repository, "toy/right", ORACLE, catalogs)
    # By `import` and by -m.
    assert [one.imports for one in history.judgements] == [0, 2, 0, 2, 0, 0]
    broken = run_history(repository, "toy/unimportable", ORACLE, catalogs).judgements[1]
    assert broken.verdict is Verdict.WRONG
    assert "import toy.core with . path: ModuleNotFoundError: No module named 'toy.gone'" in (
        broken.detail
    )


def test_a_file_that_nobody_named_is_wrong() -> None:
    edit = FileEdit(meaning_of("x.py", BEFORE.replace(b"2", b"9")), changed=frozenset({2}))
    verdict, detail = verdict_on(BEFORE.replace(b"2", b"9"), edit, other=b"")
    assert verdict is Verdict.WRONG
    assert "touched" in detail


@pytest.mark.parametrize(
    ("after", "where", "fits"),
    [
        (b"1\n2\n3\n", {}, True),
        (b"1\n3\n", {}, False),
        (b"1\n3\n", {"dropped": {2}}, True),
        (b"1\nx\ny\n3\n", {"changed": {2}}, True),
        (b"1\n2\nx\n3\n", {"inserted": {2}}, True),
        (b"1\nx\n2\n3\n", {"inserted": {2}}, False),
        (b"x\n1\n2\n3\n", {"inserted": {0}}, True),
        (b"1\n2\n3\nx\n", {"inserted": {3}}, True),
        (b"1\n2\n3\nx\n", {"changed": {2}}, False),
        (b"3\n", {"dropped": {1, 2}}, True),
        (b"3\n", {"dropped": {1}}, False),
    ],
)
def test_lines_may_differ_only_where_the_oracle_says(
    after: bytes, where: Mapping[str, set[int]], fits: bool
) -> None:
    changed, dropped, inserted = (
        frozenset(where.get(name, ())) for name in ("changed", "dropped", "inserted")
    )
    edit = FileEdit("", changed, dropped, inserted)
    assert only_there(b"1\n2\n3\n", after, edit) is fits


def test_first_figures_are_kept_and_failures_are_listed(
    repository: Path, catalogs: tuple[Path, ...], tmp_path: Path
) -> None:
    bad = run_history(repository, "toy/blind", ORACLE, catalogs)
    path = tmp_path / "first.json"
    first = remembered([bad], path)
    good = replace(run_history(repository, "toy/right", ORACLE, catalogs), patch="toy/blind")
    assert remembered([good], path) == first == json.loads(path.read_text(encoding="utf-8"))
    assert record(good)["rules"] != first["toy/blind"]["rules"]
    page = table([good], first)
    assert "changed" in page
    assert "What failed" in page
