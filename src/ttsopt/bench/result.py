"""The result of a benchmark."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from ttsopt.bench.outputs.transcripts import Transcript, error_rates
from ttsopt.bench.run.profile import Profile
from ttsopt.bench.run.schedule import Pair
from ttsopt.bench.spec import BenchSpec
from ttsopt.bench.stats.sequential import InterimPlan, interim_plan
from ttsopt.bench.stats.statistics import SAME_MARGIN, ratios
from ttsopt.domain.measurement import (
    Bounds,
    EditExercise,
    Estimate,
    Figure,
    OutputComparison,
    Scenario,
    Side,
    Verdict,
    WorkerRound,
)
from ttsopt.errors import CannotRunError


@dataclass(frozen=True, slots=True)
class BenchmarkResult:
    """Every complete round of both sides and what follows from them.

    `order` has one pair per complete round. `speedup` is RTF before / RTF after; its interval and those of `rtf`
    are to print, `bounds` to judge by. `outputs` compares both sides, of all rounds the worst; `own` compares the
    before side's later rounds with its first. `repeatable` says per side and utterance whether rounds gave equal
    bits by equal work (None: one round). `bad_audio`: sentences on silent or non-finite outputs of the after side.
    `never_run`: ids of patches none of whose edits ran. `interrupted`: somebody ended it, `failure`: a process
    failed, after the rounds that are here. `profiles`, `transcripts` and what was seen of the `gpus` are there
    where they were asked for, or known; `load` is that of the machine over the run, and `busy` a warning where it
    was too high for figures in seconds. `kernels`: the choices of helpers that every process was
    given. `pairs`: of a resident run, the rounds that each pair of processes spoke.
    """

    spec: BenchSpec
    scenarios: tuple[Scenario, ...]
    order_seed: int
    order: tuple[Pair, ...]
    before: tuple[WorkerRound, ...]
    after: tuple[WorkerRound, ...]
    speedup: Estimate
    rtf: Mapping[Side, Estimate]
    bounds: Bounds
    verdict: Verdict
    outputs: tuple[OutputComparison, ...]
    repeatable: Mapping[Side, Mapping[str, bool | None]]
    own: tuple[OutputComparison, ...] = ()
    exercised: tuple[EditExercise, ...] = ()
    never_run: tuple[str, ...] = ()
    bad_audio: tuple[str, ...] = ()
    stubs: tuple[str, ...] = ()
    interrupted: bool = False
    failure: CannotRunError | None = None
    margin: float = SAME_MARGIN
    profiles: tuple[Profile, ...] = ()
    gpus: tuple[Mapping[str, object], ...] = ()
    load: Mapping[str, object] = field(default_factory=dict)
    busy: str = ""
    kernels: Mapping[str, str] = field(default_factory=dict)
    transcripts: tuple[Transcript, ...] = ()
    pairs: tuple[int, ...] = ()

    @property
    def quality_unverified(self) -> bool:
        """True if outputs differ on random weights, which speak nothing that could sound better or worse."""
        return self.spec.weights == "random" and not all(row.equal for row in self.outputs)

    @property
    def plan(self) -> InterimPlan:
        """When the rounds were looked at: all intervals of the run go by it."""
        return interim_plan(self.spec.least, self.spec.most)

    @property
    def ratios(self) -> list[float]:
        """RTF before / RTF after of each round."""
        return ratios(self.before, self.after)

    def heard(self, transcripts: tuple[Transcript, ...]) -> BenchmarkResult:
        """Return it with what a recogniser heard, and the bounds of what follows."""
        rates = error_rates(transcripts)
        points = rates and rates.points
        bounds = {**self.bounds, Figure.CER_INCREASE: points} if points else self.bounds
        return replace(self, transcripts=transcripts, bounds=bounds)

    def rounds(self, side: Side) -> tuple[WorkerRound, ...]:
        """The complete rounds of one side."""
        return self.before if side is Side.BEFORE else self.after
