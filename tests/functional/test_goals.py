"""The page of goals: rows counted by model, device and output, and said as they stand to what was asked."""

from __future__ import annotations

import tomllib
from typing import Any

import goals
import pytest

EXACT, CLOSE, LOSSY = "sample/precompiled-regex", "sample/packed-linears", "sample/nfe-step"
EFFECTS = {EXACT: "exact", CLOSE: "close", LOSSY: "lossy"}
TABLE = tomllib.loads(goals.GOALS.read_text(encoding="utf-8"))


def row(**changes: Any) -> dict[str, Any]:
    """Return a set's row, as default_sets.py keeps it."""
    out = {"equal": False, "tokens": None, "mel_db": 0.1, "mel_db_worst": 0.2, "snr_db": 50.0}
    return {
        "system": "s",
        "size": "real",
        "of": "cpu",
        "threads": 1,
        "instructions": "amx",
        "patches": [CLOSE],
        "model": {"version": "2"},
        "cpu": "a processor",
        "speedup": 2.1,
        "interval": [1.9, 2.3],
        "verdict": "faster",
        "came_out": out,
        "counters": {
            "before": {"gpt_seconds": 4.0, "tokens": 10.0},
            "after": {"gpt_seconds": 2.0, "tokens": 10.0},
        },
        **changes,
    }


def goal(**changes: Any) -> dict[str, Any]:
    said = {"of": "S 2", "system": "s", "effect": "close", "asked": 2.0, "model": {"version": "2"}}
    return said | changes


def line(asked: dict[str, Any], *rows: dict[str, Any]) -> str:
    found = goals.best(asked, rows, EFFECTS, TABLE)
    return goals.goal_line(asked, found).split(" | ")[-1].rstrip(" |")


@pytest.mark.parametrize(
    ("asked", "changes", "said"),
    [
        ({}, {}, "**met**"),
        ({"asked": 2.2}, {}, "missed, within the interval"),
        ({"asked": 3.0}, {}, "missed"),
        ({}, {"verdict": "inconclusive"}, "not decided"),
        ({"effect": "exact"}, {}, "not measured"),
        ({"effect": "lossy", "asked": 3.0}, {}, "not measured; this set is close"),
        ({"effect": "lossy", "asked": 3.0}, {"patches": [CLOSE, LOSSY]}, "missed"),
        ({"needs": LOSSY}, {}, "not measured"),
        ({}, {"size": "tiny"}, "not measured"),
        ({}, {"instructions": "avx512"}, "not measured"),
        ({}, {"gpu": "a GPU"}, "not measured"),
        ({}, {"threads": 2}, "not measured"),
        ({}, {"model": {"version": "4"}}, "not measured"),
        ({}, {"model": {}}, "not measured"),
        ({"default": True}, {"model": {}}, "**met**"),
        ({"default": True}, {"model": {"version": "4"}}, "not measured"),
        ({}, {"patches": ["s/gone"]}, "not measured"),
        ({}, {"verdict": "not_exercised"}, "not decided"),
        ({}, {"verdict": "not_exercised", "not_run": [CLOSE]}, "**met**"),
    ],
)
def test_a_row_is_held_against_its_goal(
    asked: dict[str, Any], changes: dict[str, Any], said: str
) -> None:
    assert line(goal(**asked), row(**changes)) == said


def test_what_came_out_says_what_a_row_counts_as() -> None:
    far = row()["came_out"]
    assert line(goal(effect="exact"), row(came_out=far | {"equal": True})) == "**met**"
    assert line(goal(), row(came_out=far | {"mel_db": 0.6})) == "not measured"
    assert line(goal(), row(came_out=far | {"mel_db": None, "tokens": 0.98})) == "not measured"
    assert line(goal(effect="lossy"), row(came_out=far | {"mel_db": 0.6})) == "**met**"


def test_the_best_with_a_verdict_is_taken() -> None:
    better = row(speedup=3.0, verdict="inconclusive")
    found = goals.best(goal(), [row(speedup=1.5), better, row()], EFFECTS, TABLE)
    assert found is not None
    assert found.speedup == 2.1


def test_stages_have_their_share_and_rate() -> None:
    found = goals.best(goal(), [row()], EFFECTS, TABLE)
    work = [{"of": "S 2", "stage": "gpt", "counter": "tokens", "gb": 1.5}]
    why = [{"of": "S 2", "effect": "close", "text": "For a reason.\n"}]
    assert found is not None
    text = "\n".join(goals.left(goal(asked=3), found, {"work": work, "why": why}))
    assert "| gpt | 4.00 | 2.00 | 100% | 7.5 GB/s |" in text
    assert "For a reason." in text


def test_the_page_is_up_to_date() -> None:
    assert goals.main(["--check"]) == 0, "run `python benchmarks/goals.py`"
