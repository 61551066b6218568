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
    """Print medians of the times and of the ratios per round; 1 where a ratio is over the budget."""
    times: dict[str, list[float]] = {name: [] for name in COMMANDS}
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(ROUNDS + 1):
            for name, command in COMMANDS.items():
                times[name].append(seconds(command, folder))
    counted = {name: found[1:] for name, found in times.items()}  # the first round fills caches
    base = counted.pop(BASELINE)
    ratios = {
        name: statistics.median(a / b for a, b in zip(found, base, strict=True))
        for name, found in counted.items()
    }
    kept = max(ratios.values()) <= BUDGET
    shown = ", ".join(
        f"{name} {statistics.median(counted[name]) * 1000:.0f} ms ({ratio:.2f}x)"
        for name, ratio in ratios.items()
    )
    print(
        f"start-up: {shown}; {BASELINE} {statistics.median(base) * 1000:.0f} ms, budget {BUDGET}x over "
        f"{ROUNDS} rounds: {'kept' if kept else 'EXCEEDED'}"
    )
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
