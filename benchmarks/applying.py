"""Applying and rolling back, flushed to disk, against `git apply` of the same diff and the start of Python.

TTSOPT_UPSTREAMS names a folder of clones or bare repositories, each of which is tried; without it, the sample
checkout is. "The start of Python" is that of a process which imports what a command line like this one does. The
budget is for the same diff, there and back. Beside it stand the diff without git's ids, whose results have to be
seen to parse, and finding it, by patches of the catalogue, which has a budget of its own (planning.py).
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from planning import SAMPLE, trees

from ttsopt.bench.stats.statistics import geometric_estimate
from ttsopt.domain.measurement import Estimate

ROUNDS = 11
BUDGET = 3.0
TTSOPT = [sys.executable, "-m", "ttsopt"]
START = [sys.executable, "-c", "import typer, rich"]
NAMES = ("diff", "rollback", "without ids", "catalogue")
OPTIONS = ["--all-roots", "--all"]


def main() -> int:
    """Print both ratios with their intervals for every checkout; 1 where one is over the budget."""
    with tempfile.TemporaryDirectory() as folder:
        top = Path(folder).resolve()
        os.environ["TTSOPT_STATE_HOME"] = str(top / "state-home")
        kept = [within for tree in checkouts(top / "trees") for within in measure(tree, top)]
    return 0 if kept and all(kept) else 1


def checkouts(folder: Path) -> Iterator[Path]:
    """Real trees under git, or the sample."""
    if os.environ.get("TTSOPT_UPSTREAMS"):
        yield from trees(folder)
    else:
        yield Path(shutil.copytree(SAMPLE, folder / "sample"))


def measure(tree: Path, top: Path) -> Iterator[bool]:
    """Print the figures, and tell whether the two of the same diff are kept; nothing where no patch applies."""
    diff = top / f"{tree.name}.diff"
    planned = subprocess.run(
        [*TTSOPT, "plan", *OPTIONS, str(tree)], capture_output=True, check=False
    )
    diff.write_bytes(planned.stdout)
    if planned.returncode or not planned.stdout:
        return
    bare = diff.with_suffix(".bare")
    bare.write_bytes(re.sub(rb"^index .*\n", b"", planned.stdout, flags=re.MULTILINE))
    run(["git", "init", "--quiet"], tree)
    rounds = [one_round(tree, diff, bare) for _ in range(ROUNDS + 1)][1:]  # the first fills caches
    rows = {name: geometric_estimate([row.ratio(name) for row in rounds]) for name in NAMES}
    kept = max(rows[name].interval.high for name in ("diff", "rollback")) <= BUDGET
    times = ", ".join(
        f"{name} {geometric_estimate([row.times[name] for row in rounds]).value * 1000:.0f}"
        for name in rounds[0].times
    )
    print(
        f"applying to {tree.name}: the same diff {shown(rows['diff'])} of git apply and the start of Python, "
        f"rolling back {shown(rows['rollback'])}, budget {BUDGET}x over {ROUNDS} rounds: "
        f"{'kept' if kept else 'EXCEEDED'}; without its ids {shown(rows['without ids'])}, found by patches of the "
        f"catalogue {shown(rows['catalogue'])} "
        f"(ms: {times})"
    )
    yield kept


@dataclass(frozen=True, slots=True)
class Round:
    """Seconds of each command, by its name."""

    times: dict[str, float]

    def ratio(self, name: str) -> float:
        """One of them against git's way there or back, and the start of Python."""
        git = "git apply -R" if name == "rollback" else "git apply"
        return self.times[name] / (self.times[git] + self.times["start"])


def one_round(tree: Path, diff: Path, bare: Path) -> Round:
    """Everything once; the tree is as before."""
    commands = {
        "diff": [*TTSOPT, "apply", "--patch-file", str(diff)],
        "rollback": [*TTSOPT, "rollback"],
        "git apply": ["git", "apply", str(diff)],
        "git apply -R": ["git", "apply", "-R", str(diff)],
        "start": START,
        "without ids": [*TTSOPT, "apply", "--patch-file", str(bare)],
        "rollback of that": [*TTSOPT, "rollback"],
        "catalogue": [*TTSOPT, "apply", *OPTIONS],
    }
    times = {name: seconds(command, tree) for name, command in commands.items()}
    run([*TTSOPT, "rollback"], tree)
    return Round(times)


def seconds(command: list[str], folder: Path) -> float:
    """Wall seconds of one run, from start to exit."""
    start = time.perf_counter()
    run(command, folder)
    return time.perf_counter() - start


def run(command: list[str], folder: Path) -> None:
    """Run a command, which has to succeed."""
    subprocess.run(command, cwd=folder, stdout=subprocess.DEVNULL, check=True)


def shown(ratio: Estimate) -> str:
    """A ratio and its interval."""
    return f"{ratio.value:.2f}x ({ratio.interval.low:.2f} to {ratio.interval.high:.2f})"


if __name__ == "__main__":
    sys.exit(main())
