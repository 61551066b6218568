"""Measures every system once: `all_systems.py aa|real CLONES INTERPRETERS RESULTS [NAME ...]`.

CLONES holds git clones by upstream's names (F5-TTS, CosyVoice, ...), INTERPRETERS an environment a system as
`make environment` makes them (`f5-tts/bin/python`). `aa`: size tiny, the tree against itself, until decided or
BUDGET seconds are spent. `real`: the published size with the patches that a CPU can use, one round: once a side,
no verdict. The JSON of each run goes to RESULTS, and is not measured again while it is there; the table of all
that RESULTS holds goes to standard output. NAMEs choose among the runs.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

BUDGET = 200
GIB = 1024**3
OPTIONS = {
    "aa": ("--aa", "--budget", str(BUDGET)),
    "real": ("--size", "real", "--rounds", "1", "--effect", "lossy", "--all", "--device", "cpu"),
}
HEADS = {
    "aa": (
        "| run | version | rounds | RTF | ratio (95 %) | noise floor | CPU s a round | what came out |",
        "|---|---|---:|---:|---|---:|---:|---|",
    ),
    "real": (
        "| run | version | patches | RTF before / after | CPU s | audio s | load s | peak GiB | what came out |",
        "|---|---|---|---|---|---:|---|---|---|",
    ),
}


@dataclass(frozen=True)
class Run:
    """One row: the system, its clone, the commit where it is not the newest, and what chooses a model in it."""

    name: str
    system: str
    clone: str
    ref: str = "HEAD"
    variables: dict[str, str] = field(default_factory=dict)
    options: tuple[str, ...] = ()


RUNS = (
    Run("f5-tts", "f5-tts", "F5-TTS"),
    # Its speech is the input: long, or the figure is of what is done once a call.
    Run("step-audio", "step-audio", "Step-Audio-EditX", options=("--texts", "long")),
    *(
        Run(f"cosyvoice-{number}", "cosyvoice", "CosyVoice", variables={"TTSOPT_COSYVOICE": number})
        for number in "123"
    ),
    Run("gpt-sovits-v2", "gpt-sovits", "GPT-SoVITS"),
    Run("mockingbird", "mockingbird", "MockingBird"),
    Run("index-tts-1.5", "index-tts", "index-tts", ref="v1.5.0"),
    Run("index-tts-2.5", "index-tts", "index-tts"),
)


def main(mode: str, clones: str, interpreters: str, results: str, *names: str) -> int:
    """Measure what is missing, then print the table; 1 where a run failed."""
    folder, failed = Path(results), 0
    folder.mkdir(parents=True, exist_ok=True)
    for run in RUNS:
        if (not names or run.name in names) and not saved(folder, mode, run).exists():
            failed += measure(mode, run, Path(clones), Path(interpreters), folder)
    print("\n".join((*HEADS[mode], *rows(folder, mode))))
    return 1 if failed else 0


def saved(folder: Path, mode: str, run: Run) -> Path:
    """Where a run's result is, or will be."""
    return folder / f"{run.name}.{mode}.json"


def measure(mode: str, run: Run, clones: Path, interpreters: Path, folder: Path) -> bool:
    """One benchmark, on a checkout of its own; whether it failed (the reason is on standard error)."""
    checkout = folder / "checkouts" / run.name
    if not checkout.exists() and not check_out(clones / run.clone, run.ref, checkout):
        return True
    python = interpreters.absolute() / run.system / "bin" / "python"
    command = [sys.executable, "-m", "ttsopt", "bench", str(checkout), "--rtf", "--threads", "1"]
    command += ["--system", run.system, "--python", str(python), "--time-limit", "3600"]
    command += [*OPTIONS[mode], *run.options, "--save", str(saved(folder, mode, run))]
    print(f"{run.name}: {' '.join(command[2:])}", file=sys.stderr)
    done = subprocess.run(command, env=os.environ | run.variables, stdout=sys.stderr, check=False)
    return done.returncode != 0


def check_out(clone: Path, ref: str, checkout: Path) -> bool:
    """True if a clone's commit could be laid out; what git says against it is on standard error."""
    commands = (
        ["git", "clone", "--quiet", "--shared", str(clone), str(checkout)],
        ["git", "-C", str(checkout), "checkout", "--quiet", ref],
    )
    return all(subprocess.run(command, check=False).returncode == 0 for command in commands)


def rows(folder: Path, mode: str) -> Iterator[str]:
    """A row a result, in the order of RUNS."""
    for run in RUNS:
        if saved(folder, mode, run).exists():
            data = json.loads(saved(folder, mode, run).read_bytes())
            cells = of_itself(data) if mode == "aa" else of_both_sides(data)
            yield f"| {' | '.join((run.name, data['version'], *cells))} |"


def of_itself(data: dict[str, Any]) -> Iterator[str]:
    """Return what the tree against itself shows."""
    yield str(data["speedup"]["rounds"])
    yield f"{data['before']['rtf']:.3f}"
    yield ratio(data)
    floor = data["noise_floor"]
    yield "?" if floor is None else f"{floor:.1%}" if floor < 1 else "over 100 %"
    yield f"{data['before']['cpu_seconds']:.2f}"
    yield outputs(data)


def of_both_sides(data: dict[str, Any]) -> Iterator[str]:
    """One round, without a verdict."""
    sides = data["before"], data["after"]
    yield ", ".join(row.partition("/")[2] for row in data["patches"]) or "none"
    yield " / ".join(f"{side['rtf']:.3f}" for side in sides)
    yield " / ".join(f"{side['cpu_seconds']:.1f}" for side in sides)
    yield f"{sides[0]['audio_seconds']:.1f}"
    yield " / ".join(f"{side['load_seconds']:.0f}" for side in sides)
    yield " / ".join(f"{(side['peak_memory'] or 0) / GIB:.1f}" for side in sides)
    yield outputs(data)


def ratio(data: dict[str, Any]) -> str:
    """The speedup with its interval, and the verdict."""
    low, high = data["speedup"]["interval"]
    bounds = f"{low:.3f} to {'?' if high is None else f'{high:.3f}'}"
    return f"{data['speedup']['value']:.3f}x ({bounds}), {data['verdict']}"


def outputs(data: dict[str, Any]) -> str:
    """Equal bits, or how far apart the utterances are."""
    return ", ".join(dict.fromkeys(map(output, data["outputs"])))


def output(row: dict[str, Any]) -> str:
    """One utterance."""
    if row["equal"]:
        return "equal bits"
    if row["token_agreement"] is not None:
        return f"{row['token_agreement']:.1%} of tokens equal"
    if row["mel_db"] is None:
        return f"duration x {row['duration_ratio']:.3g}"
    return f"log-mel {row['mel_db']:.2f} dB"


if __name__ == "__main__":
    if len(sys.argv) < 5 or sys.argv[1] not in OPTIONS:  # noqa: PLR2004
        sys.exit(__doc__)
    sys.exit(main(*sys.argv[1:]))
