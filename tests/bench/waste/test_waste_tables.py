"""Tables of rows written by hand: what is read, computed again, known before, copied."""

from __future__ import annotations

from pathlib import Path

import pytest
from waste_rows import SIZE, Rows

from ttsopt.bench.waste.copies import needless_copies
from ttsopt.bench.waste.model import WasteTable
from ttsopt.bench.waste.recording import Flag
from ttsopt.bench.waste.repeats import bytes_to_keep, computed_again
from ttsopt.bench.waste.tables import Analysed, for_nothing, waste_tables
from ttsopt.bench.waste.trace import chrome_trace
from ttsopt.bench.waste.unread import read_shares


def analysed(rows: Rows, folder: Path, id_: str = "first", seconds: float = 10.0) -> Analysed:
    return Analysed(id_, rows.recording(folder), seconds)


def tables(folder: Path, **calls: Rows) -> dict[str, WasteTable]:
    rows = {id_.replace("_", "-"): one for id_, one in calls.items()}
    found = {id_: analysed(one, folder / id_, id_) for id_, one in rows.items()}
    return {table.name: table for table in waste_tables(found)}


def shares(rows: Rows, folder: Path) -> dict[int, float]:
    call = analysed(rows, folder)
    return read_shares(call.recording, call.used)


def test_how_much_of_a_result_is_read_is_counted_by_distinct_regions(tmp_path: Path) -> None:
    rows = Rows().op("mm", makes=["x"])
    for _ in range(3):
        rows.op("relu", reads=[("x", 0, SIZE // 8)], makes=["out"]).sees("out")
    rows.op("relu", reads=[("x", SIZE // 2, SIZE)], makes=["end"]).sees("end")
    assert shares(rows, tmp_path)[0] == 5 / 8


def test_what_is_read_by_nobody_of_use_is_not_read(tmp_path: Path) -> None:
    rows = Rows().op("mm", makes=["x"]).op("relu", reads=["x"], makes=["dead"])
    rows.op("relu", reads=[("x", 0, 16)], makes=["out"]).sees("out")
    assert shares(rows, tmp_path)[0] == 16 / SIZE


def test_of_several_results_the_one_that_is_read_most_counts(tmp_path: Path) -> None:
    rows = Rows().op("topk", makes=["values", "indices"]).sees("indices")
    assert shares(rows, tmp_path)[0] == 1


@pytest.mark.parametrize("how", ["outlive", "shared"])
def test_what_others_may_read_counts_as_read(tmp_path: Path, how: str) -> None:
    rows = Rows().op("mm", makes=["x"]).op("relu", reads=[("x", 0, 16)], makes=["out"]).sees("out")
    rows.outlive += ["x"] if how == "outlive" else []
    rows.shared += [("x", 0, 4)] if how == "shared" else []
    assert shares(rows, tmp_path)[0] == 1


def test_the_second_row_of_a_key_computes_again(tmp_path: Path) -> None:
    rows = Rows().op("mm", makes=["x"], key=5).op("mm", makes=["y"], key=5).op("mm", makes=["z"])
    assert computed_again(rows.op("mm", makes=["w"]).recording(tmp_path)) == [1]


def test_what_is_made_of_nothing_is_wanted_anew(tmp_path: Path) -> None:
    rows = Rows()
    for name in ("x", "y"):
        rows.op("zeros", makes=[name], key=5, flags=Flag.FACTORY).op("add_", changes=[name])
    assert computed_again(rows.recording(tmp_path)) == []


def test_of_what_is_used_in_any_case_no_result_is_called_unread(tmp_path: Path) -> None:
    rows = Rows().op("planted::log", makes=["x"], flags=Flag.USED)
    assert shares(rows, tmp_path) == {}


def test_what_is_known_before_is_told_apart_by_what_it_depends_on(tmp_path: Path) -> None:
    def call(voice: int, text: int, both: int) -> Rows:
        rows = Rows().op("norm", makes=["w"], key=1, flags=Flag.CONSTANT, at=10)
        rows.op("encode", makes=["v"], key=voice, at=20).op("read", makes=["t"], key=text, at=30)
        return rows.op("flow", reads=["w", "v", "t"], makes=["out"], key=both, at=40).sees("out")

    calls = {
        "first": call(2, 3, 4),
        "other_text": call(2, 13, 14),
        "other_voice": call(22, 3, 24),
        "again": call(2, 3, 4),
    }
    found = tables(tmp_path, **calls)
    lines = {name: [row.chain[0].line for row in table.rows] for name, table in found.items()}
    names = ("known-always", "known-voice", "known-text", "known-call")
    assert [lines[name] for name in names] == [[10], [20], [30], [40]]
    assert found["known-voice"].bytes_kept == SIZE
    assert found["known-voice"].share == pytest.approx(0.1)


def test_a_cache_holds_what_goes_on_to_be_used_and_not_what_it_was_made_of(tmp_path: Path) -> None:
    rows = Rows().op("mel", makes=["mel"]).op("encode", reads=["mel"], makes=["voice"])
    rows.op("flow", reads=["voice"], makes=["out"]).sees("out")
    assert bytes_to_keep(rows.recording(tmp_path), [0, 1]) == {1: SIZE}


def test_a_copy_is_needed_where_either_side_is_written_later(tmp_path: Path) -> None:
    rows = Rows().op("rand", makes=["x"])
    for name in ("kept", "written"):
        rows.op("clone", reads=["x"], makes=[name], flags=Flag.COPY)
    rows.op("add_", reads=["written"], changes=["written"])
    assert needless_copies(rows.recording(tmp_path)) == [1]
    rows.op("add_", reads=["x"], changes=["x"])
    assert needless_copies(rows.recording(tmp_path)) == []


def test_the_headline_counts_each_row_once_and_of_the_unread_the_part(tmp_path: Path) -> None:
    rows = Rows().op("mm", makes=["dead"], key=1).op("mm", makes=["x"], key=1)
    rows.op("mm", makes=["y"]).op("add", reads=["x", ("y", 0, SIZE // 4)], makes=["out"]).sees(
        "out"
    )
    call = analysed(rows, tmp_path)
    assert for_nothing(call) == pytest.approx((1 + 1 + 0.75) / 10)


def test_where_operations_add_up_to_more_than_the_call_shares_are_of_their_sum(
    tmp_path: Path,
) -> None:
    rows = Rows().op("mm", makes=["dead"]).op("mm", makes=["x"]).sees("x")
    assert for_nothing(analysed(rows, tmp_path, seconds=0.5)) == pytest.approx(0.5)


def test_time_outside_torch_is_shared_out_by_samples(tmp_path: Path) -> None:
    rows = Rows(seen={"outside": [[0, "numpy", 3, 0.0], [0, "re", 1, 0.0]]})
    rows.op("mm", makes=["x"], seconds=2.0).sees("x")
    table = tables(tmp_path, first=rows)["outside"]
    assert [(row.operations, row.seconds) for row in table.rows] == [
        (("numpy",), 6.0),
        (("re",), 2.0),
    ]


def test_a_trace_names_what_is_wasted_so_that_it_has_a_colour_of_its_own(tmp_path: Path) -> None:
    rows = Rows().op("mm", makes=["dead"], at=7).op("mm", makes=["x"]).sees("x")
    dead, used = chrome_trace(analysed(rows, tmp_path))["traceEvents"]
    assert (dead["name"], dead["cname"], dead["dur"]) == ("never used", "terrible", 1e6)
    assert dead["args"] == {"operation": "mm", "at": ["tts/model.py:7 speak"]}
    assert (used["name"], used["ts"], "cname" in used) == ("mm", 1e6, False)


def test_a_call_all_of_whose_work_is_wasted_is_one_row(tmp_path: Path) -> None:
    rows = Rows()
    for at, name in ((7, "mm"), (8, "relu")):
        rows.op(name, makes=[f"dead{at}"], at=at, callers=[("tts/api.py", 3, "infer", 1)])
    rows.op("mm", makes=["x"], at=9, callers=[("tts/api.py", 4, "infer", 1)]).sees("x")
    (row,) = tables(tmp_path, first=rows)["never-used"].rows
    assert (row.operations, row.count) == (("mm", "relu"), 2)
    assert [(frame.path, frame.line) for frame in row.chain] == [("tts/api.py", 3)]
    assert [chain[0].line for chain in row.below] == [7, 8]


def test_where_a_call_did_something_of_use_its_wasted_operations_are_rows(tmp_path: Path) -> None:
    rows, caller = Rows(), [("tts/api.py", 3, "infer", 1)]
    rows.op("mm", makes=["dead"], at=7, callers=caller).op("mm", makes=["x"], at=8, callers=caller)
    (row,) = tables(tmp_path, first=rows.sees("x"))["never-used"].rows
    assert [(frame.path, frame.line) for frame in row.chain] == [
        ("tts/model.py", 7),
        ("tts/api.py", 3),
    ]
