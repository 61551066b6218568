"""Start-up of `ttsopt --help` and `ttsopt status` against importing typer and rich, in turn."""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time

ROUNDS = 31
BUDGET = 2.0
BASELINE = "import typer, rich"
COMMANDS = {
    BASELINE: [sys.executable, "-c", "import typer, rich"],
    "ttsopt --help": [sys.executable, "-m", "ttsopt", "--help"],
    "ttsopt status": [sys.executable, "-m", "ttsopt", "status"],
}


def seconds(command: list[str], folder: str) -> float:
    """Wall seconds of one run, from start to exit."""
    start = time.perf_counter()
    subprocess.run(command, cwd=folder, stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - start


def main() -> int:
    """Print medians and ratios per round; 1 where a ratio is over the budget."""
    times: dict[str, list[float]] = {name: [] for name in COMMANDS}
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(ROUNDS + 1):
            for name, command in COMMANDS.items():
                times[name].append(seconds(command, folder))
    worst = 0.0
    for name, found in times.items():
        counted = found[1:]  # the first round fills caches
        ratio = statistics.median(a / b for a, b in zip(counted, times[BASELINE][1:], strict=True))
        worst = max(worst, ratio)
        print(f"{name:20} {statistics.median(counted) * 1000:7.1f} ms  {ratio:.2f}x")
    print(f"budget {BUDGET}x over {ROUNDS} rounds: {'kept' if worst <= BUDGET else 'EXCEEDED'}")
    return 0 if worst <= BUDGET else 1


if __name__ == "__main__":
    sys.exit(main())
