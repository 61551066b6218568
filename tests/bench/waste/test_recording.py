"""Recordings come from a process that anybody may have written: whatever is wrong with one is a ValueError."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from waste_rows import Rows

from ttsopt.bench.waste.recording import Flag, read_recording

Change = Callable[[dict[str, Any]], None]


def message() -> dict[str, Any]:
    rows = Rows(seen={"files": [[0, "voice.wav", 2, 0.0]]}).op("mm", makes=["x"], key=3).sees("x")
    return rows.message()


def put(*path: str | int, to: Any) -> Change:
    def change(table: Any) -> None:
        *way, last = path
        for name in way:
            table = table[name]
        table[last] = to

    return change


def test_a_recording_is_read_as_it_was_written(tmp_path: Path) -> None:
    rows = Rows(outlive=["x"]).op("mm", reads=["w", ("v", 8, 16)], makes=["x"], key=3).sees("x")
    found = rows.recording(tmp_path)
    assert len(found) == 2
    assert [found.operations[number] for number in found.operation] == ["mm", "python.numpy"]
    assert [found.regions[region] for _, region in found.reads[0]] == [(0, 4096, 4096), (8, 16, 8)]
    assert found.flags[1] == Flag.USED | Flag.SEEN
    assert found.total == 1.0


@pytest.mark.parametrize(
    "change",
    [
        put("columns", to=[]),
        put("columns", "operation", 0, to=9),
        put("columns", "operation", to=[0]),
        put("columns", "chain", 0, to=-1),
        put("columns", "flags", 0, to=1 << 40),
        put("columns", "seconds", 0, to=-1.0),
        put("columns", "seconds", 0, to="1"),
        put("columns", "key", 0, to=True),
        put("columns", "bytes", 0, to=2**70),
        put("reads", 0, to=2**61),
        put("reads", 0, to=2),
        put("reads", to=[]),
        put("writes", to=[1, 0, 0, 7, 0]),
        put("writes", to=[0, 0, 0]),
        put("regions", 0, to=[8, 0, 0]),
        put("regions", 0, to=[0, 8, 9]),
        put("shared", 0, to=[0, 99]),
        put("shared", 0, to=[0]),
        put("outlive", to=[-1]),
        put("outlive", to=7),
        put("chains", 1, to=[["model.py", "1", "f", 1]]),
        put("chains", 1, to=[["model.py", 1]]),
        put("outside", "files", 0, to=[9, "x", 1, 0.0]),
        put("outside", to=[]),
        put("operations", 0, to=3),
        put("unrecorded", to={"mm": -1}),
        put("call_seconds", to=None),
    ],
)
def test_what_makes_no_sense_is_refused(tmp_path: Path, change: Change) -> None:
    table = message()
    change(table)
    file = tmp_path / "recording.json"
    file.write_text(json.dumps(table), encoding="utf-8")
    with pytest.raises(ValueError, match="not a recording: "):
        read_recording(file)


@pytest.mark.parametrize("content", ["", "[]", "{}", "[" * 10_000, "NaN"])
def test_what_is_no_recording_is_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / "recording.json").write_text(content, encoding="utf-8")
    with pytest.raises(ValueError, match="not a recording: "):
        read_recording(tmp_path / "recording.json")


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    Rows().op("mm", makes=["x"]).write(tmp_path / "real.json")
    (tmp_path / "recording.json").symlink_to(tmp_path / "real.json")
    with pytest.raises(OSError, match=r"."):
        read_recording(tmp_path / "recording.json")
