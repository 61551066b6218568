"""Discovery of a checkout of 100,000 files against one bare walk of the same tree, in turn."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from ttsopt.bench.stats.statistics import geometric_estimate
from ttsopt.catalog.load import load_catalogue
from ttsopt.discovery.find import find_systems
from ttsopt.discovery.walk import SKIPPED
from ttsopt.domain.system import System

ROUNDS = 41
BUDGET = 1.5
SYSTEM = "step-audio"
# Folder, how many files, how many to a sub-folder, how they are called. What discovery enters comes first.
PARTS = (
    ("data/wavs", 60_000, 6_000, "utterance_{:06}.wav"),
    ("output/features", 5_000, 500, "{:05}.npy"),
    ("pretrained_models", 400, 20, "model-{:03}.safetensors"),
    ("third_party/source/package", 4_600, 12, "module_{}.py"),
    (".git/objects", 20_000, 78, "{:038x}"),
    ("webui/node_modules", 7_000, 14, "index_{}.js"),
    ("third_party/source/__pycache__", 2_000, 2_000, "module_{}.cpython-311.pyc"),
    (".cache/huggingface", 1_000, 50, "{:04x}.lock"),
)


def main() -> int:
    """Print medians and the ratio; 1 where the ratio's interval is not below the budget."""
    systems = load_catalogue().systems
    with tempfile.TemporaryDirectory() as folder:
        top = Path(folder).resolve()
        count = lay_out(top, next(one for one in systems if one.id == SYSTEM))
        (found,) = find_systems(top, systems)
        if (found.system.id, found.version.source) != (SYSTEM, "git"):
            message = f"found {found.system.id} with its version by {found.version.source}"
            raise RuntimeError(message)
        pairs = measure(lambda: bare_walk(top), lambda: find_systems(top, systems))
    ratio = geometric_estimate([after / before for before, after in pairs])
    walk, discovery = (statistics.median(side) * 1000 for side in zip(*pairs, strict=True))
    kept = ratio.interval.high <= BUDGET
    print(
        f"discovery: {discovery:.1f} ms for {count} files, a bare walk {walk:.1f} ms: {ratio.value:.2f}x "
        f"({ratio.interval.low:.2f} to {ratio.interval.high:.2f}), budget {BUDGET}x over {ROUNDS} rounds: "
        f"{'kept' if kept else 'EXCEEDED'}"
    )
    return 0 if kept else 1


def lay_out(top: Path, system: System) -> int:
    """Make the checkout, a git repository with one system in it; gives the number of its files."""
    for file in system.layouts[0].files:
        path = top / file.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("".join(f"{one}: ...\n" for one in file.defines), encoding="utf-8")
    who = ("-c", "user.name=nobody", "-c", "user.email=nobody@localhost", "-c", "commit.gpgsign=no")
    for command in (("init", "-q"), ("add", "."), (*who, "commit", "-q", "-m", "first")):
        subprocess.run(["git", "-C", str(top), *command], check=True)
    for folder, count, at_once, name in PARTS:
        for number in range(count):
            below = top / folder / f"{number // at_once:02x}"
            if number % at_once == 0:
                below.mkdir(parents=True, exist_ok=True)
            (below / name.format(number)).touch()
    return sum(len(files) for _, _, files in os.walk(top))


def bare_walk(top: Path) -> int:
    """Enter every folder that discovery may enter and do nothing there; gives the number of entries seen."""
    seen, waiting = 0, [os.fspath(top)]
    while waiting:
        with os.scandir(waiting.pop()) as entries:
            for entry in entries:
                seen += 1
                if entry.is_dir(follow_symlinks=False) and entry.name not in SKIPPED:
                    waiting.append(entry.path)
    return seen


def measure(before: Callable[[], object], after: Callable[[], object]) -> list[tuple[float, float]]:
    """Wall seconds of both, one pair a round; which goes first alternates. The first round fills caches."""
    pairs = []
    for number in range(ROUNDS + 1):
        if number % 2:
            second, first = seconds(after), seconds(before)
        else:
            first, second = seconds(before), seconds(after)
        pairs.append((first, second))
    return pairs[1:]


def seconds(call: Callable[[], object]) -> float:
    """Wall seconds of one call."""
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


if __name__ == "__main__":
    sys.exit(main())
