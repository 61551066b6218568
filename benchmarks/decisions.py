"""How often a benchmark decides wrongly, what its interval holds, and what it needs: docs/results/decisions.md.

`decisions.py [FILE [RUNS]]` prints tables in Markdown. Runs are simulated with normal noise, and drawn from rounds
of the sample against itself that record_rounds.py has written to FILE; `decide` judges them, as in `ttsopt bench`.
"""

from __future__ import annotations

import itertools
import json
import math
import statistics
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from simulated_gates import between_rows, gate_head, gate_rows, recording
from simulated_pairs import pair_head, pair_rows
from simulated_runs import Source, Tally, drawn, normal, peeking, stretches, tally

from ttsopt.bench.stats.sequential import FALSE_ALARMS, InterimPlan, interim_plan, noise_floor
from ttsopt.bench.stats.statistics import geometric_estimate, log_mean
from ttsopt.domain.measurement import Verdict

RECORDED = Path(__file__).parents[1] / "docs" / "results" / "sample-rounds.json"
RUNS = 20000
PLAN = interim_plan(5, 40)
PLANS = (PLAN, interim_plan(5, 100), interim_plan(3, 20), interim_plan(5, 5))
NOISES = (0.005, 0.01, 0.02, 0.05, 0.1)
EFFECTS = (1.0, 1.01, 1.02, 1.03, 1.05, 1.1, 1.5)
BUDGETS = (5, 10, 20, 40, 80, 160, 320, 640, 1280, 2560)
FOUND = 0.95
COVERED = 0.93, 0.97


def wilson(count: int, runs: int) -> tuple[float, float]:
    """The 95 % interval of a share."""
    z, part = 1.959964, count / runs
    middle = (part + z * z / (2 * runs)) / (1 + z * z / runs)
    half = z / (1 + z * z / runs) * math.sqrt(part * (1 - part) / runs + (z / (2 * runs)) ** 2)
    return max(middle - half, 0.0), middle + half


def share(count: int, runs: int) -> str:
    """In percent, with its interval."""
    low, high = wilson(count, runs)
    return f"{count / runs:.2%} ({low:.2%} to {high:.2%})"


def table(title: str, head: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """In Markdown, each row as it is found."""
    print(f"\n**{title}**\n\n| {' | '.join(head)} |\n|{' --- |' * len(head)}")
    for row in rows:
        print(f"| {' | '.join(map(str, row))} |", flush=True)


def main(arguments: list[str]) -> int:
    """Print all tables; 1 where a bound is broken."""
    data = json.loads((Path(arguments[0]) if arguments else RECORDED).read_text())
    runs = int(arguments[1]) if arguments[1:] else RUNS
    wall, cpu = ([math.log(row[at] / row[at + 1]) for row in data["rounds"]] for at in (0, 2))
    seconds = data["seconds"] / len(wall)
    table("Recorded", *recorded(wall, cpu, seconds))
    sources = {f"normal, {noise:.1%}": normal(noise) for noise in NOISES}
    real = {
        "recorded, drawn": drawn(centred(wall)),
        "recorded, CPU time, drawn": drawn(centred(cpu)),
    }
    kept = false_alarms({**sources, **real}, runs)
    kept &= false_alarms(
        {"recorded, in order, from every round on": stretches(centred(wall))}, len(wall)
    )
    print(f"\nFor comparison, at 95 % and looked at after each of 40 rounds: {peeks(runs // 5)}.")
    kept &= coverage({**sources, **real}, runs // 5)
    power({**sources, **real}, max(runs // 20, 20), seconds)
    kept &= gates(data, runs // 5)
    title = f"Resident: equal sides, and effects, by the bias of a pair of processes: {runs // 10} runs each"
    table(title, pair_head(), pair_rows(runs // 10, share))
    return 0 if kept else 1


def gates(data: dict[str, Any], runs: int) -> bool:
    """Every gate whose figure has noise; true if their errors within a run are as seldom as is promised."""
    clocks = {
        name: recording(data["rounds"], data["runs"], at) for name, at in (("wall", 0), ("CPU", 2))
    }
    rows = list(gate_rows(clocks["wall"], clocks["CPU"], runs, share))
    title = f"Gates with the limit at the truth, so that every decision is wrong: {runs} runs each"
    table(title, gate_head(), (row for row, _ in rows))
    head = ["RTF by", "highest / lowest run", "deviation of runs"]
    head += ["pairs apart at 99 %, rounds independent", "rounds alike"]
    table("Between recorded runs of the same code on one machine", head, between_rows(clocks))
    return all(kept for _, kept in rows)


def centred(logs: Sequence[float]) -> list[float]:
    """Less their mean, so that the truth is known."""
    mean = math.fsum(logs) / len(logs)
    return [row - mean for row in logs]


def recorded(
    wall: Sequence[float], cpu: Sequence[float], seconds: float
) -> tuple[Sequence[str], list[Sequence[object]]]:
    """What the noise of the recording is like."""
    head = ["time", "rounds", "seconds a round", "before / after (95 %)", "noise"]
    head += ["correlation with the next round", "noise floor of the first 40"]
    return head, [
        [name, len(logs), f"{seconds:.2f}", *described(logs)]
        for name, logs in (("wall", wall), ("CPU", cpu))
    ]


def described(logs: Sequence[float]) -> list[str]:
    """The mean, the deviation, the correlation with the next round, the noise floor of the first 40."""
    found = geometric_estimate(ratios := [math.exp(row) for row in logs])
    rows = centred(logs)
    following = math.fsum(a * b for a, b in itertools.pairwise(rows)) / math.fsum(
        a * a for a in rows
    )
    deviation = log_mean(ratios).error * math.sqrt(len(logs))
    return [
        f"{found.value:.3f} ({found.interval.low:.3f} to {found.interval.high:.3f})",
        f"{deviation:.1%}",
        f"{following:+.2f}",
        f"{noise_floor(ratios[:40], PLAN):.1%}",
    ]


def false_alarms(sources: dict[str, Source], runs: int) -> bool:
    """Both sides equal: whether at most 1 % of runs end faster or slower, as far as chance can tell."""
    found = {
        name: [tally(source, plan, runs) for plan in PLANS] for name, source in sources.items()
    }
    head = ["noise", *map(shown, PLANS), f"same at {shown(PLAN)}", "after rounds"]
    rows = (
        [name, *(share(row.other, runs) for row in cells), *agreed(cells)]
        for name, cells in found.items()
    )
    table(
        f"False alarms: share of {runs} runs with equal sides that end faster or slower (95 %)",
        head,
        rows,
    )
    return all(
        wilson(row.other, runs)[0] <= FALSE_ALARMS for cells in found.values() for row in cells
    )


def peeks(runs: int) -> str:
    """The share of runs with equal sides that would be called different if one peeked."""
    return share(peeking(normal(0.1), runs), runs)


def agreed(cells: Sequence[Tally]) -> list[str]:
    """How many runs of the usual plan end `same`, and the mean of their rounds."""
    usual = cells[PLANS.index(PLAN)]
    return [
        f"{usual.verdicts[Verdict.SAME] / usual.runs:.1%}",
        f"{statistics.fmean(usual.rounds):.1f}",
    ]


def shown(plan: InterimPlan) -> str:
    """From where to where, and how often."""
    least, most = plan.rounds[0], plan.rounds[-1]
    return f"{least} to {most} rounds" if least < most else f"{most} rounds"


def coverage(sources: dict[str, Source], runs: int) -> bool:
    """How often the printed interval holds the truth where the run stopped: whether about 93 to 97 %."""
    found = {
        name: [
            {ratio: tally(source, plan, runs, ratio).held / runs for ratio in EFFECTS}
            for plan in PLANS
        ]
        for name, source in sources.items()
    }
    table(
        f"Coverage of the printed 95 % interval: least and most over speedups of "
        f"{', '.join(f'{ratio:g}x' for ratio in EFFECTS)}, {runs} runs each",
        ["noise", *map(shown, PLANS)],
        ([name, *map(extremes, cells)] for name, cells in found.items()),
    )
    spare = 3 * math.sqrt(COVERED[0] * (1 - COVERED[0]) / runs)
    all_of_them = [held for cells in found.values() for cell in cells for held in cell.values()]
    return COVERED[0] - spare <= min(all_of_them) and max(all_of_them) <= COVERED[1] + spare


def extremes(held: dict[float, float]) -> str:
    """Both with the speedup where they are found."""
    low, high = min(held, key=held.__getitem__), max(held, key=held.__getitem__)
    return f"{held[low]:.1%} (at {low:g}x) to {held[high]:.1%} (at {high:g}x)"


def power(sources: dict[str, Source], runs: int, seconds: float) -> None:
    """How many runs find a slowdown, by the rounds they are allowed."""
    for slower in (0.03, 0.05):
        rows = (
            [name, *power_row(source, slower, runs, seconds)] for name, source in sources.items()
        )
        head = ["noise", *map(str, BUDGETS), "95 % at", "of them used", "time allowed"]
        table(
            f"Runs that find a slowdown of {slower:.0%}, by the rounds allowed: {runs} runs each",
            head,
            rows,
        )


def power_row(source: Source, slower: float, runs: int, seconds: float) -> list[str]:
    """The share found for each budget, until all are; the least that finds 95 %, to a tenth."""
    ratio = 1 / (1 + slower)

    def found(most: int) -> tuple[float, float]:
        done = tally(source, interim_plan(min(5, most), most), runs, ratio)
        return done.verdicts[Verdict.SLOWER] / runs, statistics.fmean(done.rounds)

    cells: list[str] = []
    low, high = 2, 0
    for most in BUDGETS:
        share_found, _ = found(most)
        cells.append(f"{share_found:.0%}")
        if share_found >= FOUND:
            high = most
            break
        low = most
    cells += ["" for _ in BUDGETS[len(cells) :]]
    if not high:
        return [*cells, f"more than {low}", "", ""]
    while high > low * 1.05 + 1:
        middle = (low + high) // 2
        low, high = (low, middle) if found(middle)[0] >= FOUND else (middle, high)
    return [*cells, str(high), f"{found(high)[1]:.0f}", f"{high * seconds:.0f} s"]


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
