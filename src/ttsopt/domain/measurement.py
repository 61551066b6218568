"""Measurements of a benchmark, comparisons of output, and what follows from them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any


class Side(Enum):
    """The two trees of a benchmark."""

    BEFORE = "before"
    AFTER = "after"


class Verdict(Enum):
    """The meaning of the interval of the speedup.

    `NOT_EXERCISED`: an edit under test never ran, so the figure says nothing about it.
    """

    FASTER = "faster"
    SAME = "same"
    SLOWER = "slower"
    INCONCLUSIVE = "inconclusive"
    NOT_EXERCISED = "not_exercised"


class Metric(Enum):
    """The clock that speed is judged by: wall, or CPU seconds over all threads of a process."""

    WALL = "wall"
    CPU = "cpu"


class Figure(Enum):
    """A figure over rounds that a limit may be set on.

    `SPEEDUP` and `RTF` by the wall clock, `CPU_SPEEDUP` and `CPU_RTF` (CPU seconds / audio seconds) by CPU time.
    `LOAD`: seconds of loading and warm-up, after / before. Of the after side alone: the RTFs, `FIRST_AUDIO` (the
    median time to first audio of a round), `P95` (the latency that 95 % of a round's requests do not exceed).
    `CER_INCREASE`: of the character error rate, after - before, in percentage points, over texts.
    """

    SPEEDUP = "speedup"
    CPU_SPEEDUP = "cpu_speedup"
    LOAD = "load"
    RTF = "rtf"
    CPU_RTF = "cpu_rtf"
    FIRST_AUDIO = "first_audio"
    P95 = "p95"
    CER_INCREASE = "cer_increase"


@dataclass(frozen=True, slots=True)
class Utterance:
    """A text to speak in one of many voices, under a name that results are paired by.

    `varies`: it is ttsopt's own, and each round has another one in its place.
    """

    id: str
    text: str
    voice: int = 0
    varies: bool = False


@dataclass(frozen=True, slots=True)
class Scenario:
    """Utterances that are timed together, `concurrency` at once, under a name that results are paired by."""

    name: str
    utterances: tuple[Utterance, ...]
    concurrency: int = 1


@dataclass(frozen=True, slots=True)
class SpokenUtterance:
    """One utterance as one worker spoke it.

    `wall_seconds` is read outside the system, device synchronised at both ends. `output_path` is a 1-D `.npy`
    file: float32 samples, or int32 tokens where `sample_rate` is 0 (a tokenizer: `audio_seconds` is then what
    went in). `counters` are what the workload counted, such as `nfe`, function evaluations. `chunks` of a stream
    are when each came, in seconds since the call began, and its seconds of audio. `finite`: no sample is NaN or
    infinite; `silent`: none is louder than rounding.
    """

    id: str
    wall_seconds: float
    cpu_seconds: float
    audio_seconds: float
    sample_rate: int
    sha256: str
    output_path: str
    counters: Mapping[str, float] = field(default_factory=dict)
    finite: bool = True
    silent: bool = False
    chunks: tuple[tuple[float, float], ...] = ()

    @property
    def rtf(self) -> float:
        """Real-time factor: wall seconds / audio seconds."""
        return self.wall_seconds / self.audio_seconds

    @property
    def first_audio_seconds(self) -> float:
        """TTFA: from the call to the first audio that can be played; without a stream, to all of it."""
        return self.chunks[0][0] if self.chunks else self.wall_seconds

    @property
    def stall_seconds(self) -> float:
        """The longest that somebody who listens from the first chunk on waits for a later one."""
        heard, longest = self.first_audio_seconds, 0.0
        for came, audio in self.chunks:
            longest = max(longest, came - heard)
            heard = max(heard, came) + audio
        return longest


@dataclass(frozen=True, slots=True, kw_only=True)
class SpokenScenario:
    """One scenario as one worker spoke it.

    `whole` is (wall, CPU) seconds of all utterances together where several were spoken at once.
    """

    utterances: tuple[SpokenUtterance, ...] = ()
    whole: tuple[float, float] | None = None

    @property
    def wall_seconds(self) -> float:
        """Wall seconds of all timed utterances."""
        return self.whole[0] if self.whole else sum(row.wall_seconds for row in self.utterances)

    @property
    def cpu_seconds(self) -> float:
        """CPU seconds of all timed utterances, over all threads."""
        return self.whole[1] if self.whole else sum(row.cpu_seconds for row in self.utterances)

    @property
    def audio_seconds(self) -> float:
        """Seconds of speech that came out (for a tokenizer: that went in)."""
        return sum(row.audio_seconds for row in self.utterances)

    @property
    def rtf(self) -> float:
        """Real-time factor of the round: sum of wall seconds / sum of audio seconds."""
        return self.wall_seconds / self.audio_seconds

    @property
    def cpu_rtf(self) -> float:
        """CPU seconds / seconds of audio of the round."""
        return self.cpu_seconds / self.audio_seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerRound(SpokenScenario):
    """Measurements of one fresh worker process on one side. Seconds; memory in bytes, 0 where unknown.

    `model` is what the workload says really holds in the model, such as its dtype. `further` are the scenarios
    that followed in the same process, by name; no figure of theirs is in the others.
    """

    load_seconds: float = 0.0
    warmup_seconds: tuple[float, ...] = ()
    peak_rss_bytes: int = 0
    peak_gpu_bytes: int = 0
    environment: Mapping[str, Any] = field(default_factory=dict)
    model: Mapping[str, Any] = field(default_factory=dict)
    further: Mapping[str, SpokenScenario] = field(default_factory=dict)

    @property
    def spoken(self) -> tuple[SpokenUtterance, ...]:
        """Every utterance, of all scenarios."""
        others = (row for scenario in self.further.values() for row in scenario.utterances)
        return (*self.utterances, *others)

    @property
    def startup_seconds(self) -> float:
        """Seconds of loading and warm-up."""
        return self.load_seconds + sum(self.warmup_seconds)


@dataclass(frozen=True, slots=True)
class Interval:
    """A confidence interval; `level` is 0.95 for 95 %."""

    low: float
    high: float
    level: float


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure with its interval over rounds."""

    value: float
    interval: Interval
    rounds: int


# Figures with the intervals that limits are judged by: wider than those printed, for there are several interim
# analyses. What was not measured, or what no clock read, is absent.
Bounds = Mapping[Figure, Estimate]


@dataclass(frozen=True, slots=True)
class OutputComparison:
    """How the outputs of two sides differ for one utterance, each figure the worst of all rounds.

    `round` (1-based) is the worst one.
    `equal`: the same bits. The whole of both waves is compared: what one has beyond the end of the other, with
    silence. `snr_db`: power of the before side over the power of the difference, infinite where equal.
    `max_difference`: the largest of two samples. `mel_db`: mean absolute log-mel difference over all frames,
    `mel_db_worst` over the worst quarter of a second. These are None where the lengths differ by more than 5 %,
    the rates differ, a value is not finite or tokens came out. `token_agreement`: share of equal tokens, None for
    audio. `duration_ratio`: after / before. Defects are sentences without their subject ("clips: ...");
    `new_defects`: what the after side has and the before side has not, or less than half as much of.
    `changed_work`: phrases ("nfe 32 -> 7") for counters of work that are not those of the before side.
    """

    id: str
    equal: bool
    duration_ratio: float
    snr_db: float | None = None
    max_difference: float | None = None
    token_agreement: float | None = None
    mel_db: float | None = None
    mel_db_worst: float | None = None
    defects_before: tuple[str, ...] = ()
    defects_after: tuple[str, ...] = ()
    new_defects: tuple[str, ...] = ()
    changed_work: tuple[str, ...] = ()
    round: int = 1


@dataclass(frozen=True, slots=True)
class EditExercise:
    """An edit, and if it was seen to run in the traced round. `patch` is the id of the patch that owns it."""

    patch: str
    path: str
    line: int
    executed: bool


@dataclass(frozen=True, slots=True)
class GateResult:
    """A gate that was asked for: `passed` None means that the noise did not allow a decision.

    `unverified`: nothing speaks against it, and nothing for it either (quality on random weights). It fails no
    build, and nobody may be told that it passed.
    """

    name: str
    asked: str
    measured: str
    passed: bool | None
    unverified: bool = False

    @property
    def outcome(self) -> str:
        """`passed`, `failed`, `undecided` or `unverified`."""
        if self.passed and self.unverified:
            return "unverified"
        return {True: "passed", False: "failed", None: "undecided"}[self.passed]
