"""The request of a benchmark on its way: options, and the folders of one comparison."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from ttsopt.bench.stats.sequential import Line
from ttsopt.domain.limits import Limits
from ttsopt.domain.measurement import Scenario, Side, Utterance
from ttsopt.domain.model_files import ChosenWeights, Kind
from ttsopt.domain.model_size import Size
from ttsopt.domain.recognition import RecogniserChoice
from ttsopt.domain.text_set import TextSet

FRESH, HOT = "fresh", "hot"
REPEAT = "repeat"  # what round 1 spoke, once more in round 2: does a side repeat itself?
RANDOM = "random"
# The noise floor of a resident run, as ratio - 1, where nobody measured it with --aa (docs/benchmarking.md).
RESIDENT_FLOOR = 0.03
FOUND = "found"  # the published ones that were found: of `chosen`, laid out as links


@dataclass(frozen=True, slots=True)
class BenchSpec:
    """The options of `ttsopt bench`, decoded: everything that is asked but the patches, which a plan chooses.

    Baseline: `against` is a folder or a commit in the place of the tree without patches; `against_itself` the
    tree alone. Speech: `texts` take the place of a `text_set`; `weights` is `random`, an absolute folder, or
    `found`: those of `chosen`, whose real components also go among random weights (mixed); `hot`: each utterance
    is said again, apart; `concurrency`: requests at once, the verdict is of the first level.
    Method: rounds are added from `least` to `most` until all is decided or `budget` seconds are spent; `threads`
    0 means as many as this process may use; `time_limit` is in seconds, for one process; `warmup` is the most
    turns that warm a process up. `seed` is the workload's; `order_seed` draws the order of the sides, and is drawn
    itself where it is None. `resident`: both sides stay loaded and speak in turn, in two pairs of processes, which
    must agree beyond `floor`, the noise floor as ratio - 1; `budget` is then that of the whole run.
    Race: a run whose speedup is for sure below `worth` ends at the analysis that finds it, and so does one that is
    decided otherwise than faster: it has lost. One in which a patch under test never runs ends before its first
    round. While undecided it makes `always` so many rounds, however long they
    take. It goes on from `earlier` runs, by pair of resident processes, whose rounds count.
    """

    python: str = ""
    against: str = ""
    against_itself: bool = False
    texts: tuple[str, ...] = ()
    text_set: TextSet = TextSet.SHORT
    size: Size = Size.TINY
    weights: str = RANDOM
    chosen: ChosenWeights = field(default_factory=ChosenWeights)
    prompt_audio: Path | None = None
    prompt_text: str = ""
    hot: bool = False
    stream: bool = False
    concurrency: tuple[int, ...] = (1,)
    least: int = 5
    most: int = 40
    budget: float = 600.0
    resident: bool = False
    floor: float = RESIDENT_FLOOR
    worth: float = 0.0
    always: int = 0
    earlier: tuple[Line, ...] = ()
    warmup: int = 3
    threads: int = 0
    seed: int = 0
    order_seed: int | None = None
    time_limit: float = 600.0
    limits: Limits = field(default_factory=Limits)
    save_audio: Path | None = None
    profile: Path | None = None
    recogniser: RecogniserChoice | None = None

    @property
    def weights_word(self) -> str:
        """The weights in a word, as results have it: `random`, `mixed`, `found`, `given`."""
        if self.weights == RANDOM:
            return Kind.MIXED.value if self.chosen.real else RANDOM
        return FOUND if self.weights == FOUND else "given"


@dataclass(frozen=True, slots=True)
class WatchedEdit:
    """Lines `first` to `last` (1-based, inclusive) of a file as planned, and whose patch they are.

    `counts` is False for an edit that runs by itself when its file is imported, such as an import
    statement: that it ran does not show that the patch did anything.
    """

    id: str
    patch: str
    first: int
    last: int
    counts: bool = True


@dataclass(frozen=True, slots=True)
class WatchedFile:
    """A file whose code must be the code that runs: path in the snapshot, module, SHA-256 in hex."""

    path: str
    module: str
    sha256: str
    edits: tuple[WatchedEdit, ...] = ()


@dataclass(frozen=True, slots=True)
class BenchSetup:
    """One comparison laid out in `work`, a new folder of its own: two snapshots and the workload that runs there.

    `import_paths` are relative to a snapshot. `watched` are the files of each side whose code must be the code
    that runs. Speedup and verdict are of the first of the `scenarios`; the others follow in the same process.
    The one called `HOT` says utterances again.
    """

    work: Path
    workload: Path
    import_paths: tuple[str, ...]
    scenarios: tuple[Scenario, ...]
    warmup_utterances: tuple[Utterance, ...] = ()
    watched: Mapping[Side, tuple[WatchedFile, ...]] = field(default_factory=dict)

    @property
    def scratch(self) -> Path:
        """The folder that all processes share: what `prepare` writes there, both sides load."""
        return self.work / "scratch"

    @property
    def weights(self) -> Path:
        """The folder in which published weights that were found lie as links."""
        return self.scratch / "weights"

    @property
    def traced(self) -> tuple[Utterance, ...]:
        """The first utterance, and one in another voice: some code runs for a second voice only."""
        first, *others = self.scenarios[0].utterances
        again = replace(first, id=f"{first.id}-again", voice=first.voice + 1)
        return first, next((other for other in others if other.voice != first.voice), again)

    def snapshot(self, side: Side) -> Path:
        """The root of one side's snapshot."""
        return self.work / side.value

    def files(self, side: Side) -> tuple[WatchedFile, ...]:
        """The files of one side whose code must be the code that runs."""
        return self.watched.get(side, ())
