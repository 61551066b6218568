"""The helper that takes steps of several threads as one batch: with steps, and a clock, of the test's own."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from itertools import pairwise
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

HELPERS = Path(__file__).parents[2] / "patches" / "_helpers"


@pytest.fixture
def helper(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(HELPERS))
    module = import_module("ttsopt_request_batches")
    monkeypatch.setattr(module, "__ttsopt_fallbacks__", [])
    return module


class Model:
    """Squares what it is asked, and notes the batches; odd ones may be too many, or one a fault."""

    def __init__(self, fault: int | None = None, most: int | None = None) -> None:
        self.batches: list[list[int]] = []
        self.fault, self.most = fault, most

    def run(self, steps: list[int]) -> list[int]:
        threading.Event().wait(0.002)  # the others come meanwhile
        self.batches.append(list(steps))
        if self.fault in steps:
            raise ValueError(f"fault at {self.fault}")
        if self.most is not None and len(steps) > self.most:
            raise MemoryError("too many")
        return [step * step for step in steps]


def speak(batches: Any, steps: list[int]) -> list[int]:
    """All steps of one request, in a thread of its own."""
    try:
        return [batches.ask(step) for step in steps]
    finally:
        batches.leave()


def together(batches: Any, requests: list[list[int]]) -> list[Any]:
    """What came of requests that begin at the same time, or the error."""
    begin = threading.Barrier(len(requests), timeout=30)

    def one(steps: list[int]) -> Any:
        begin.wait()
        try:
            return speak(batches, steps)
        except ValueError as error:
            return str(error)

    with ThreadPoolExecutor(len(requests)) as pool:
        return list(pool.map(one, requests))


def test_one_thread_takes_its_steps_one_by_one_and_waits_for_nobody(helper: ModuleType) -> None:
    model = Model()
    batches = helper.Batches(model.run, wait=1000)
    assert speak(batches, [1, 2, 3]) == [1, 4, 9]
    assert model.batches == [[1], [2], [3]]


def test_many_threads_get_their_own_results_in_few_batches(helper: ModuleType) -> None:
    model = Model()
    batches = helper.Batches(model.run, wait=30)
    requests = [list(range(100 * n, 100 * n + 20 + n)) for n in range(1, 17)]
    assert together(batches, requests) == [[step * step for step in one] for one in requests]
    steps = sum(map(len, requests))
    assert sum(map(len, model.batches)) == steps
    assert max(map(len, model.batches)) == 8
    assert len(model.batches) < steps / 3


def test_no_request_is_passed_over_where_there_are_more_than_a_batch_holds(
    helper: ModuleType,
) -> None:
    """Three requests of two rows each in batches of four rows: each waits for one batch at most."""
    model = Model()
    batches = helper.Batches(model.run, rows=lambda _: 2, most=lambda: 4, wait=30)
    together(batches, [[n] * 30 for n in (1, 2, 3)])
    assert max(map(len, model.batches)) == 2
    at = [[i for i, batch in enumerate(model.batches) if n in batch] for n in (1, 2, 3)]
    shared = model.batches[max(one[0] for one in at) : min(one[-1] for one in at)]
    assert len(shared) > 20
    for first, second in pairwise(shared):
        assert set(first) | set(second) == {1, 2, 3}


def test_a_step_larger_than_a_batch_is_taken_alone(helper: ModuleType) -> None:
    model = Model()
    batches = helper.Batches(model.run, rows=lambda _: 9, wait=30)
    assert together(batches, [[1] * 3, [2] * 3]) == [[1] * 3, [4] * 3]
    assert {len(batch) for batch in model.batches} == {1}


class Clock:
    """Time that passes while a thread waits for it, and else stands still."""

    def __init__(self) -> None:
        self.now = 100.0
        self.waited: list[float] = []

    def __call__(self) -> float:
        return self.now

    def condition(self, lock: Any) -> Any:
        clock, real = self, threading.Condition(lock)

        class Condition:
            notify = real.notify

            def wait(self, seconds: float | None = None) -> None:
                if seconds is None:
                    real.wait()
                else:
                    clock.waited.append(seconds)
                    clock.now += seconds

        return Condition()


def test_nobody_waits_longer_than_the_limit_for_one_who_does_not_ask(helper: ModuleType) -> None:
    """The other took a step, and neither asks again nor leaves."""
    clock, model = Clock(), Model()
    batches = helper.Batches(model.run, wait=0.5, clock=clock, condition=clock.condition)
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(batches.ask, 2).result() == 4
        assert batches.ask(3) == 9
        assert clock.waited == [0.5]
        assert batches.ask(4) == 16  # it is no member any more
        assert clock.waited == [0.5]
        assert pool.submit(batches.ask, 5).result() == 25  # and is one again


def test_a_step_that_fails_harms_no_other(
    helper: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    model = Model(fault=7)
    batches = helper.Batches(model.run, wait=30)
    made = together(batches, [[1] * 9, [2, 7, 2], [3] * 9])
    assert made == [[1] * 9, "fault at 7", [9] * 9]
    said = "a batch of requests failed (ValueError: fault at 7): they are spoken one at a time"
    assert helper.__ttsopt_fallbacks__ == [said]
    assert capsys.readouterr().err == f"ttsopt: {said}\n"


def test_batches_that_are_too_large_for_the_memory_are_given_up(helper: ModuleType) -> None:
    model = Model(most=1)
    batches = helper.Batches(model.run, wait=30)
    assert together(batches, [[1] * 9, [2] * 9]) == [[1] * 9, [4] * 9]
    assert sum(len(batch) > 1 for batch in model.batches) == 1


def test_an_interrupt_in_the_thread_that_leads_leaves_the_others_going(helper: ModuleType) -> None:
    struck = threading.Event()

    def run(steps: list[int]) -> list[int]:
        threading.Event().wait(0.002)
        if len(steps) > 1 and not struck.is_set():
            struck.set()
            raise KeyboardInterrupt
        return [step * step for step in steps]

    batches = helper.Batches(run, wait=0.2)
    begin = threading.Barrier(2, timeout=30)
    made: list[list[Any]] = []

    def one() -> None:
        begin.wait()
        try:
            made.append(speak(batches, [3] * 9))
        except KeyboardInterrupt:
            made.append(["interrupted"])

    threads = [threading.Thread(target=one) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(made, key=len) == [["interrupted"], [9] * 9]


@pytest.mark.parametrize(("said", "most"), [("", 8), ("0", 1), ("off", 1), ("3", 3), ("x", 8)])
def test_the_environment_says_how_large_a_batch_may_be(
    helper: ModuleType, monkeypatch: pytest.MonkeyPatch, said: str, most: int
) -> None:
    monkeypatch.setenv("TTSOPT_REQUEST_BATCHES", said)
    model = Model()
    together(helper.Batches(model.run, wait=30), [[n] * 12 for n in range(10)])
    assert max(map(len, model.batches)) == most
