"""Runs the levels of a benchmark over HTTP: warm-up, blocks in turn, what came back judged between them."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field

from ttsopt.bench.serve.answers import Answer, judge_block, usual_lengths, with_lengths
from ttsopt.bench.serve.kept import Sounds
from ttsopt.bench.serve.load import send_block
from ttsopt.bench.serve.ramp import next_rate
from ttsopt.bench.serve.request import Call, make_request
from ttsopt.bench.serve.result import Block, Level
from ttsopt.bench.serve.schedule import block_sizes, due_times, spoken, turns
from ttsopt.bench.serve.spec import Load, ServeSpec
from ttsopt.domain.measurement import Side, Utterance
from ttsopt.errors import CannotRunError

# Gives the address of a side's server for one block, which is up as long as it is used, and how it is asked.
Up = Callable[[Side], AbstractContextManager[tuple[str, Call]]]
Tell = Callable[[str], None]
# Of what a lone request takes, a rate to begin a ramp with: a server that is busy half of the time.
BUSY = 0.5
# Texts of the first block that are sent again: does a side repeat itself?
MOST_AGAIN = 4


@dataclass(slots=True)
class Runner:
    """Sends blocks to the sides; counts the texts, so that each side hears the same ones, and none again.

    `fresh`: each block has a server of its own, which is to be warmed up. `sounds` keeps the answers of the first
    level. `again`: where servers are fresh, what each side's second one answers to the first texts.
    """

    spec: ServeSpec
    sides: tuple[Side, ...]
    up: Up
    tell: Tell = lambda _: None
    fresh: bool = False
    sounds: Sounds | None = None
    again: dict[Side, tuple[Answer, ...]] = field(default_factory=dict)
    began: float = field(default_factory=time.monotonic)
    _texts: dict[Side, int] = field(default_factory=dict)
    _warm: dict[Side, float] = field(default_factory=dict)

    def run(self) -> dict[Side, tuple[Level, ...]]:
        """Run all that the spec asks for.

        Raises:
            CannotRunError: A server answers no request of its warm-up.
        """
        levels = self._ramps() if self.spec.slo else self._levels()
        return _with_usual(
            {side: tuple(row[side] for row in levels if side in row) for side in self.sides}
        )

    def _levels(self) -> list[dict[Side, Level]]:
        rows = enumerate(self.spec.loads)
        return [self._level(load, is_first=number == 0) for number, load in rows]

    def _level(
        self, load: Load, sides: Sequence[Side] | None = None, *, is_first: bool
    ) -> dict[Side, Level]:
        order = tuple(turns(sides or self.sides, self.spec.blocks, self.spec.seed))
        blocks: dict[Side, list[Block]] = {side: [] for side in dict.fromkeys(order)}
        sizes = block_sizes(self.spec.requests, len(order) // len(blocks))
        for number, side in enumerate(order, 1):
            self.tell(f"{load.words}: block {number} of {len(order)} ({side.value})")
            blocks[side].append(
                self._block(load, side, sizes[len(blocks[side])], len(blocks[side]), is_first)
            )
        return {side: Level(load, tuple(rows)) for side, rows in blocks.items()}

    def _block(self, load: Load, side: Side, count: int, number: int, is_first: bool) -> Block:
        with self.up(side) as (url, call):
            self._warm_up(side, url, call)
            first = self._texts.get(side, 0)
            self._texts[side] = first + count
            texts = spoken(self.spec.texts, first, count)
            seed = self.spec.seed + number  # the same timetable for both sides of a pair
            due = due_times(count, load.rate, self.spec.arrivals, seed) if load.rate else ()
            sounds = self.sounds if is_first else None
            answers = self._sent(url, call, texts, clients=load.clients, due=due, sounds=sounds)
            if self.fresh and sounds and number == 1:
                first_texts = spoken(self.spec.texts, 0, min(len(self.spec.texts), MOST_AGAIN))
                self.again[side] = self._sent(url, call, first_texts, clients=1, sounds=sounds)
            return Block(answers)

    def _sent(
        self,
        url: str,
        call: Call,
        texts: Iterable[Utterance],
        clients: int = 0,
        due: Sequence[float] = (),
        sounds: Sounds | None = None,
    ) -> tuple[Answer, ...]:
        requests = [make_request(call, text) for text in texts]
        done = send_block(url, requests, self.spec.timeout, clients=clients, due=due)
        return judge_block(done, call.template, sounds)

    def _warm_up(self, side: Side, url: str, call: Call) -> None:
        """Send the texts that warm a server up; one that answers none of them is not measured."""
        if not self.spec.warm_up or (side in self._warm and not self.fresh):
            return
        answers = self._sent(url, call, self.spec.warm_up, clients=1)
        good = [row.seconds for row in answers if not row.failure]
        if not good:
            raise no_answer(side, url, answers)
        self._warm[side] = statistics.median(good)

    # ---- to the service level ----

    def _ramps(self) -> list[dict[Side, Level]]:
        """A ramp of its own for each side, a level of each in turn."""
        levels: list[dict[Side, Level]] = []
        tried: dict[Side, list[tuple[float, bool]]] = {side: [] for side in self.sides}
        while rates := self._next_rates(tried):
            for side, rate in rates.items():
                row = self._level(Load(rate=rate), (side,), is_first=not tried[side])
                assert self.spec.slo
                tried[side].append((rate, row[side].keeps(self.spec.slo)))
                levels.append(row)
        return levels

    def _next_rates(self, tried: dict[Side, list[tuple[float, bool]]]) -> dict[Side, float]:
        if time.monotonic() - self.began > self.spec.budget and any(tried.values()):
            return {}
        rates = {side: next_rate(rows, self._first_rate(side)) for side, rows in tried.items()}
        return {side: rate for side, rate in rates.items() if rate}

    def _first_rate(self, side: Side) -> float:
        asked = self.spec.loads[0].rate
        if asked:
            return asked
        if side not in self._warm:
            with self.up(side) as (url, call):
                self._warm_up(side, url, call)
        return BUSY / max(self._warm.get(side, 1.0), 1e-3)


def _with_usual(levels: dict[Side, tuple[Level, ...]]) -> dict[Side, tuple[Level, ...]]:
    """Mark answers of another length than the first side's to the same text."""
    first = next(iter(levels.values()))
    usual = usual_lengths(row for level in first for row in level.answers)
    return {side: tuple(_marked(level, usual) for level in rows) for side, rows in levels.items()}


def _marked(level: Level, usual: dict[str, float]) -> Level:
    return Level(level.load, tuple(Block(with_lengths(row.answers, usual)) for row in level.blocks))


def no_answer(side: Side, url: str, answers: Sequence[Answer]) -> CannotRunError:
    """Return the error of a server none of whose answers could be timed, named by the first failure."""
    failures = [row for row in answers if row.failure]
    first = failures[0]
    words = f": {first.words}" if first.words else ""
    message = f"the {side.value} server at {url} answered none of {len(answers)} requests: {first.failure}{words}"
    return CannotRunError(f"server-{first.failure}", message, hint(first.failure))


def hint(failure: str) -> str:
    """Return what to do about a failure."""
    known = {
        "refused": "Is it running, and on that port?",
        "timeout": "Give it longer with --request-timeout SECONDS, or look at its log.",
        "not-audio": "Say in the template what raw PCM it sends: sample_rate and pcm.",
        "encoded": "Turn compression off in the server or the proxy before it.",
    }
    return known.get(failure, "Its own log says more; send the request by hand once.")
