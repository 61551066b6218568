"""Planning all patches of a system, in fresh processes that have started up, and the peak memory of `ttsopt plan`.

Seconds are held against the start of a Python with typer and rich, in turn with it, as machines differ by two
(docs/decisions/0046-planning-against-a-start.md). TTSOPT_UPSTREAMS names a folder of clones or bare repositories:
the one is taken whose plan takes longest. Without it, the sample checkout is.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from ttsopt.bench.stats.statistics import geometric_estimate

ROUNDS = 15
STARTS = 6.0
START = [sys.executable, "-c", "import typer, rich"]
BYTES = 100_000_000
SAMPLE = Path(__file__).parents[1] / "patches" / "sample" / "checkout"
NONE = "the sample checkout (TTSOPT_UPSTREAMS names no upstream that has patches)"
# Prints how many patches there are and the seconds of the first plan: nothing of it is in a cache of the process.
PLAN = """
import sys, time
from pathlib import Path
from ttsopt.cli.main import collect_garbage_seldom
from ttsopt.domain.effect import Effect
from ttsopt.errors import RefusedError
from ttsopt.operations.locate import Target
from ttsopt.operations.plan.selection import Selection
from ttsopt.operations.planning import PlanRequest, make_plan
choice = Selection(effect=Effect.LOSSY, everything=True)
request = PlanRequest(Target(Path(sys.argv[1]), all_roots=True), choice)
collect_garbage_seldom()
start = time.perf_counter()
try:
    count = len(make_plan(request).plan.patches)
except RefusedError as error:
    if error.code != "no-system":
        raise
    count = 0
print(count, time.perf_counter() - start)
"""


def main() -> int:
    """Print the seconds with their interval and the memory; 1 where one is over its budget."""
    with tempfile.TemporaryDirectory() as folder:
        checkout, what = slowest(Path(folder).resolve())
        taken = [(planning_seconds(checkout)[1], start_seconds()) for _ in range(ROUNDS)]
        peak = peak_bytes(
            ["plan", str(checkout), "--effect", "lossy", "--all", "--all-roots", "--json"]
        )
    ratio = geometric_estimate([plan / start for plan, start in taken])
    kept = ratio.interval.high <= STARTS and peak <= BYTES
    seconds = statistics.median(plan for plan, _ in taken)
    memory = f"{peak / 1e6:.0f} MB" if peak else "not measured on this system"
    print(
        f"planning: {ratio.value:.2f}x ({ratio.interval.low:.2f} to {ratio.interval.high:.2f}) of a start with "
        f"typer and rich, {seconds * 1000:.0f} ms, beyond start-up for {what}, peak memory {memory}, budget "
        f"{STARTS:g}x and {BYTES / 1e6:.0f} MB over {ROUNDS} rounds: "
        f"{'kept' if kept else 'EXCEEDED'}"
    )
    return 0 if kept else 1


def slowest(folder: Path) -> tuple[Path, str]:
    """The checkout whose plan takes longest, and how to call it."""
    tried = [
        (checkout, [planning_seconds(checkout) for _ in range(3)]) for checkout in trees(folder)
    ]
    choices = [
        (statistics.median(seconds for _, seconds in runs), checkout, runs[0][0])
        for checkout, runs in tried
        if runs[0][0]
    ]
    if not choices:
        return SAMPLE, NONE
    _, checkout, count = max(choices)
    return checkout, f"{count} {'patches' if count > 1 else 'patch'} of {checkout.name}"


def trees(folder: Path) -> Iterator[Path]:
    """The default branch of every upstream, laid out as plain files; one that a partial clone lacks is empty."""
    upstreams = os.environ.get("TTSOPT_UPSTREAMS")
    for repository in sorted(Path(upstreams).resolve().iterdir()) if upstreams else []:
        listed = git(repository, "ls-tree", "-r", "-z", "HEAD").decode("utf-8", "surrogateescape")
        for row in filter(None, listed.split("\0")):
            mode, kind, blob, name = row.replace("\t", " ", 1).split(" ", 3)
            if kind == "blob" and mode != "120000":
                path = folder / repository.name / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(git(repository, "cat-file", "blob", blob))
        if listed:
            yield folder / repository.name


def git(repository: Path, *arguments: str) -> bytes:
    """Return what git answers; nothing where it has no answer."""
    command = ["git", "-C", str(repository), *arguments]
    done = subprocess.run(
        command, capture_output=True, check=False, env={**os.environ, "GIT_NO_LAZY_FETCH": "1"}
    )
    return done.stdout if done.returncode == 0 else b""


def planning_seconds(checkout: Path) -> tuple[int, float]:
    """How many patches there are for a checkout, and the seconds that a fresh process plans them in."""
    command = [sys.executable, "-c", PLAN, str(checkout)]
    # What is installed has its bytecode; the first tries of `slowest` write it.
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": ""}
    done = subprocess.run(command, capture_output=True, check=True, env=environment)
    count, seconds = done.stdout.split()
    return int(count), float(seconds)


def start_seconds() -> float:
    """Wall seconds of a Python that imports what a command line like this one does, from start to exit."""
    start = time.perf_counter()
    subprocess.run(START, check=True)
    return time.perf_counter() - start


def peak_bytes(arguments: list[str]) -> int:
    """Peak resident bytes of a `ttsopt` process; 0 where the system does not tell."""
    process = subprocess.Popen(
        [sys.executable, "-m", "ttsopt", *arguments], stdout=subprocess.DEVNULL
    )
    if sys.platform == "win32":
        process.wait()
        return 0
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, process.args)
    return usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)


if __name__ == "__main__":
    sys.exit(main())
