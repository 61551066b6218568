"""Options of `ttsopt bench` and `ttsopt demo`, each with its help."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ttsopt.domain.model_size import Size

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
    Size, typer.Option("--size", help="Of random weights: for CI, or the published configuration.")
]
Weights = Annotated[
    str, typer.Option("--weights", metavar="random|DIR", help="Random, or a model's folder.")
]
Text = Annotated[
    list[str], typer.Option("--text", help="A text to speak instead of ttsopt's; repeats.")
]
Rounds = Annotated[int, typer.Option("--rounds", min=1, max=1000, help="Pairs of fresh processes.")]
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
        "--report", metavar="FILE", help="Write the result as Markdown.", show_default=False
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
