"""Patches that require or exclude each other, in the sets that `ttsopt tune` tries."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import tuning_fakes
from toy_catalogue import constant, head
from tuning_fakes import FOLDED, KEPT, TunedMachine, tune_spec, tuning

from ttsopt.operations.tune.run import tune

BRINGS, RIVAL = "sample/brings-kept", "sample/rival"
EDITS = {
    BRINGS: constant("sample_tts/acoustic.py", "0.71", "PULL", "0.7"),
    RIVAL: constant("sample_tts/audio.py", "32766", "FULL_SCALE", "32767"),
}
RELATIONS = {
    BRINGS: f'[requires]\npatches = ["{KEPT}"]\n',
    RIVAL: f'conflicts = ["{FOLDED}"]\n',
}
MARKS = {
    BRINGS: ("acoustic.py", r"PULL = 0\.71"),
    RIVAL: ("audio.py", r"FULL_SCALE = 32766"),
}
SAVED = {FOLDED: 1.0, RIVAL: 2.0, BRINGS: 1.0}


@contextmanager
def silent() -> Iterator[Any]:
    yield lambda _: None


def cost(patches: frozenset[str], _: int) -> float:
    return 6.0 - sum(SAVED.get(one, 0.0) for one in patches)


def test_what_is_required_comes_along_and_rivals_are_measured_both(
    sample: Path,
    tmp_path: Path,
    machine: Callable[..., TunedMachine],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """`rival` gains more than the patch that it excludes; `brings-kept` gains with one that gains nothing."""
    for id_, edits in EDITS.items():
        monkeypatch.setitem(tuning_fakes.MARKS, id_, MARKS[id_])
        folder = tmp_path / "catalogue" / id_
        folder.mkdir(parents=True)
        text = head("x").replace("toy/x", id_) + RELATIONS[id_] + edits
        (folder / "patch.toml").write_text(text, encoding="utf-8")
    machine(cost=cost)
    plan = tuning(sample)
    plan = replace(plan, target=replace(plan.target, catalogs=(tmp_path / "catalogue",)))
    done = tune(plan, tune_spec(), (None, None), silent)
    assert {row.id for row in done.kept} == {RIVAL, BRINGS, KEPT}
    refused = [row for row in done.ledger.known.values() if row.is_broken]
    assert [FOLDED in row.why and RIVAL in row.why for row in refused] == [True]
