"""`ttsopt compare --history`: results of many commits, from a folder or a branch."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest
from cli_driver import Cli
from git_command import git
from html_pages import Page

NO_RESULT = "no result of `ttsopt bench --save`"
ASKED = {"system": "tts", "size": "tiny", "weights": "random", "threads": 1, "texts": {"en": "Hi."}}
MACHINE = {"machine": {"cpu": "A Processor", "usable_cores": 2}, "gpus": []}


def saved(rtf: float, commit: str = "0123456789abcdef", **changes: Any) -> str:
    """A result of `--save` with what a history reads, as JSON."""
    ratio = {"value": 1 / rtf, "interval": [0.9 / rtf, 1.1 / rtf], "level": 0.95, "rounds": 5}
    side = {"rtf": rtf, "rtf_interval": [0.9 * rtf, None]}
    data = {
        "schema": 1,
        "version": "1.0",
        "commit": commit,
        "date": "2026-01-02",
        **ASKED,
        "patches": ["tts/fast"],
        "against": "",
        "environment": MACHINE,
        "resident": None,
        "before": {"rtf": 1.0, "rtf_interval": [0.9, 1.1]},
        "after": side,
        "speedup": ratio,
        "verdict": "faster",
    }
    return json.dumps({**data, **changes})


def write(folder: Path, **files: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / f"{name}.json").write_text(text, encoding="utf-8")
    return folder


def rtfs(data: Any) -> list[float]:
    return [row["after"]["rtf"] for row in data["history"]]


def test_results_stand_in_the_order_of_dates_then_of_numbers_in_names(
    cli: Cli, tmp_path: Path
) -> None:
    files = {"r10": saved(0.5), "r9": saved(0.6), "r1": saved(0.4, date="2026-01-03")}
    folder = write(tmp_path / "rtf", **files)
    answer = cli("compare", "--history", folder, "--json")
    assert answer.code == 0
    assert rtfs(answer.data) == [0.6, 0.5, 0.4]
    assert [row["file"] for row in answer.data["history"]] == ["r9.json", "r10.json", "r1.json"]
    assert answer.data["history"][0]["after"]["rtf_interval"] == [pytest.approx(0.54), None]
    assert answer.data["left_out"] == []


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"system": "other"}, "system other, not tts"),
        ({"size": "real"}, "size real, not tiny"),
        ({"threads": 4}, "threads 4, not 1"),
        ({"texts": {"en": "Something else."}}, "other texts"),
        ({"weights": "found"}, "weights found, not random"),
        ({"environment": {"machine": {"cpu": "B"}}}, "cpu B, not A Processor; cores None, not 2"),
        ({"resident": {"pairs": []}}, "resident True, not False"),
        ({"schema": 2}, NO_RESULT),
        ({"after": {"rtf": 0, "rtf_interval": [0, 1]}}, NO_RESULT),
        ({"verdict": "great"}, NO_RESULT),
        ({"speedup": {"value": 1, "interval": [0, math.nan], "rounds": 1}}, NO_RESULT),
        ({"environment": []}, "cpu None, not A Processor; cores None, not 2"),
    ],
)
def test_what_is_of_another_thing_is_left_out_and_named(
    cli: Cli, tmp_path: Path, changes: dict[str, Any], why: str
) -> None:
    folder = write(tmp_path, a=saved(0.5), b=saved(0.6), z=saved(0.1, **changes))
    answer = cli("compare", "--history", folder, "--json")
    assert rtfs(answer.data) == [0.5, 0.6]
    assert answer.data["left_out"] == [{"file": "z.json", "why": why}]
    told = cli("compare", "--history", folder).out
    assert f"z.json: {why}" in " ".join(told.split())


def test_the_largest_group_is_kept_and_of_two_alike_the_later_one(cli: Cli, tmp_path: Path) -> None:
    folder = write(tmp_path, a=saved(0.5), b=saved(0.6, threads=2))
    assert rtfs(cli("compare", "--history", folder, "--json").data) == [0.6]
    write(tmp_path, c=saved(0.7))
    assert rtfs(cli("compare", "--history", folder, "--json").data) == [0.5, 0.7]


def test_a_branch_is_read_commit_by_commit(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also a file that each commit writes anew; nothing of the work tree counts."""
    git(tmp_path, "init", "-q", "-b", "results")
    for rtf in (0.6, 0.5, 0.5):
        write(tmp_path / "rtf", now=saved(rtf))
        (tmp_path / "count").write_text(f"{rtf} {len(list(tmp_path.rglob('*')))}", encoding="utf-8")
        git(tmp_path, "add", "--all")
        git(tmp_path, "commit", "-q", "--allow-empty", "-m", "a result")
    write(tmp_path / "rtf", now=saved(0.1), unknown="{}")
    monkeypatch.chdir(tmp_path)
    answer = cli("compare", "--history", "results", "--json")
    assert (answer.code, rtfs(answer.data)) == (0, [0.6, 0.5])
    assert answer.data["left_out"] == []
    assert answer.data["history"][0]["file"].endswith(":rtf/now.json")


def test_the_page_has_the_same_figures_and_nothing_of_others_is_markup(
    cli: Cli, tmp_path: Path
) -> None:
    evil = "<script>alert(1)</script>\x1b$x$"
    folder = write(
        tmp_path / "rtf", a=saved(0.5), b=saved(0.25, commit=evil, version=evil, date=evil)
    )
    file = tmp_path / "page.html"
    answer = cli("compare", "--history", folder, "--report", file)
    assert answer.code == 0
    assert "\x1b" not in answer.out
    text = file.read_text(encoding="utf-8")
    page = Page(text)
    assert (page.problems, "script" in page.tags, "\x1b" in text) == ([], False, False)
    assert "RTF 0.250 now: 2.00 times as fast as the first of 2" in page.said
    assert "RTF over commits" in page.said
    assert "--history" in page.said  # the command


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("compare",), "two-results"),
        (("compare", "a.json"), "two-results"),
        (("compare", "a.json", "b.json", "--history", "."), "history-alone"),
        (("compare", "a.json", "b.json", "--report", "x.html"), "no-history"),
        (("compare", "--history", "."), "no-history"),
        (("compare", "--history", "no-such-branch"), "no-history"),
    ],
)
def test_what_is_no_history_is_said(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], code: str
) -> None:
    monkeypatch.chdir(tmp_path)
    answer = cli(*arguments, "--json")
    assert (answer.code, answer.error["code"]) == (2, code)
