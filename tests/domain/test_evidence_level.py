"""What results and arguments amount to, on a class of device."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ttsopt.domain.device_class import parse_device
from ttsopt.domain.effect import Effect
from ttsopt.domain.evidence_level import Level, evidence_for
from ttsopt.domain.measurement import Verdict
from ttsopt.domain.patch import Argument, Cost, Patch
from ttsopt.domain.patch_result import CameOut, Clock, PatchResult, ResultMachine

HERE = parse_device("cpu:intel:amx")
MACHINE = ResultMachine(
    "Intel(R) Xeon(R)", 2, "Linux 6.1", "3.11.7", vendor="intel", instructions="amx"
)
ROW = PatchResult(
    patch="toy/quick",
    patch_version=2,
    version="v1",
    size="real",
    weights="random",
    texts=("short",),
    threads=1,
    of=Clock.CPU,
    rounds=5,
    speedup=1.5,
    interval=(1.4, 1.6),
    verdict=Verdict.FASTER,
    came_out=CameOut(equal=True),
    date="2026-01-31",
    ttsopt="0.2.0",
    machine=MACHINE,
)
PLAIN = Patch("toy/quick", 2, "s", "w", Effect.EXACT, ())
ARGUED = replace(PLAIN, argued=Argument("fewer products", ("cpu:any:avx512",)))
DEAR = replace(ARGUED, cost=Cost("a minute at the start", needs_proof=True))


def row(**changed: Any) -> PatchResult:
    return replace(ROW, **changed)


def level(patch: Patch, *rows: PatchResult, device: str = "cpu:intel:amx") -> Level:
    return evidence_for(patch, rows, parse_device(device)).level


def test_a_gain_at_the_published_size_proves_on_its_own_class_alone() -> None:
    assert level(PLAIN, row()) is Level.PROVEN
    for device in ("cpu:intel:avx512", "cpu:amd:amx", "cuda:9.0"):
        assert level(PLAIN, row(), device=device) is Level.UNMEASURED
    assert level(PLAIN, row(size="tiny")) is Level.UNMEASURED
    assert level(PLAIN, row(patch_version=1)) is Level.UNMEASURED
    assert level(PLAIN, row(patch="toy/other")) is Level.UNMEASURED


def test_a_row_of_before_says_no_more_than_it_says() -> None:
    old = row(machine=replace(MACHINE, vendor="", instructions=""))
    assert str(old.device) == "cpu:intel:unknown"
    assert level(PLAIN, old) is Level.UNMEASURED
    assert level(PLAIN, old, device="cpu:intel") is Level.PROVEN


def test_nothing_known_is_unmeasured_and_never_no_gain() -> None:
    assert level(PLAIN) is Level.UNMEASURED
    assert level(PLAIN, row(verdict=Verdict.NOT_EXERCISED)) is Level.UNMEASURED
    elsewhere = row(verdict=Verdict.SAME, machine=replace(MACHINE, instructions="avx2"))
    found = evidence_for(PLAIN, [elsewhere], HERE)
    assert (found.level, found.row, found.is_here) == (Level.UNMEASURED, elsewhere, False)


def test_what_was_measured_without_a_gain_says_so() -> None:
    for verdict in (Verdict.SAME, Verdict.INCONCLUSIVE):
        assert level(PLAIN, row(verdict=verdict)) is Level.NO_GAIN
        assert level(PLAIN, row(verdict=verdict, size="tiny")) is Level.NO_GAIN


def test_an_argument_counts_where_nothing_is_decided() -> None:
    assert level(ARGUED) is Level.ARGUED
    assert level(ARGUED, device="cpu:amd:avx2") is Level.UNMEASURED
    assert level(ARGUED, device="cuda:9.0") is Level.UNMEASURED
    undecided = row(verdict=Verdict.INCONCLUSIVE)
    assert level(ARGUED, undecided) is Level.ARGUED
    assert level(ARGUED, row(size="tiny", verdict=Verdict.SLOWER)) is Level.ARGUED
    assert level(ARGUED, row(verdict=Verdict.SAME)) is Level.NO_GAIN
    assert level(ARGUED, row(verdict=Verdict.SAME), row()) is Level.PROVEN


def test_what_is_slower_or_dearer_costs() -> None:
    assert level(ARGUED, row(verdict=Verdict.SLOWER)) is Level.COSTS
    assert level(PLAIN, row(), row(verdict=Verdict.SLOWER, threads=2)) is Level.COSTS
    assert level(PLAIN, row(verdict=Verdict.SAME, memory=1.3)) is Level.COSTS
    assert level(PLAIN, row(verdict=Verdict.SAME, load=2.0)) is Level.COSTS
    assert level(PLAIN, row(memory=1.3)) is Level.PROVEN
    assert level(DEAR) is Level.COSTS
    assert level(DEAR, row()) is Level.PROVEN


@pytest.mark.parametrize("order", [1, -1])
def test_the_row_that_says_most_is_the_one_shown(order: int) -> None:
    tiny, old, real = row(size="tiny"), row(patch_version=1), row(date="2025-01-01")
    other = row(date="2030-01-01", machine=replace(MACHINE, instructions="avx2"))
    found = evidence_for(PLAIN, [tiny, old, real, other][::order], HERE)
    assert (found.row, found.is_here) == (real, True)


def test_taken_unasked_is_what_is_proven_or_argued() -> None:
    assert {one for one in Level if one.is_taken} == {Level.PROVEN, Level.ARGUED}
