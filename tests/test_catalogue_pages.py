"""The pages that are made of the catalogue, of results and of docs/sources.toml (`make pages`)."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from catalogue_pages import (
    DOCS,
    SOURCES,
    Row,
    Sources,
    catalogue_page,
    command_line,
    hints,
    pages,
    problems,
    read_sources,
)

from ttsopt.catalog.load import load_catalogue
from ttsopt.catalog.results import read_results, results_folder
from ttsopt.domain.measurement import Verdict
from ttsopt.domain.patch_result import CameOut, Clock, Measured, PatchResult, ResultMachine

CATALOGUE = load_catalogue()
MACHINE = ResultMachine("a processor", 2, "Linux 6.1", "3.11.7", torch="2.13.0", gpu="")
RESULT = PatchResult(
    patch="f5-tts/tf32",
    patch_version=1,
    version="1.1",
    size="tiny",
    weights="random",
    texts=("short",),
    languages=("en",),
    threads=1,
    of=Clock.CPU,
    rounds=5,
    speedup=1.25,
    interval=(1.2, None),
    verdict=Verdict.FASTER,
    came_out=CameOut(equal=False, mel_db=0.004, mel_db_worst=0.006, snr_db=61),
    date="2026-01-31",
    ttsopt="0.1.0",
    machine=MACHINE,
    parameters={"n": 7},
    hot=True,
    note="by itself",
)


@pytest.mark.parametrize("name", ["catalogue.md", "sources.md"])
def test_the_pages_are_up_to_date(name: str) -> None:
    made = pages(CATALOGUE, read_sources(SOURCES))[name]
    assert (DOCS / name).read_text(encoding="utf-8") == made, "run `make pages`"


def test_every_row_says_what_became_of_it_and_names_what_is_there() -> None:
    assert list(problems(read_sources(SOURCES), CATALOGUE, command_line())) == []


def test_no_row_of_a_document_is_left_out() -> None:
    ids = [tuple(map(int, row.id[1:].split("."))) for row in read_sources(SOURCES).rows]
    assert {source for source, _ in ids} == {0, 1, 2, 3, 4}
    assert all(b == (a[0], a[1] + 1) or b[0] == a[0] + 1 for a, b in pairwise(ids))


def test_every_result_is_of_a_patch_that_is_there() -> None:
    there = {patch.id: patch.version for patch in CATALOGUE.patches}
    files = [read_results(file) for file in sorted(results_folder().glob("*.json"))]
    named = {row.patch for file in files for row in file.rows}
    assert named | {patch for file in files for patch in file.not_measured} <= set(there)
    assert all(row.patch_version <= there[row.patch] for file in files for row in file.rows)


ROW = Row("S1.1", "a", "patch", "why", patches=("f5-tts/tf32",))
GOOD = Sources({"S1": "one"}, (ROW,), finished=True)


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({"patches": ("f5-tts/nowhere",)}, "S1.1: there is no patch f5-tts/nowhere"),
        ({"patches": ()}, "S1.1: names no patch"),
        ({"became": "command"}, "S1.1: names no command"),
        ({"became": "done"}, "S1.1: became 'done', expected one of"),
        ({"says": ""}, "S1.1: says nothing"),
        ({"id": "S2.1"}, "S2.1: no such document"),
        ({"became": "open"}, "S1.1: still open"),
        ({"commands": ("ttsopt sing",)}, "S1.1: ttsopt sing: the contract has no sing"),
        ({"commands": ("ttsopt bench --loud",)}, "S1.1: ttsopt bench --loud: the contract has no"),
    ],
)
def test_what_is_wrong_with_a_row_is_told(changed: dict[str, object], problem: str) -> None:
    assert list(problems(GOOD, CATALOGUE, command_line())) == []
    wrong = replace(GOOD, rows=(replace(ROW, **changed),))  # type: ignore[arg-type]
    (found,) = problems(wrong, CATALOGUE, command_line())
    assert found.startswith(problem)


def test_an_open_row_is_allowed_until_the_mapping_is_finished() -> None:
    row = replace(ROW, became="open", planned=("f5-tts/tf32", "f5-tts/nowhere"))
    unfinished = replace(GOOD, rows=(row,), finished=False)
    assert list(problems(unfinished, CATALOGUE, command_line())) == []
    assert list(hints(unfinished, CATALOGUE)) == ["S1.1 is open, and f5-tts/tf32 is there now"]


def test_a_row_that_is_there_twice_is_told() -> None:
    twice = replace(GOOD, rows=(ROW, ROW))
    assert list(problems(twice, CATALOGUE, command_line())) == ["S1.1: there twice"]


def test_a_key_that_nobody_knows_is_an_error(tmp_path: Path) -> None:
    file = tmp_path / "sources.toml"
    file.write_text('finished = true\n[titles]\n[[rows]]\nid = "S1.1"\nasked = "a"\n')
    with pytest.raises(TypeError, match="asked"):
        read_sources(file)


def test_claims_stand_beside_what_was_measured() -> None:
    tf32 = CATALOGUE.patch("f5-tts/tf32")
    only = replace(CATALOGUE, patches=(replace(tf32, version=2),))
    page = catalogue_page(only, lambda _: Measured((RESULT,)))
    cells = (
        "| measured | 1.25x (1.20 to ?) of CPU time on 1 thread, faster; "
        "log-mel 0.00 dB apart, 0.01 at worst, SNR 61 dB, quality unverified | "
        "1.1, size tiny, random weights, short texts (en), n=7, warm caches, 5 rounds; by itself. "
        "a processor, 2 cores, no GPU, Linux 6.1, Python 3.11.7, torch 2.13.0; 2026-01-31, ttsopt 0.1.0 |"
    )
    assert cells in page
    assert "What was measured is version 1 of this patch; it is at version 2 now." in page
    assert "not measured" not in page


def test_a_patch_that_was_not_measured_says_why() -> None:
    page = catalogue_page(CATALOGUE, lambda _: Measured(why_not="it needs a GPU"))
    assert page.count("| not measured | it needs a GPU |") == len(CATALOGUE.patches)
