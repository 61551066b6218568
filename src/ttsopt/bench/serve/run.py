"""Runs the levels of a benchmark over HTTP: warm-up, blocks in turn, what came back judged between them."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from functools import partial

from ttsopt.bench.serve.answers import Answer, judge_block, usual_lengths, with_lengths
from ttsopt.bench.serve.kept import Sounds
from ttsopt.bench.serve.load import send_block
from ttsopt.bench.serve.ramp import next_rate
from ttsopt.bench.serve.request import make_request
from ttsopt.bench.serve.result import Block, Level
from ttsopt.bench.serve.schedule import block_sizes, due_times, spoken, turns
from ttsopt.bench.serve.shares import send_by_processes
from ttsopt.bench.serve.spec import Load, Server, ServeSpec
from ttsopt.domain.measurement import Side, Utterance
from ttsopt.errors import CannotRunError

# Gives a side's server for one block, which is up as long as it is used.
Up = Callable[[Side], AbstractContextManager[Server]]
Tell = Callable[[str], None]
# Of what a lone request takes, a rate to begin a ramp with: a server that is busy half of the time.
BUSY = 0.5
# Texts of the first block that are sent again: does a side repeat itself?
MOST_AGAIN = 4


@dataclass(slots=True)
class Runner:
    """Sends blocks to the sides; counts the texts, so that each side hears the same ones, and none again.

    `fresh`: each block has a server of its own, which is to be warmed up, and goes through all levels. `sounds`
    keeps the answers of the first level. `repeats`: the first texts are sent once more in each side's second
    block; `again` has what comes back. `interrupted`: somebody ended it; pairs of blocks
    that are whole count.
    """

    spec: ServeSpec
    sides: tuple[Side, ...]
    up: Up
    tell: Tell = lambda _: None
    fresh: bool = False
    repeats: bool = False
    sounds: Sounds | None = None
    again: dict[Side, tuple[Answer, ...]] = field(default_factory=dict)
    interrupted: bool = False
    began: float = field(default_factory=time.monotonic)
    _texts: dict[Side, int] = field(default_factory=dict)
    _warm: dict[Side, float] = field(default_factory=dict)

    def run(self) -> dict[Side, tuple[Level, ...]]:
        """Run all that the spec asks for.

        Raises:
            CannotRunError: A server answers no request of its warm-up.
            KeyboardInterrupt: Somebody ended it before each side had a level.
        """
        levels = self._ramps() if self.spec.slo else self._all_levels()
        by_side = {side: tuple(row[side] for row in levels if side in row) for side in self.sides}
        if not all(by_side.values()):
            raise KeyboardInterrupt
        return _with_usual(by_side)

    def _all_levels(self) -> list[dict[Side, Level]]:
        """One level after the other; of fresh servers, each goes through all of them."""
        loads = self.spec.loads
        groups = (loads,) if self.fresh else tuple((load,) for load in loads)
        rows: list[dict[Side, Level]] = []
        for number, group in enumerate(groups):
            if not self.interrupted:
                rows += self._levels(group, self.sides, self.sounds if number == 0 else None)
        return rows

    def _levels(
        self, loads: Sequence[Load], sides: Sequence[Side], sounds: Sounds | None
    ) -> list[dict[Side, Level]]:
        """Send all blocks at these loads; none of them where somebody ends it before each side had one."""
        order = tuple(turns(sides, self.spec.blocks, self.spec.seed))
        rounds: dict[Side, list[list[Block]]] = {side: [] for side in dict.fromkeys(order)}
        sizes = block_sizes(self.spec.requests, len(order) // len(rounds))
        try:
            for number, side in enumerate(order, 1):
                at = len(rounds[side])
                place = f"block {number} of {len(order)} ({side.value})"
                rounds[side].append(self._blocks(loads, side, sizes[at], at, place, sounds))
        except KeyboardInterrupt:
            self.interrupted = True
        whole = min(map(len, rounds.values()))
        return [
            {
                side: Level(load, tuple(row[at] for row in rows[:whole]))
                for side, rows in rounds.items()
            }
            for at, load in enumerate(loads if whole else ())
        ]

    def _blocks(
        self,
        loads: Sequence[Load],
        side: Side,
        count: int,
        number: int,
        place: str,
        sounds: Sounds | None,
    ) -> list[Block]:
        """Send a block at each level to one server; the sounds of the first level are kept."""
        with self.up(side) as server:
            self._warm_up(side, server)
            blocks: list[Block] = []
            for load in loads:
                self.tell(f"{load.words}: {place}")
                kept = None if blocks else sounds
                blocks.append(self._block(server, load, side, count, number, kept))
            if self.repeats and sounds and number == 1:
                first = spoken(self.spec.texts, 0, min(len(self.spec.texts), MOST_AGAIN))
                self.again[side] = self._sent(server, first, clients=1, sounds=sounds)
            return blocks

    def _block(
        self,
        server: Server,
        load: Load,
        side: Side,
        count: int,
        number: int,
        sounds: Sounds | None,
    ) -> Block:
        first = self._texts.get(side, 0)
        self._texts[side] = first + count
        texts = spoken(self.spec.texts, first, count)
        seed = self.spec.seed + number  # the same timetable for both sides of a pair
        due = due_times(count, load.rate, self.spec.arrivals, seed) if load.rate else ()
        clock = server.cpu_seconds
        began = clock() if clock else 0.0
        workers = self.spec.workers
        sent = self._sent(server, texts, workers, clients=load.clients, due=due, sounds=sounds)
        return Block(sent, clock() - began if clock else None)

    def _sent(
        self,
        server: Server,
        texts: Iterable[Utterance],
        workers: int = 1,
        *,
        clients: int = 0,
        due: Sequence[float] = (),
        sounds: Sounds | None = None,
    ) -> tuple[Answer, ...]:
        requests = [make_request(server.call, text) for text in texts]
        send = partial(send_by_processes, workers=workers) if workers > 1 else send_block
        done = send(server.url, requests, self.spec.timeout, clients=clients, due=due)
        return judge_block(done, server.call.template, sounds)

    def _warm_up(self, side: Side, server: Server) -> None:
        """Send the texts that warm a server up; one that answers none of them is not measured."""
        if not self.spec.warm_up or (side in self._warm and not self.fresh):
            return
        answers = self._sent(server, self.spec.warm_up, clients=1)
        good = [row.seconds for row in answers if not row.failure]
        if not good:
            raise no_answer(side, server.url, answers)
        self._warm[side] = statistics.median(good)

    # ---- to the service level ----

    def _ramps(self) -> list[dict[Side, Level]]:
        """A ramp of its own for each side, a level of each in turn."""
        levels: list[dict[Side, Level]] = []
        tried: dict[Side, list[tuple[float, bool]]] = {side: [] for side in self.sides}
        while rates := self._next_rates(tried):
            for side, rate in rates.items():
                kept = None if tried[side] else self.sounds
                for row in self._levels((Load(rate=rate),), (side,), kept):
                    assert self.spec.slo
                    tried[side].append((rate, row[side].keeps(self.spec.slo)))
                    levels.append(row)
                if self.interrupted:
                    return levels
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
            with self.up(side) as server:
                self._warm_up(side, server)
        return BUSY / max(self._warm.get(side, 1.0), 1e-3)


def _with_usual(levels: dict[Side, tuple[Level, ...]]) -> dict[Side, tuple[Level, ...]]:
    """Mark answers of another length than the first side's to the same text."""
    first = next(iter(levels.values()))
    usual = usual_lengths(row for level in first for row in level.answers)
    return {side: tuple(_marked(level, usual) for level in rows) for side, rows in levels.items()}


def _marked(level: Level, usual: dict[str, float]) -> Level:
    return Level(
        level.load,
        tuple(replace(row, answers=with_lengths(row.answers, usual)) for row in level.blocks),
    )


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
