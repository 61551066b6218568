"""What of a recorded call was of use: rows written by hand."""

from __future__ import annotations

from pathlib import Path

from waste_rows import Rows

from ttsopt.bench.waste.liveness import cut, joined, used_rows
from ttsopt.bench.waste.recording import Flag


def unused(rows: Rows, folder: Path) -> list[int]:
    return [row for row, used in enumerate(used_rows(rows.recording(folder))) if not used]


def test_what_reaches_python_is_used_along_the_whole_way(tmp_path: Path) -> None:
    rows = Rows().op("randn", makes=["x"]).op("mm", reads=["x"], makes=["y"])
    assert unused(rows.op("relu", reads=["y"], makes=["z"]).sees("z"), tmp_path) == []


def test_what_nobody_reads_is_unused_with_all_that_it_alone_is_made_of(tmp_path: Path) -> None:
    rows = Rows().op("zeros", makes=["x"]).op("mm", reads=["x"], makes=["y"])
    rows.op("exp", reads=["y"], makes=["z"]).op("add", reads=["x"], makes=["out"]).sees("out")
    assert unused(rows, tmp_path) == [1, 2]


def test_a_number_that_python_gets_is_a_use(tmp_path: Path) -> None:
    rows = Rows().op("sum", makes=["x"]).op("item", reads=["x"], flags=Flag.USED | Flag.WAIT)
    assert unused(rows, tmp_path) == []


def test_a_storage_that_outlives_the_call_is_used(tmp_path: Path) -> None:
    rows = Rows(outlive=["cache"]).op("zeros", makes=["cache"])
    assert unused(rows.op("copy_", changes=["cache"]), tmp_path) == []


def test_what_was_there_before_the_call_may_be_read_after_it(tmp_path: Path) -> None:
    assert unused(Rows().op("add_", reads=["weight"], changes=["weight"]), tmp_path) == []


def test_a_write_in_place_is_used_where_it_is_read_and_unused_after_the_last_read(
    tmp_path: Path,
) -> None:
    rows = Rows().op("zeros", makes=["x"]).op("add_", reads=["x"], changes=["x"])
    rows.op("mul", reads=["x"], makes=["out"]).sees("out")
    assert unused(rows, tmp_path) == []
    assert unused(rows.op("sub_", reads=["x"], changes=["x"]), tmp_path) == [4]


def test_content_that_is_written_over_before_anybody_reads_it_is_unused(tmp_path: Path) -> None:
    rows = Rows().op("rand", makes=["x"]).op("copy_", reads=["y"], fills=["x"]).sees("x")
    rows.shared.clear()
    assert unused(rows, tmp_path) == [0]


def test_a_part_that_is_written_over_leaves_the_rest_in_use(tmp_path: Path) -> None:
    rows = Rows().op("zeros", makes=["x"]).op("copy_", fills=[("x", 0, 8)]).sees("x")
    rows.shared.clear()
    assert unused(rows, tmp_path) == []


def test_memory_that_numpy_has_is_in_use_whenever_it_is_written(tmp_path: Path) -> None:
    rows = Rows().op("zeros", makes=["x"]).sees("x").op("add_", reads=["x"], changes=["x"])
    assert unused(rows, tmp_path) == []


def test_a_slice_that_is_not_read_is_unused(tmp_path: Path) -> None:
    rows = Rows().op("empty", makes=["cache"], flags=Flag.FACTORY)
    rows.op("copy_", fills=[("cache", 0, 8)]).op("copy_", fills=[("cache", 8, 16)])
    rows.op("sum", reads=[("cache", 0, 8)], makes=["out"]).sees("out")
    assert unused(rows, tmp_path) == [2]


def test_memory_is_used_where_it_is_filled_and_unused_where_nothing_comes_of_that(
    tmp_path: Path,
) -> None:
    rows = Rows().op("empty", makes=["x"], flags=Flag.FACTORY).op("copy_", fills=["x"])
    assert unused(rows, tmp_path) == [0, 1]
    assert unused(rows.op("relu", reads=["x"], makes=["out"]).sees("out"), tmp_path) == []


def test_what_a_random_draw_is_made_of_is_used_and_the_draw_is_judged_by_itself(
    tmp_path: Path,
) -> None:
    rows = Rows().op("exp", makes=["p"])
    rows.op("bernoulli", reads=["p"], makes=["x"], flags=Flag.RANDOM)
    assert unused(rows, tmp_path) == [1]


def test_views_and_empty_results_are_never_accused(tmp_path: Path) -> None:
    rows = Rows().op("t", flags=Flag.VIEW).op("cat", makes=[("x", 0, 0)])
    assert unused(rows, tmp_path) == []


def test_spans_join_and_are_cut() -> None:
    assert joined([(0, 4), (8, 12)], 4, 8) == [(0, 12)]
    assert joined([(0, 4)], 6, 6) == [(0, 4)]
    assert cut([(0, 12), (20, 30)], 4, 22) == [(0, 4), (22, 30)]
