"""Writes the table of gains into README.md and README.zh-CN.md: `published_gains.py [--check]`, or `make pages`.

A row is the best measurement of a patch whose verdict is `faster`: of the patch as it is now, with texts that were
not heard before, at the published size where there is one. Patches that were measured to gain nothing are in
docs/catalogue.md. With `--check` nothing is written: exit 1 where a table is not up to date.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ttsopt.catalog.catalogue import Catalogue
from ttsopt.catalog.load import load_catalogue
from ttsopt.catalog.results import read_results, results_folder
from ttsopt.domain.measurement import Verdict
from ttsopt.domain.model_size import Size
from ttsopt.domain.patch_result import Clock, PatchResult

TOP = Path(__file__).parents[1]
BEGIN, END = "<!-- gains: made by `make pages` -->", "<!-- end of gains -->"
MOST = 3  # patches of a system
DEMO = "sample"


@dataclass(frozen=True)
class Words:
    """The cells in one language; `sizes` and `clocks` by the values of a row."""

    head: tuple[str, ...]
    equal: str
    apart: str
    tokens: str
    sizes: Mapping[str, str]
    clocks: Mapping[str, str]


WORDS = {
    "README.md": Words(
        head=("patch", "speed", "95 % interval", "effect", "output", "model", "machine"),
        equal="equal bits",
        apart="log-mel {:.2g} dB apart",
        tokens="{:.0%} of tokens equal",
        sizes={"real": "published size", "tiny": "tiny"},
        clocks={"cpu": "CPU time, {} thread(s)", "wall": "wall time, {} thread(s)"},
    ),
    "README.zh-CN.md": Words(
        head=("补丁", "加速", "95 % 区间", "效果", "输出", "模型", "机器"),
        equal="逐位相同",
        apart="log-mel 相差 {:.2g} dB",
        tokens="{:.0%} 的 token 相同",
        sizes={"real": "发布尺寸", "tiny": "tiny"},
        clocks={"cpu": "CPU 时间，{} 线程", "wall": "墙钟时间，{} 线程"},
    ),
}


def main(arguments: Sequence[str]) -> int:
    """Write both tables, or compare them; 1 where one is not up to date and nothing is to be written."""
    catalogue = load_catalogue()
    made = {name: with_table(read(name), name, catalogue) for name in WORDS}
    stale = [name for name, text in made.items() if text != read(name)]
    for name in stale:
        print(f"{name}: {'not up to date' if '--check' in arguments else 'written'}")
        if "--check" not in arguments:
            (TOP / name).write_text(made[name], encoding="utf-8")
    return 1 if stale and "--check" in arguments else 0


def read(name: str) -> str:
    """Return the text of a file at the top of the repository."""
    return (TOP / name).read_text(encoding="utf-8")


def gains(catalogue: Catalogue) -> list[PatchResult]:
    """Return the rows of all systems but the sample, of each the best."""
    found = []
    for system in catalogue.systems:
        if system.id != DEMO:
            rows = read_results(results_folder() / f"{system.id}.json").rows
            found += best_of(rows, {patch.id: patch.version for patch in catalogue.patches})
    return sorted(found, key=lambda row: row.speedup, reverse=True)


def best_of(rows: Sequence[PatchResult], versions: dict[str, int]) -> list[PatchResult]:
    """Return one row for each patch that gains, the fastest patches first, at most `MOST`."""
    chosen: dict[str, PatchResult] = {}
    for row in sorted(rows, key=_worth, reverse=True):
        if is_gain(row) and row.patch_version == versions.get(row.patch):
            chosen.setdefault(row.patch, row)
    return sorted(chosen.values(), key=lambda row: row.speedup, reverse=True)[:MOST]


def is_gain(row: PatchResult) -> bool:
    """True if it is faster with a verdict, without warm caches."""
    return row.verdict is Verdict.FASTER and not row.hot


def _worth(row: PatchResult) -> tuple[bool, bool, str]:
    """The published size first, then CPU time, which other programs disturb least, then the newest day."""
    return (row.size == Size.REAL.value, row.of is Clock.CPU, row.date)


def with_table(text: str, name: str, catalogue: Catalogue) -> str:
    """Return the text with the table between its two marks.

    Raises:
        ValueError: A mark is missing.
    """
    before, _, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not end:
        raise ValueError(f"{name}: expected {BEGIN} and {END}")
    return f"{before}{BEGIN}\n{table(gains(catalogue), WORDS[name], catalogue)}\n{END}{after}"


def table(rows: Sequence[PatchResult], words: Words, catalogue: Catalogue) -> str:
    """Return the table in one language."""
    effects = {patch.id: patch.effect.value for patch in catalogue.patches}
    lines = [words.head, ["---"] * len(words.head)]
    lines += [cells(row, words, effects[row.patch]) for row in rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def cells(row: PatchResult, words: Words, effect: str) -> list[str]:
    """Return the cells of a row."""
    low, high = row.interval
    ends = f"{low:.2f}-{'?' if high is None else f'{high:.2f}'}"
    at = f"{row.machine.gpu or row.machine.cpu}, {words.clocks[row.of.value].format(row.threads)}"
    link = f"[`{row.patch}`](docs/catalogue.md#{row.patch.replace('/', '')})"
    size = words.sizes[row.size]
    return [link, f"**{row.speedup:.1f}x**", ends, effect, difference(row, words), size, at]


def difference(row: PatchResult, words: Words) -> str:
    """Return how the outputs of both sides differ."""
    out = row.came_out
    if out.equal:
        return words.equal
    if out.mel_db is not None:
        return words.apart.format(out.mel_db)
    return words.tokens.format(out.tokens or 0)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
