"""Lines on a terminal, counted in columns."""

from __future__ import annotations

import pytest

from ttsopt.cli.cells import cells, padded, unbroken, wrapped


def test_a_chinese_character_takes_two_columns() -> None:
    assert cells("补丁 a") == 6
    assert padded("补丁", 6) == "补丁  "
    assert cells("e\u0301") == 1


@pytest.mark.parametrize("columns", [12, 20, 37, 80])
def test_no_line_is_longer_and_nothing_is_lost(columns: int) -> None:
    text = "它在 CPU 上有用，在 AMD 上最多；（版本 1 直接去掉清空。）约为 1e-6：所以是 close。"
    lines = wrapped(text, columns, "  ", "    ")
    assert all(cells(line) <= columns for line in lines)
    assert lines[0].startswith("  它")
    assert all(line.startswith("    ") for line in lines[1:])
    assert "".join("".join(lines).split()) == "".join(text.split())
    assert not [line for line in lines if line.strip()[0] in "，。；：）" or line[-1] == "（"]


def test_a_path_is_never_broken() -> None:
    path = "/home/用户/语音合成项目的文件夹/checkout"
    lines = wrapped(f"已写入：{path} 里没有打任何补丁", 30)
    assert [line for line in lines if path in line]


def test_english_is_broken_at_blanks_alone() -> None:
    assert wrapped("take a-well-known word", 10) == ["take", "a-well-known", "word"]


def test_a_line_end_behind_a_chinese_mark_is_no_blank() -> None:
    assert unbroken("快，\n稳。\n用 torch\n算") == "快，稳。用 torch 算"
