"""Records rounds of the sample checkout against itself: `record_rounds.py [ROUNDS [FILE]]`.

Each run is a real `ttsopt bench --aa`; runs follow each other until there are enough rounds, and the file is
written after each. It feeds decisions.py, which tells how often ttsopt decides wrongly at the noise found here.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

TOP = Path(__file__).parents[1]
SAMPLE = TOP / "patches" / "sample" / "checkout"
RECORDED = TOP / "docs" / "results" / "sample-rounds.json"
ROUNDS, PER_RUN = 600, 40
OPTIONS = ["--rtf", "--aa", "--threads", "1", "--text", "Hi.", "--rounds", str(PER_RUN)]


def main(arguments: list[str]) -> int:
    """Record at least so many rounds."""
    least = int(arguments[0]) if arguments else ROUNDS
    file = Path(arguments[1]) if arguments[1:] else RECORDED
    start = time.monotonic()
    runs: list[dict[str, Any]] = []
    while (count := sum(len(run["rounds"]) for run in runs)) < least:
        runs.append(one_run())
        write(file, runs, time.monotonic() - start)
        print(f"{count + len(runs[-1]['rounds'])} of {least} rounds", file=sys.stderr)
    return 0


def one_run() -> dict[str, Any]:
    """The data of one benchmark, which has to succeed."""
    command = [sys.executable, "-m", "ttsopt", "bench", str(SAMPLE), *OPTIONS, "--json"]
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    if answer.returncode:
        raise SystemExit(f"{answer.stderr}{answer.stdout}")
    data: dict[str, Any] = json.loads(answer.stdout)["data"]
    return data


def write(file: Path, runs: list[dict[str, Any]], seconds: float) -> None:
    """One line per round: RTF before and after, CPU seconds before and after, whether before ran first."""
    rows = [
        json.dumps(row(*pair))
        for run in runs
        for pair in zip(run["rounds"], run["order"], strict=True)
    ]
    head = {
        "command": " ".join(["ttsopt", "bench", "patches/sample/checkout", *OPTIONS]),
        "machine": runs[0]["environment"]["machine"],
        "recorded": time.strftime("%Y-%m-%d", time.gmtime()),
        "seconds": round(seconds),
        "runs": [len(run["rounds"]) for run in runs],
        "columns": [
            "rtf_before",
            "rtf_after",
            "cpu_seconds_before",
            "cpu_seconds_after",
            "before_first",
        ],
    }
    lines = ",\n  ".join(rows)
    file.write_text(f'{json.dumps(head, indent=1)[:-2]},\n "rounds": [\n  {lines}\n ]\n}}\n')


def row(round_: dict[str, Any], order: list[str]) -> list[float]:
    """Of one round."""
    sides = round_["before"], round_["after"]
    rtf = [float(f"{side['rtf']:.5g}") for side in sides]
    cpu = [round(sum(spoken["cpu_seconds"] for spoken in side["utterances"]), 4) for side in sides]
    return [*rtf, *cpu, int(order[0] == "before")]


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
