"""Planted waste is found at its line, and planted innocents are accused of nothing, by torch itself.

TTSOPT_PYTHON_F5_TTS is an interpreter with torch, as docs/environments.md makes it.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from upstream_views import ENVIRONMENT, needed

from ttsopt.bench.waste.model import WasteTable
from ttsopt.bench.waste.recording import read_recording
from ttsopt.bench.waste.tables import Analysed, waste_tables

if TYPE_CHECKING:
    from tests.in_target.conftest import Ran, Tree

pytestmark = pytest.mark.upstream

PLANTED = Path(__file__).parents[1] / "support" / "planted"
CODE = PLANTED / "checkout" / "planted_tts"
ACCUSING = ("never-used", "unread", "again", "again-constant", "copies", "gradients")
CALLS = {
    "first": ("Say it once.", 0),
    "other-text": ("Or another time.", 0),
    "other-voice": ("Say it once.", 1),
    "again": ("Say it once.", 0),
}
HELPERS = {"look", "kept", "branch"}


def functions(file: str) -> list[str]:
    tree = ast.parse((CODE / file).read_text(encoding="utf-8"))
    return [one.name for one in tree.body if isinstance(one, ast.FunctionDef)]


def kind(function: str) -> str:
    """The table that a planted function belongs in, by its name."""
    names = {
        "never_used": "never-used",
        "unread": "unread",
        "again_constant": "again-constant",
        "again": "again",
        "random_unused": "random-unused",
        "copies": "copies",
        "waits": "waits",
        "gradients": "gradients",
        "sessions": "sessions",
        "opaque": "opaque",
        "patterns": "patterns",
        "files": "files",
    }
    return next(table for start, table in names.items() if function.startswith(start))


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory, make_tree: type[Tree]) -> Ran:
    """All calls recorded in one process, for torch takes seconds to import."""
    return spoken("record", make_tree(tmp_path_factory.mktemp("planted")))


def spoken(task: str, tree: Tree) -> Ran:
    tree.python, tree.environment = needed("TTSOPT_PYTHON_F5_TTS"), ENVIRONMENT
    tree.view.symlink_to(PLANTED / "checkout")
    rows = [{"id": id_, "text": text, "voice": voice} for id_, (text, voice) in CALLS.items()]
    workload = PLANTED / "own" / "planted-tts" / "workload.py"
    warmup = [{"id": "warmup", "text": "Warm.", "voice": 11}]
    given: dict[str, Any] = {
        "import_paths": ["."],
        "workload": workload,
        "warmup_utterances": warmup,
    }
    return tree.run(task, utterances=rows, **given)


@pytest.fixture(scope="module")
def calls(ran: Ran) -> Mapping[str, Analysed]:
    assert ran.result["ok"], ran.result["traceback"]
    files = ran.result["recordings"]
    return {
        id_: Analysed(id_, read_recording(ran.control / file), 0.1) for id_, file in files.items()
    }


@pytest.fixture(scope="module")
def tables(calls: Mapping[str, Analysed]) -> dict[str, WasteTable]:
    return {table.name: table for table in waste_tables(calls)}


def accused(table: WasteTable) -> set[str]:
    """The functions that rows of a table come from, with those that call them."""
    chains = [chain for row in table.rows for chain in (row.chain, *row.below)]
    return {frame.function.partition(".")[0] for chain in chains for frame in chain}


@pytest.mark.parametrize("function", functions("waste.py"))
def test_planted_waste_is_found_with_its_line(tables: dict[str, WasteTable], function: str) -> None:
    table = tables[kind(function)]
    source = ast.parse((CODE / "waste.py").read_text(encoding="utf-8"))
    (planted,) = [one for one in source.body if getattr(one, "name", "") == function]
    found = [
        frame.line
        for row in table.rows
        for frame in row.chain
        if frame.path == "planted_tts/waste.py" and frame.function.startswith(function)
    ]
    assert found, f"{table.name} has no row of {function}"
    assert all(planted.lineno < line <= (planted.end_lineno or 0) for line in found)


@pytest.mark.parametrize("function", [*set(functions("innocent.py")) - HELPERS])
def test_planted_innocents_are_accused_of_nothing(
    tables: dict[str, WasteTable], function: str
) -> None:
    assert not [name for name in ACCUSING if function in accused(tables[name])]


def test_a_draw_that_later_draws_depend_on_is_kept_apart(tables: dict[str, WasteTable]) -> None:
    assert "a_draw_that_later_draws_depend_on" in accused(tables["random-unused"])


def test_what_a_cache_could_keep_is_told_by_what_it_depends_on(
    tables: dict[str, WasteTable],
) -> None:
    assert "Planted" in accused(tables["known-text"])
    found = {
        name: {
            frame.function for row in tables[name].rows for chain in row.below for frame in chain
        }
        for name in ("known-voice", "known-text", "known-call")
    }
    assert "Planted.encode_voice" in found["known-voice"]
    assert "Planted.encode_text" in found["known-text"] - found["known-voice"]
    assert "Planted.sing" in {row.below[0][0].function for row in tables["known-call"].rows}


def test_nothing_is_left_unrecorded_and_the_output_is_the_same_as_unrecorded(
    ran: Ran, calls: Mapping[str, Analysed], tmp_path: Path, make_tree: type[Tree]
) -> None:
    assert {id_: call.recording.unrecorded for id_, call in calls.items()} == {
        id_: {} for id_ in CALLS
    }
    plain = spoken("measure", make_tree(tmp_path))
    hashes = [
        {row["id"]: row["sha256"] for row in one.result["utterances"]} for one in (ran, plain)
    ]
    assert hashes[0] == hashes[1]


def test_operations_of_threads_are_rows_of_their_own_thread(calls: Mapping[str, Analysed]) -> None:
    assert max(calls["first"].recording.thread) > 0
