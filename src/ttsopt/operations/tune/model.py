"""The terms of tuning: sets of patches with values, comparisons to be measured, and their outcomes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from pathlib import Path

from ttsopt.bench.spec import BenchSpec
from ttsopt.domain.measurement import Verdict
from ttsopt.domain.patch import Parameter, Scalar

Values = tuple[tuple[str, Scalar], ...]
BROKEN = "failed"  # in the place of a verdict: there is no figure


@dataclass(frozen=True, slots=True, order=True)
class Chosen:
    """A patch in a set, and those of its parameters that are not by default, by name."""

    patch: str
    values: Values = ()


PatchSet = tuple[Chosen, ...]  # in the order of the ids


class Kind(Enum):
    """The reason for a comparison: one patch more, other values, or the whole set against the original."""

    SELECT = "select"
    SEARCH = "search"
    CONFIRM = "confirm"


@dataclass(frozen=True, slots=True)
class Job:
    """A comparison of two sets of patches. Equal jobs are measured once.

    `turn`: so many runs of it left it undecided; this one goes on from their rounds.
    """

    kind: Kind
    before: PatchSet
    after: PatchSet
    turn: int = 0

    @property
    def added(self) -> PatchSet:
        """The part of the after side that the before side has not, or with other values."""
        return tuple(one for one in self.after if one not in self.before)


@dataclass(frozen=True, slots=True)
class Measured:
    """Outcome of a job.

    `verdict` is one of `Verdict`, or `BROKEN`. `speedup` is RTF before / RTF after, `low` and `high` its 95 %
    interval, `surely` its lower bound at 99 %; a bound that nothing is known of is None. `distance` is the log-mel
    distance of the two sides in dB, of the worst utterance, None where they cannot be compared. `quality` is the
    outcome of that gate, empty where nothing is promised. `why`: what broke it, or what the gate says.
    `rounds` are those of all turns so far, `lines` their ratios, a line for each pair of resident processes, one
    in all of fresh ones; `seconds` are of this turn. `is_open`: undecided, and more rounds may decide it.
    """

    verdict: str
    speedup: float = 1.0
    low: float | None = None
    high: float | None = None
    surely: float | None = None
    rounds: int = 0
    seconds: float = 0.0
    distance: float | None = 0.0
    quality: str = ""
    why: str = ""
    lines: tuple[tuple[float, ...], ...] = ()
    is_open: bool = False

    @property
    def is_broken(self) -> bool:
        """True if there is no figure, or the output is not what the patches promise."""
        return self.verdict == BROKEN or self.quality == "failed"

    @property
    def is_faster(self) -> bool:
        """True if it is faster with a verdict, and not broken."""
        return self.verdict == Verdict.FASTER.value and not self.is_broken

    @property
    def is_hopeless(self) -> bool:
        """True if it is out for good."""
        lost = {Verdict.SLOWER.value, Verdict.NOT_EXERCISED.value}
        return self.is_broken or self.verdict in lost

    @property
    def is_promising(self) -> bool:
        """True if it is undecided, and the after side seems to be the faster one so far."""
        return self.is_open and self.speedup > 1 and not self.is_broken


@dataclass(frozen=True, slots=True)
class Candidate:
    """A patch that may be chosen: with it come the patches that it requires, `needed`, and values that were set.

    `searched` are its parameters whose values are looked for. `version` is that of the patch.
    """

    patch: str
    version: int
    values: Values = ()
    needed: tuple[str, ...] = ()
    searched: tuple[Parameter, ...] = field(default=(), compare=False)


@dataclass(frozen=True, slots=True)
class TuneSpec:
    """The options of `ttsopt tune`; how a comparison is made is `bench`.

    `budget` is in seconds of measuring, of all runs and workers of a study together; `trials` the most values
    that are tried; `max_distance` the most that the output may be away from the original's, in dB of log-mel
    (None: what the patches promise is all that is asked). `storage` is empty (a file in the user's state folder),
    a file or a URL. A worker gives a sign of life every `heartbeat` seconds; `grace` seconds without one, and it
    is dead.
    """

    bench: BenchSpec
    budget: float = 3600.0
    trials: int = 20
    max_distance: float | None = None
    storage: str = ""
    heartbeat: int = 10
    grace: int = 60


@dataclass(frozen=True, slots=True)
class Task:
    """Subject of a study: the candidates, the best known first, and the limits."""

    spec: TuneSpec
    candidates: tuple[Candidate, ...]

    def candidate(self, patch: str) -> Candidate:
        """The candidate of that id; KeyError where it is none."""
        return {row.patch: row for row in self.candidates}[patch]

    def with_needed(self, patches: PatchSet, candidate: Candidate) -> PatchSet:
        """Return a set with a candidate and all that it requires."""
        there = {one.patch: one for one in patches}
        for name in (*candidate.needed, candidate.patch):
            there.setdefault(name, Chosen(name, self.candidate(name).values))
        return tuple(sorted(there.values()))


@dataclass(frozen=True, slots=True)
class Files:
    """The files of a tuned checkout; `database` is None where the study is on a server.

    `is_own_list`: the list is in the user's state folder, and was not named.
    """

    database: Path | None
    list: Path
    report: Path
    is_own_list: bool


@dataclass(frozen=True, slots=True)
class Ledger:
    """Content of a study: outcomes of jobs, those that somebody measures, and those that wait for somebody."""

    known: Mapping[Job, Measured] = field(default_factory=dict)
    running: frozenset[Job] = frozenset()
    waiting: frozenset[Job] = frozenset()

    @property
    def taken(self) -> frozenset[Job]:
        """Those that need not be put in again."""
        return self.running | self.waiting

    def turns(self, job: Job) -> tuple[Measured, ...]:
        """The outcomes of a comparison, turn after turn; the last has the rounds of all."""
        rows: list[Measured] = []
        while row := self.known.get(replace(job, turn=len(rows))):
            rows.append(row)
        return tuple(rows)

    def last(self, job: Job) -> Measured | None:
        """All that is known of a comparison."""
        rows = self.turns(job)
        return rows[-1] if rows else None

    def next_turn(self, job: Job) -> Job:
        """The job that goes on with a comparison."""
        return replace(job, turn=len(self.turns(job)))

    @property
    def outcomes(self) -> Mapping[Job, Measured]:
        """Outcome of each comparison, with the seconds of all of its turns."""
        firsts = {job: self.turns(job) for job in self.known if not job.turn}
        return {
            job: replace(rows[-1], seconds=sum(row.seconds for row in rows))
            for job, rows in firsts.items()
        }

    @property
    def spent(self) -> float:
        """Seconds of measuring so far."""
        return sum(row.seconds for row in self.known.values())
