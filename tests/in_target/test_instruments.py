"""Stopwatches and counters of workloads, on a clock that stands still until it is told."""

from __future__ import annotations

import importlib.util
import inspect
import threading
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

FILE = Path(__file__).parents[2] / "src" / "ttsopt" / "in_target" / "instruments.py"


def load_by_location() -> Any:
    """The module as worker.py loads it: from its file, into no package."""
    spec = importlib.util.spec_from_file_location("_ttsopt_instruments_of_tests", FILE)
    assert spec is not None
    assert spec.loader is not None
    module: ModuleType = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Clock:
    """A perf_counter that moves when work is done, and only then."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now

    def work(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr("time.perf_counter", made)
    return made


@pytest.fixture
def instruments(clock: Clock) -> Any:
    """Loaded while the clock stands in: it takes its clock when it is loaded."""
    return load_by_location()


@pytest.fixture
def watch(instruments: Any) -> Any:
    return instruments.Instruments()


class Vocoder:
    """Something to watch: a call, a generator, a call that fails."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock

    def decode(self, mel: list[int], *, gain: int = 1) -> list[int]:
        """Turns a mel into samples."""
        self.clock.work(2.0)
        return [gain * value for value in mel]

    def stream(self, chunks: int) -> Generator[int, None, str]:
        for number in range(chunks):
            self.clock.work(1.0)
            yield number
        self.clock.work(0.5)
        return "end"

    def fail(self) -> None:
        self.clock.work(3.0)
        raise ValueError("no mel")


@pytest.fixture
def vocoder(clock: Clock) -> Vocoder:
    return Vocoder(clock)


def test_a_call_is_charged_to_its_stage_and_answers_as_before(watch: Any, vocoder: Vocoder) -> None:
    watch.time(vocoder, "decode", "vocode")
    assert vocoder.decode([1, 2], gain=3) == [3, 6]
    assert vocoder.decode([1]) == [1]
    assert watch.counters() == {"vocode_seconds": 4.0}


def test_a_watched_function_keeps_its_name_and_parameters(watch: Any, vocoder: Vocoder) -> None:
    before = inspect.signature(vocoder.decode)
    watch.time(vocoder, "decode", "vocode")
    watch.count(vocoder, "decode", "calls")
    assert (vocoder.decode.__name__, vocoder.decode.__doc__) == (
        "decode",
        "Turns a mel into samples.",
    )
    assert inspect.signature(vocoder.decode) == before


def test_only_the_watched_object_changes_where_a_method_of_it_is_watched(
    watch: Any, clock: Clock, vocoder: Vocoder
) -> None:
    watch.time(vocoder, "decode", "vocode")
    Vocoder(clock).decode([1])
    assert watch.counters() == {"vocode_seconds": 0}


def test_a_class_is_watched_for_all_its_objects(
    watch: Any, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Vocoder, "decode", Vocoder.decode)  # taken back after the test
    watch.time(Vocoder, "decode", "vocode")
    assert Vocoder(clock).decode([1]) == Vocoder(clock).decode([1]) == [1]
    assert watch.counters() == {"vocode_seconds": 4.0}


def test_a_call_that_fails_is_charged_and_fails_as_before(watch: Any, vocoder: Vocoder) -> None:
    watch.time(vocoder, "fail", "vocode")
    with pytest.raises(ValueError, match="no mel"):
        vocoder.fail()
    assert watch.counters() == {"vocode_seconds": 3.0}


def test_a_generator_is_charged_for_what_is_spent_in_it_not_for_its_reader(
    watch: Any, clock: Clock, vocoder: Vocoder
) -> None:
    watch.time(vocoder, "stream", "vocode")
    seen = []
    for chunk in vocoder.stream(3):
        seen.append(chunk)
        clock.work(10.0)
    assert seen == [0, 1, 2]
    assert watch.counters() == {"vocode_seconds": 3.5}


def test_a_generator_gives_its_return_value_on(watch: Any, vocoder: Vocoder) -> None:
    watch.time(vocoder, "stream", "vocode")
    rows = vocoder.stream(1)
    assert next(rows) == 0
    with pytest.raises(StopIteration) as end:
        next(rows)
    assert end.value.value == "end"


def test_a_generator_left_halfway_is_charged_for_what_it_did(watch: Any, vocoder: Vocoder) -> None:
    watch.time(vocoder, "stream", "vocode")
    rows = vocoder.stream(3)
    assert next(rows) == 0
    rows.close()
    assert watch.counters() == {"vocode_seconds": 1.0}


def test_a_watched_generator_function_is_still_one(watch: Any, vocoder: Vocoder) -> None:
    """So that it can be watched twice: the outer one must see that what it wraps is a generator."""
    watch.time(vocoder, "stream", "inner")
    watch.time(vocoder, "stream", "outer")
    assert list(vocoder.stream(2)) == [0, 1]
    assert watch.counters() == {"inner_seconds": 2.5, "outer_seconds": 2.5}


def test_a_stage_of_several_functions_is_their_sum_and_an_inner_stage_is_in_the_outer(
    watch: Any, clock: Clock
) -> None:
    made = SimpleNamespace(embed=lambda: clock.work(1.0), encode=lambda: clock.work(2.0))

    def speak() -> None:
        made.embed()
        made.encode()
        clock.work(4.0)

    made.speak = speak
    for name, stage in (("embed", "front"), ("encode", "front"), ("speak", "whole")):
        watch.time(made, name, stage)
    made.speak()
    assert watch.counters() == {"front_seconds": 3.0, "whole_seconds": 7.0}


def test_the_device_is_waited_for_at_both_ends_of_a_stage(instruments: Any, clock: Clock) -> None:
    """What was started before is not charged, what the stage started is."""
    queue = [5.0]

    def synchronise() -> None:
        while queue:
            clock.work(queue.pop())

    made = SimpleNamespace(launch=lambda: queue.append(2.0))
    watch = instruments.Instruments(synchronise)
    watch.time(made, "launch", "decode")
    made.launch()
    assert queue == []
    assert watch.counters() == {"decode_seconds": 2.0}


def test_calls_are_counted_and_answer_as_before(watch: Any, vocoder: Vocoder) -> None:
    watch.count(vocoder, "decode", "calls")
    assert [vocoder.decode([1], gain=gain) for gain in (1, 2, 3)] == [[1], [2], [3]]
    assert watch.counters() == {"calls": 3}


def test_a_call_that_fails_is_counted(watch: Any, vocoder: Vocoder) -> None:
    watch.count(vocoder, "fail", "calls")
    with pytest.raises(ValueError, match="no mel"):
        vocoder.fail()
    assert watch.counters() == {"calls": 1}


def test_a_counter_takes_amounts_and_one_by_itself(watch: Any) -> None:
    for amount in (3, 0.5):
        watch.add("frames", amount)
    watch.add("chunks")
    assert watch.counters() == {"frames": 3.5, "chunks": 1}


def test_what_never_ran_is_zero_and_not_absent(watch: Any, vocoder: Vocoder) -> None:
    watch.time(vocoder, "decode", "vocode")
    watch.count(vocoder, "decode", "calls")
    assert watch.counters() == {"vocode_seconds": 0, "calls": 0}


def test_clear_starts_anew_and_keeps_watching(watch: Any, vocoder: Vocoder) -> None:
    watch.time(vocoder, "decode", "vocode")
    watch.count(vocoder, "decode", "calls")
    watch.add("frames", 7)
    vocoder.decode([1])
    watch.clear()
    assert watch.counters() == {"vocode_seconds": 0, "calls": 0, "frames": 0}
    vocoder.decode([1])
    assert watch.counters() == {"vocode_seconds": 2.0, "calls": 1, "frames": 0}


@pytest.mark.parametrize("watched", ["counted", "timed"])
def test_no_call_from_a_thread_is_lost(
    instruments: Any, watch: Any, monkeypatch: pytest.MonkeyPatch, watched: str
) -> None:
    """Each thread has a clock of its own, so that every call takes a second whoever else is at work."""
    clocks = threading.local()

    def tick() -> float:
        clocks.now = getattr(clocks, "now", 0.0) + 0.5
        return float(clocks.now)

    def step() -> None:
        tick()

    monkeypatch.setattr(instruments, "perf_counter", tick)
    made = SimpleNamespace(step=step)
    if watched == "counted":
        watch.count(made, "step", "calls")
    else:
        watch.time(made, "step", "decode")
    run_in_threads(lambda: [made.step() for _ in range(500)])
    assert sum(watch.counters().values()) == 8 * 500


def test_a_counter_that_threads_begin_at_once_loses_nothing(watch: Any) -> None:
    run_in_threads(lambda: [watch.add("frames") for _ in range(500)])
    assert watch.counters() == {"frames": 8 * 500}


def run_in_threads(work: Callable[[], object]) -> None:
    """Eight threads that start together."""
    gate = threading.Barrier(8)

    def run() -> None:
        gate.wait()
        work()

    threads = [threading.Thread(target=run) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_chunks_know_when_they_came_since_the_call_began(instruments: Any, clock: Clock) -> None:
    chunks = instruments.Chunks()
    for seconds, samples in ((0.25, 4800), (1.0, 2400)):
        clock.work(seconds)
        chunks.add(samples)
    assert chunks.rows == [[0.25, 4800], [1.25, 2400]]


def test_a_generator_that_is_counted_too_is_charged_with_what_is_spent_in_it(
    watch: Any, vocoder: Vocoder
) -> None:
    watch.count(vocoder, "stream", "streams")
    watch.time(vocoder, "stream", "vocode")
    assert list(vocoder.stream(2)) == [0, 1]
    assert watch.counters() == {"vocode_seconds": 2.5, "streams": 1}


def test_a_generator_that_fails_is_charged_until_then(
    watch: Any, vocoder: Vocoder, clock: Clock
) -> None:
    def broken() -> Generator[int, None, None]:
        clock.work(1.0)
        yield 0
        clock.work(2.0)
        raise ValueError("no mel")

    vocoder.stream = broken  # type: ignore[method-assign, assignment]
    watch.time(vocoder, "stream", "vocode")
    with pytest.raises(ValueError, match="no mel"):
        list(vocoder.stream())  # type: ignore[call-arg]
    assert watch.counters() == {"vocode_seconds": 3.0}


def test_the_length_of_what_a_function_returns_is_added_up(instruments: Any) -> None:
    wave = SimpleNamespace(shape=(1, 1, 300))  # as of a tensor: batch, channel, samples
    batch, flat = SimpleNamespace(shape=(2, 80, 50)), SimpleNamespace(shape=(7,))
    outputs = [wave, batch, (flat, wave), [flat, flat]]
    model, watch = SimpleNamespace(decode=lambda: outputs.pop(0)), instruments.Instruments()
    watch.measure(model, "decode", "vits_samples")
    assert watch.counters() == {"vits_samples": 0}
    assert model.decode() is wave
    model.decode(), model.decode()
    assert watch.counters() == {"vits_samples": 300 + 100 + 7}
    watch.clear()
    model.decode()
    assert watch.counters() == {"vits_samples": 14}


def test_what_is_not_a_length_is_measured_by_a_function_of_its_own(watch: Any) -> None:
    frontend = SimpleNamespace(read=lambda text: {"tokens": text.split()})
    watch.measure(frontend, "read", "voice_tokens", lambda read: len(read["tokens"]))
    frontend.read("a low hum")
    assert watch.counters() == {"voice_tokens": 3}
