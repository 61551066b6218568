"""Figures of a benchmark over HTTP."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from ttsopt.bench.gates.quality import Promise
from ttsopt.bench.outputs.transcripts import Transcript
from ttsopt.bench.serve.answers import Answer
from ttsopt.bench.serve.outputs import AnswerOutputs
from ttsopt.bench.serve.spec import Load, ServeSpec, Slo
from ttsopt.bench.stats.latency import Latency, latency, supported_percentiles
from ttsopt.bench.stats.sequential import Decision, decide, interim_plan
from ttsopt.domain.measurement import GateResult, Metric, Side, SpokenScenario
from ttsopt.errors import CannotRunError

# A single block is cut into so many parts, one after the other in time, for an interval of its figures.
PARTS = 5
# By so much longer than the requests took to come may the answers to them take.
BEHIND = 1.1


@dataclass(frozen=True, slots=True)
class Usage:
    """Of a server's process tree: peak memory in bytes, and CPU seconds while it was under load.

    `peak_gpu_memory`: bytes that all of this machine's NVIDIA GPUs had more in use than before it was started;
    `gpu_busy`: the mean of their utilisation in percent. None where nobody can say. `memory` are samples of its
    last process: seconds under load, and bytes.
    """

    peak_memory: int
    cpu_seconds: float
    peak_gpu_memory: int | None = None
    gpu_busy: float | None = None
    memory: tuple[tuple[float, int], ...] = ()

    def with_block(self, seen: Usage) -> Usage:
        """Return the largest peaks of both, all CPU seconds, and the memory of the later block."""
        peaks = [row.peak_gpu_memory for row in (self, seen) if row.peak_gpu_memory is not None]
        busy = [row.gpu_busy for row in (self, seen) if row.gpu_busy is not None]
        return Usage(
            max(self.peak_memory, seen.peak_memory),
            self.cpu_seconds + seen.cpu_seconds,
            max(peaks, default=None),
            max(busy, default=None),
            seen.memory,
        )


@dataclass(frozen=True, slots=True)
class Block:
    """Requests that were sent together to one side; `seconds` from the first that was due to the last end.

    `cpu_seconds`: those of the server's process tree meanwhile; None where it is somebody else's.
    """

    answers: tuple[Answer, ...]
    cpu_seconds: float | None = None

    @property
    def seconds(self) -> float:
        """Wall seconds of it."""
        return max((row.ended for row in self.answers), default=0.0)

    @property
    def good(self) -> tuple[Answer, ...]:
        """Those that brought sound."""
        return tuple(row for row in self.answers if row.spoken)

    @property
    def scenario(self) -> SpokenScenario:
        """It as the library benchmark has utterances that are spoken at once."""
        spoken = tuple(row.spoken for row in self.answers if row.spoken)
        return SpokenScenario(utterances=spoken, whole=(self.seconds, 0.0))

    @property
    def audio_seconds(self) -> float:
        """Seconds of audio that came back."""
        return math.fsum(row.spoken.audio_seconds for row in self.answers if row.spoken)

    @property
    def rtf(self) -> float:
        """Seconds waited / seconds of audio, over all its good answers."""
        waited = math.fsum(row.spoken.wall_seconds for row in self.answers if row.spoken)
        return waited / self.audio_seconds

    @property
    def cpu_rtf(self) -> float | None:
        """CPU seconds of the server / seconds of audio; None where no clock counted any."""
        return self.cpu_seconds / self.audio_seconds if self.cpu_seconds else None


@dataclass(frozen=True, slots=True)
class Level:
    """One load on one side."""

    load: Load
    blocks: tuple[Block, ...]

    @property
    def answers(self) -> tuple[Answer, ...]:
        """All of them."""
        return tuple(row for block in self.blocks for row in block.answers)

    @property
    def seconds(self) -> float:
        """Wall seconds of all blocks."""
        return math.fsum(block.seconds for block in self.blocks)

    @property
    def cpu_seconds(self) -> float | None:
        """CPU seconds of the server's process tree in all blocks; None where they are not known."""
        rows = [block.cpu_seconds for block in self.blocks]
        return math.fsum(row for row in rows if row is not None) if None not in rows else None

    @property
    def latency(self) -> Latency | None:
        """Of the answers that brought sound; None without one."""
        scenarios = [block.scenario for block in self.blocks if block.good]
        return latency(scenarios) if scenarios else None

    def parts(self) -> tuple[Block, ...]:
        """Its blocks with sound; a single one in consecutive parts."""
        blocks = [block for block in self.blocks if block.good]
        if len(blocks) != 1:
            return tuple(blocks)
        rows = blocks[0].good
        size = max(1, math.ceil(len(rows) / PARTS))
        return tuple(Block(rows[at : at + size]) for at in range(0, len(rows), size))

    def keeps(self, slo: Slo) -> bool:
        """True if nothing failed, no queue grew, and the percentile is below the limit."""
        rows = [row.spoken for row in self.answers if row.spoken]
        values = [row.first_audio_seconds if slo.first_audio else row.wall_seconds for row in rows]
        reached = supported_percentiles(values).get(slo.percent, math.inf)
        is_whole = len(rows) == len(self.answers)
        return is_whole and reached < slo.seconds and all(map(_keeps_up, self.blocks))


def _keeps_up(block: Block) -> bool:
    """True if requests were answered as fast as they came: else the queue is only not long enough yet."""
    came = max(row.due for row in block.answers)
    answered = block.seconds - min(row.seconds for row in block.answers)
    return answered <= BEHIND * came or not came


@dataclass(frozen=True, slots=True)
class ServeResult:
    """All levels of both sides in the order in which they were run, and what follows.

    `urls` by side; with one server it is the after side. `usage` is that of a side's servers, where ttsopt
    started them. `outputs` are the answers of the first level compared, which are judged by the `promise` of the
    patches; `transcripts` what a recogniser heard in them, or `failure`, for which it could not. `interrupted`:
    somebody ended it before all was sent.
    """

    spec: ServeSpec
    urls: Mapping[Side, str]
    levels: Mapping[Side, tuple[Level, ...]]
    usage: Mapping[Side, Usage] = field(default_factory=dict)
    outputs: AnswerOutputs = field(default_factory=AnswerOutputs)
    promise: Promise = field(default_factory=Promise)
    transcripts: tuple[Transcript, ...] = ()
    failure: CannotRunError | None = None
    interrupted: bool = False
    gates: tuple[GateResult, ...] = ()

    @property
    def sides(self) -> tuple[Side, ...]:
        """Those that were measured."""
        return tuple(self.urls)

    def answers(self, side: Side) -> tuple[Answer, ...]:
        """All of one side."""
        return tuple(row for level in self.levels.get(side, ()) for row in level.answers)

    def first(self, side: Side) -> tuple[Answer, ...]:
        """Those of its first level, by which outputs are judged."""
        levels = self.levels.get(side, ())
        return levels[0].answers if levels else ()

    def headline_rate(self, side: Side) -> float | None:
        """Return the highest rate that kept the service level; None where none did."""
        slo = self.spec.slo
        kept = [level.load.rate for level in self.levels.get(side, ()) if slo and level.keeps(slo)]
        return max(kept, default=None)

    def decision(self, number: int, metric: Metric) -> Decision | None:
        """Return what the pairs of blocks at a level say of before / after by a clock.

        None without two sides, and by CPU time where a block has none.
        """
        if len(self.urls) == 1 or self.spec.slo:
            return None
        before, after = (self.levels[side][number].blocks for side in (Side.BEFORE, Side.AFTER))
        pairs = [(b, a) for b, a in zip(before, after, strict=False) if b.good and a.good]
        ratios = [_ratio(b, a, metric) for b, a in pairs]
        known = [ratio for ratio in ratios if ratio is not None]
        is_known = known and len(known) == len(ratios)
        return decide(known, interim_plan(len(known), len(known))) if is_known else None


def _ratio(before: Block, after: Block, metric: Metric) -> float | None:
    """Return before / after of two blocks with sound."""
    if metric is Metric.WALL:
        return before.rtf / after.rtf
    if before.cpu_rtf is None or after.cpu_rtf is None:
        return None
    return before.cpu_rtf / after.cpu_rtf
