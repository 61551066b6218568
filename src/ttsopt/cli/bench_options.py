"""Options of `ttsopt bench` and `ttsopt demo`, each with its help."""

from __future__ import annotations

from enum import Enum
from pathlib import Path
from typing import Annotated

import typer

from ttsopt.domain.effect import Effect
from ttsopt.domain.measurement import Metric
from ttsopt.domain.model_size import Size
from ttsopt.domain.text_set import TextSet

ClaimedEffect = Annotated[
    Effect | None,
    typer.Option(
        "--effect",
        help="The strongest effect to take, and what a patch file of yours is judged by.",
        show_default="close",
    ),
]
Rtf = Annotated[bool, typer.Option("--rtf", help="The real-time factor as the headline.")]
MaxRtf = Annotated[
    float | None,
    typer.Option(
        "--max-rtf", help="Gate: the after side's RTF is at most this.", show_default=False
    ),
]
MinSpeedup = Annotated[
    float | None,
    typer.Option(
        "--min-speedup", help="Gate: before / after is at least this.", show_default=False
    ),
]
Python = Annotated[
    str, typer.Option("--python", metavar="EXE", help="The checkout's own interpreter.")
]
AgainstItself = Annotated[
    bool, typer.Option("--aa", help="The tree against itself: the noise floor.")
]
ModelSize = Annotated[
    Size | None,
    typer.Option(
        "--size",
        help="Random weights of this size: for CI, or the published configuration.",
        show_default=False,
    ),
]
Weights = Annotated[
    str,
    typer.Option(
        "--weights",
        metavar="found|random|DIR",
        help="Those that `ttsopt models` finds, random ones, or a model's folder.",
        show_default="found; random with --size",
    ),
]
Text = Annotated[
    list[str], typer.Option("--text", help="A text to speak instead of ttsopt's; repeats.")
]
MaxSlowdown = Annotated[
    float | None,
    typer.Option(
        "--max-slowdown",
        metavar="PERCENT",
        help="Gate: the after side is at most this much slower.",
        show_default=False,
    ),
]
MaxMemory = Annotated[
    float | None,
    typer.Option(
        "--max-memory",
        metavar="MIB",
        help="Gate: peak memory of the after side, of the GPU's where one is used.",
        show_default=False,
    ),
]
MaxLoad = Annotated[
    float | None,
    typer.Option(
        "--max-load",
        metavar="RATIO",
        help="Gate: loading and warm-up, after / before, at most this.",
        show_default=False,
    ),
]
MaxTtfa = Annotated[
    float | None,
    typer.Option(
        "--max-ttfa",
        metavar="SECONDS",
        help="Gate: the after side's time to first audio; with --stream.",
        show_default=False,
    ),
]
MaxP95 = Annotated[
    float | None,
    typer.Option(
        "--max-p95",
        metavar="SECONDS",
        help="Gate: the latency that 95 % of a round's requests do not exceed.",
        show_default=False,
    ),
]
ByMetric = Annotated[
    Metric, typer.Option("--metric", help="The clock that gates on speed are judged by.")
]


class Undecided(Enum):
    """How a gate counts that noise leaves open."""

    PASS = "pass"  # noqa: S105 - not a password
    FAIL = "fail"


CountUndecided = Annotated[
    Undecided | None,
    typer.Option(
        "--undecided",
        help="Count an undecided gate as passed or failed, not as exit 4.",
        show_default=False,
    ),
]
Against = Annotated[
    str,
    typer.Option(
        "--against",
        metavar="DIR|REF",
        help="Another folder or commit is the before side, the tree as it is the after side.",
        show_default=False,
    ),
]
Texts = Annotated[TextSet, typer.Option("--texts", help="Which of ttsopt's texts to speak.")]
TextFile = Annotated[
    Path | None,
    typer.Option(
        "--text-file", metavar="FILE", help="Texts to speak, one a line.", show_default=False
    ),
]
PromptAudio = Annotated[
    Path | None,
    typer.Option("--prompt-audio", metavar="WAV", help="The voice to clone.", show_default=False),
]
PromptText = Annotated[
    str, typer.Option("--prompt-text", help="What is said in --prompt-audio.", show_default=False)
]
Recogniser = Annotated[
    str,
    typer.Option(
        "--recogniser",
        metavar="EXE",
        help="An interpreter with funasr or faster-whisper: character error rate. Needs real weights.",
        show_default=False,
    ),
]
RecogniserModel = Annotated[
    str,
    typer.Option(
        "--recogniser-model",
        metavar="funasr:DIR|faster-whisper:DIR",
        help="The recogniser's library, and the folder of its model: then it needs no network.",
        show_default="FunASR's paraformer-zh, downloaded",
    ),
]
MaxCerIncrease = Annotated[
    float | None,
    typer.Option(
        "--max-cer-increase",
        metavar="POINTS",
        help="Gate: the character error rate rises by at most so many percentage points; with --recogniser.",
        show_default=False,
    ),
]
Rounds = Annotated[
    int | None,
    typer.Option(
        "--rounds",
        min=1,
        max=1000,
        help="So many pairs of fresh processes; by default 5 to 40, until all is decided.",
        show_default=False,
    ),
]
Budget = Annotated[
    float, typer.Option("--budget", metavar="SECONDS", help="No new round once they are spent.")
]
Resident = Annotated[
    bool,
    typer.Option(
        "--resident",
        help="Keep both sides loaded and speak in turn: a verdict at the published size in minutes.",
    ),
]
Floor = Annotated[
    float,
    typer.Option(
        "--floor",
        metavar="PERCENT",
        min=0,
        help="Noise floor that both pairs of --resident must be beyond; --aa --resident measures it.",
    ),
]
Hot = Annotated[
    bool,
    typer.Option("--hot", help="Say each text once more, in rows of their own: caches are warm."),
]
Stream = Annotated[bool, typer.Option("--stream", help="Speak in chunks; time to first audio.")]
Concurrency = Annotated[
    str,
    typer.Option(
        "--concurrency",
        metavar="N[,N...]",
        help="Requests at once, to one process; of several levels, the verdict is of the first.",
    ),
]
Each = Annotated[
    bool, typer.Option("--each", help="Every patch alone, all but it, and all together.")
]
Explain = Annotated[
    bool, typer.Option("--explain", help="Say what is measured, and with which stubs; run nothing.")
]
ProfileFolder = Annotated[
    Path | None,
    typer.Option(
        "--profile",
        metavar="DIR",
        help="Also profile one call of either side; files for other tools go there.",
        show_default=False,
    ),
]
DemoRounds = Annotated[int, typer.Option("--rounds", min=1, max=1000, help="Pairs of processes.")]
Threads = Annotated[
    int, typer.Option("--threads", min=0, help="CPU threads; 0: all that may be used.")
]
Seed = Annotated[int, typer.Option("--seed", help="Seed of what the system draws at random.")]
TimeLimit = Annotated[
    float, typer.Option("--time-limit", min=1, help="Seconds for one worker process.")
]
Save = Annotated[
    Path | None,
    typer.Option("--save", metavar="FILE", help="Write the result as JSON.", show_default=False),
]
Report = Annotated[
    Path | None,
    typer.Option(
        "--report",
        metavar="FILE",
        help="Write the result as Markdown; as HTML where FILE ends with .html.",
        show_default=False,
    ),
]
SaveAudio = Annotated[
    Path | None,
    typer.Option(
        "--save-audio", metavar="DIR", help="Keep what came out of both sides.", show_default=False
    ),
]
Keep = Annotated[
    Path | None,
    typer.Option("--keep", metavar="DIR", help="Leave the checkout there.", show_default=False),
]
