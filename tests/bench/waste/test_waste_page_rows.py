"""Saved results of `ttsopt waste` as rows of docs/results/waste.md."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import waste_page_rows


def table(name: str, *rows: tuple[float, int]) -> dict[str, Any]:
    """A table with rows (share in percent, line of a.py)."""
    chains = [(share, [{"file": "a.py", "line": line, "function": "f"}]) for share, line in rows]
    made = [
        {"share": share, "chain": chain, "patches": [{"patch": "x/y"}]} for share, chain in chains
    ]
    return {"name": name, "share": sum(share for share, _ in rows), "rows": made}


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    names = ("unread", "again", "again-constant", "known-always", "known-voice")
    call = {"operations": 12163, "seconds": 2.04, "recorded_seconds": 5.3}
    data = {
        "for_nothing": 4.2,
        "trusted": True,
        "calls": [call],
        "memory": {"unrecorded": 910 * 2**20, "recorded": 974 * 2**20},
        "tables": [
            table("never-used", (0.3, 7), (0.3, 7), (0.4, 8)),
            *map(table, names),
            table("waits", (9.0, 1)),
        ],
    }
    file = tmp_path / "one.json"
    file.write_text(json.dumps(data))
    return file


def test_a_result_is_a_row_and_its_leads(saved: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert waste_page_rows.main([str(saved)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[2:] == [
        "| one | 4.2 % | 1.0 % | 0.0 % | 0.0 % | 0.0 % | 12,163 | 2.0 | 5.3 | 910 -> 974 |",
        "",
        "| one | never-used | `a.py:7` | 0.6 % | x/y |",
    ]


def test_an_output_that_changed_is_named(saved: Path, capsys: pytest.CaptureFixture[str]) -> None:
    saved.write_text(saved.read_text().replace("true", "false"))
    assert waste_page_rows.main([str(saved)]) == 0
    assert "| one (not trusted: another output) |" in capsys.readouterr().out


def test_no_file_is_wrong_use(capsys: pytest.CaptureFixture[str]) -> None:
    assert waste_page_rows.main([]) == 2
    assert "FILE" in capsys.readouterr().err
