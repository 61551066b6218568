"""The top of a page of one comparison, or of the rows of `--each`: verdict, gain, cost, output."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ttsopt.bench.report.model import Fact, Summary
from ttsopt.bench.report.words import arrow, mib, output_words, ratio

Data = Mapping[str, Any]
# Of each verdict a word, and its tone.
VERDICTS = {
    "faster": ("Faster", "good"),
    "same": ("The same", ""),
    "slower": ("Slower", "bad"),
    "inconclusive": ("Not decided", "open"),
    "not_exercised": ("Not run", "bad"),
}
REAL_TIME = "seconds of work for a second of speech; below 1 is faster than real time"


def bench_summary(data: Data) -> Summary:
    """Return that of one comparison."""
    word, tone = VERDICTS[data["verdict"]]
    facts = (_gain(data), _cost(data), _output(data), *gates(data["gates"]))
    return Summary(word, _sentence(data), sure(data["speedup"]), facts, tone)


def sure(speedup: Data) -> str:
    """Say how sure a ratio is."""
    low, high = speedup["interval"]
    rounds = speedup["rounds"]
    count = f"{rounds} round{'s' * (rounds != 1)}"
    if high is None:
        return f"After {count} the ratio has no interval yet."
    return f"The ratio is between {low:.3f} and {high:.3f} with {speedup['level']:.0%} confidence, after {count}."


def times(value: float) -> str:
    """Say what a ratio of times means."""
    change = abs(1 - 1 / value)
    less = "less" if value >= 1 else "more"
    return f"{value:.2f} times as fast: {change:.0%} {less} time for the same speech"


def _sentence(data: Data) -> str:
    value = data["speedup"]["value"]
    if data["verdict"] == "not_exercised":
        return "No verdict: the code that was to be measured never ran"
    if data["verdict"] == "same":
        return f"No difference that counts: the same speed within {data['margin']:.0%}"
    if data["verdict"] == "inconclusive":
        return f"{value:.2f} times as fast so far, which may be noise"
    return times(value)


def _gain(data: Data) -> Fact:
    before, after = data["before"]["rtf"], data["after"]["rtf"]
    return Fact("Gain: RTF, before → after", arrow(f"{before:.3f}", f"{after:.3f}"), REAL_TIME)


def _cost(data: Data) -> Fact:
    before, after = data["before"], data["after"]
    peaks = [mib(side["peak_memory"]) for side in (before, after)]
    starts = [side["load_seconds"] + sum(side["warmup_seconds"]) for side in (before, after)]
    note = f"peak memory; loading and warm-up {arrow(*(f'{one:.1f}' for one in starts))} s"
    return Fact("Cost, before → after", f"{arrow(*peaks)} MiB", note)


def _output(data: Data) -> Fact:
    said = output_words(data)
    equal = all(output["equal"] for output in data["outputs"])
    if equal:
        return Fact("Output compared", "Equal bits", "every round, every sample", "good")
    is_bad = any(output["new_defects"] for output in data["outputs"])
    return Fact("Output compared", "Defects" if is_bad else "Different", said, "bad" * is_bad)


def gates(rows: Sequence[Data]) -> Iterator[Fact]:
    """Give the gates as a fact, if there are any."""
    counted = Counter(row["outcome"] for row in rows)
    if counted:
        told = ", ".join(f"{count} {outcome}" for outcome, count in counted.items())
        tone = "bad" if counted["failed"] else "good" if set(counted) == {"passed"} else ""
        names = ", ".join(f"{row['name']} {row['outcome']}" for row in rows)
        yield Fact("Gates", told, names, tone)


def each_summary(data: Data) -> Summary:
    """Return that of the rows of `--each`."""
    rows = [row for row in data["each"] if row["result"]]
    alone = [row for row in rows if row["kind"] == "alone"]
    faster = [row for row in alone if row["result"]["verdict"] == "faster"]
    whole = next((row["result"] for row in rows if row["kind"] == "all"), None)
    sentence = f"{len(faster)} of {len(alone)} patches are faster alone"
    if whole:
        sentence += f"; all together {whole['speedup']['value']:.2f} times as fast"
    word, tone = VERDICTS[whole["verdict"]] if whole else ("Patch by patch", "")
    sure_of = f"All together: {ratio(whole['speedup'], rounds=True)}" if whole else ""
    return Summary(word, sentence, sure_of, tuple(_alone(alone)), tone)


def _alone(rows: Sequence[Data]) -> Iterator[Fact]:
    for verdict, (word, tone) in VERDICTS.items():
        found = [row for row in rows if row["result"]["verdict"] == verdict]
        if found:
            told = ", ".join(_named(row) for row in found)
            yield Fact(f"{word}, alone", str(len(found)), told, tone)


def _named(row: Data) -> str:
    return f"{', '.join(row['patches'])} {row['result']['speedup']['value']:.2f}x"
