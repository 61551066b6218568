"""Every `close` patch of the catalogue: counters of what it could save, which must be equal on both sides."""

from __future__ import annotations

import ast
import math
from collections.abc import Mapping
from pathlib import Path

import pytest
from bench_fakes import FakeExecutor, measured

from ttsopt.bench.gates.judge import exit_code
from ttsopt.bench.gates.quality import Promise, judge_quality
from ttsopt.bench.outputs.work import is_work
from ttsopt.catalog.load import load_catalogue
from ttsopt.domain.effect import Effect, Tolerance
from ttsopt.domain.measurement import Side

CATALOGUE = load_catalogue()
HOMES = {system.id: CATALOGUE.folders[0] / system.id for system in CATALOGUE.systems}
CLOSE = [patch.id for patch in CATALOGUE.patches if patch.effect is Effect.CLOSE]
VOICE = [0.5 * math.sin(0.05 * i) for i in range(24000)]
NEAR = [value + 1e-5 for value in VOICE]
WALLS = dict.fromkeys(Side, (1.0, 1.0))


def work_of(system: str) -> Mapping[str, tuple[str, ...]]:
    """`WORK` of a workload, which is read and not imported: it needs the checkout's interpreter."""
    tree = ast.parse((HOMES[system] / "workload.py").read_text(encoding="utf-8"))
    found = [
        ast.literal_eval(node.value)
        for node in tree.body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "WORK"
    ]
    return found[0] if found else {}


@pytest.mark.parametrize("patch", CLOSE)
def test_the_workload_counts_what_a_close_patch_could_save(patch: str) -> None:
    system, _, name = patch.partition("/")
    counters = work_of(system).get(name, ())
    assert counters
    assert [counter for counter in counters if not is_work(counter)] == []
    text = (HOMES[system] / "workload.py").read_text(encoding="utf-8")
    listed = (ast.get_docstring(ast.parse(text)) or "").partition("Counters:")[2]
    assert [counter for counter in counters if f"`{counter}`" not in listed] == []


@pytest.mark.parametrize("system", sorted(HOMES))
def test_no_other_patch_is_spoken_for(system: str) -> None:
    assert {f"{system}/{name}" for name in work_of(system)} <= set(CLOSE)


COUNTERS = sorted({name for one in HOMES for row in work_of(one).values() for name in row})


@pytest.mark.parametrize("counter", COUNTERS)
@pytest.mark.parametrize("round_", [1, 2])
def test_one_less_of_any_of_them_is_lossy(tmp_path: Path, counter: str, round_: int) -> None:
    """Next to no difference can be heard, and 31 of 32 were counted: of one round, whichever."""

    def varied(side: Side, number: int) -> tuple[list[float], dict[str, float]]:
        if side is Side.BEFORE:
            return VOICE, {counter: 32}
        return NEAR, {counter: 31 if number == round_ else 32}

    result = measured(tmp_path, FakeExecutor(WALLS, varied=varied), rounds=2)
    (gate,) = judge_quality(result, Promise(close=Tolerance()))
    assert (gate.outcome, exit_code([gate])) == ("failed", 1)
    assert f"{counter.replace('_', ' ')} 32 -> 31: lossy, not close" in gate.measured


def test_the_same_wave_within_rounding_is_close(tmp_path: Path) -> None:
    rows = {Side.BEFORE: VOICE, Side.AFTER: NEAR}
    fake = FakeExecutor(WALLS, varied=lambda side, _: (rows[side], dict.fromkeys(COUNTERS, 32.0)))
    (gate,) = judge_quality(measured(tmp_path, fake, rounds=2), Promise(close=Tolerance()))
    assert gate.outcome in ("passed", "unverified")
