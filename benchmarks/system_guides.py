"""Makes docs/guides/<system>.md from the catalogue, what was measured, and docs/guides.toml (`make pages`).

`system_guides.py [--check]`: with `--check` nothing is written; exit 1 where a guide is not up to date.
"""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from ttsopt.catalog.catalogue import Catalogue
from ttsopt.catalog.load import load_catalogue
from ttsopt.catalog.results import measured
from ttsopt.cli.measured_words import figure, newest, output_difference, unmeasured
from ttsopt.domain.effect import Effect
from ttsopt.domain.measurement import Verdict
from ttsopt.domain.patch import Patch
from ttsopt.domain.patch_result import Measured, PatchResult
from ttsopt.domain.system import System

DOCS = Path(__file__).parents[1] / "docs"
GUIDES = DOCS / "guides"
HEAD = """\
# {name}

{home}```console
$ ttsopt doctor CHECKOUT
$ ttsopt list CHECKOUT
$ ttsopt bench CHECKOUT --rtf
$ ttsopt apply CHECKOUT
$ ttsopt rollback CHECKOUT
```
"""
TABLE = """\
## Gains and costs

Every patch of it, those first that were measured to gain. The speed is of one patch alone, before / after, with
its interval at 95 %; [the catalogue](../catalogue.md) has machine and versions, and what others claim. When a
patch helps and when it does not is what `ttsopt show PATCH` says. `exact` costs nothing that can be heard,
`close` is another rounding, `lossy` another result by design: it is taken only where you name or allow it.
"""
MADE = "*Made by `make pages` from the catalogue, what was measured, and `docs/guides.toml`.*"
EXPECT = """\
## What to expect

- Figures on random weights are of speed alone. `ttsopt bench CHECKOUT --rtf` measures on your machine, with your
  weights where you name them; [how](../benchmarking.md).
- Patches for GPUs that nobody has measured are said to be so. They are harmless elsewhere.
"""


def main(arguments: Sequence[str]) -> int:
    """Write all guides, or compare them; 1 where one is not up to date and nothing is to be written."""
    made = guides(load_catalogue(), read_words())
    stale = [name for name, text in made.items() if read(GUIDES / name) != text]
    for name in stale:
        print(f"docs/guides/{name}: {'not up to date' if '--check' in arguments else 'written'}")
        if "--check" not in arguments:
            GUIDES.mkdir(exist_ok=True)
            (GUIDES / name).write_text(made[name], encoding="utf-8")
    return 1 if stale and "--check" in arguments else 0


def read(path: Path) -> str:
    """Return its text; empty where it is not there."""
    return path.read_text(encoding="utf-8") if path.is_file() else ""


def read_words() -> Mapping[str, Any]:
    """Return docs/guides.toml."""
    return tomllib.loads((DOCS / "guides.toml").read_text(encoding="utf-8"))


def guides(catalogue: Catalogue, words: Mapping[str, Any]) -> dict[str, str]:
    """Return the guide of every system by file name; KeyError for a system that guides.toml lacks."""
    return {f"{one.id}.md": guide(one, catalogue, words[one.id]) for one in catalogue.systems}


def guide(system: System, catalogue: Catalogue, words: Mapping[str, Any]) -> str:
    """Return the guide of one system."""
    home = f"<{system.homepage}>\n\n" if system.homepage else ""
    rows = [(patch, _measured(patch, catalogue)) for patch in catalogue.patches_of(system)]
    parts = [HEAD.format(name=system.name, home=home), TABLE, *gain_table(rows), ""]
    parts += [*restart(words), EXPECT]
    if words["environment"]:
        place = f"../environments.md#{words['environment']}"
        parts.append(
            f"An interpreter that runs it, from nothing, and what stands in for what: [here]({place}).\n"
        )
    parts += ["## Good to know\n", *(f"- {note}" for note in words["notes"]), "", MADE]
    return "\n".join(parts).rstrip("\n") + "\n"


def restart(words: Mapping[str, Any]) -> Iterator[str]:
    """Yield what has to be started again after apply, rollback, reapply and update."""
    if words["servers"]:
        yield "## What to restart\n"
        after = "After `apply`, `rollback`, `reapply` and `update`, restart what is running:"
        yield f"Python reads a file once. {after}\n"
        yield from (f"- {server}" for server in words["servers"])
        yield ""


def gain_table(rows: Sequence[tuple[Patch, Measured]]) -> Iterator[str]:
    """Yield a line for each patch, those first that gain."""
    yield "| patch | what it does | effect | device | measured | cost |"
    yield "| --- | --- | --- | --- | --- | --- |"
    for patch, found in sorted(rows, key=lambda row: (-_gain(row[1]), row[0].id)):
        name = patch.id.partition("/")[2]
        link = f"[`{name}`](../catalogue.md#{patch.id.replace('/', '')})"
        cells = [link, patch.summary, patch.effect.value, patch.device.value]
        yield f"| {' | '.join(_cell(one) for one in [*cells, _figure(found), cost(patch, found)])} |"


def cost(patch: Patch, found: Measured) -> str:
    """Return what the patch costs, as far as it is known."""
    costs = [f"guarded: {patch.guard}"] if patch.guard else []
    best = best_row(found)
    if best and not best.came_out.equal:
        costs.append(output_difference(best))
    elif patch.effect is not Effect.EXACT:
        costs.append("another result by design" if patch.effect is Effect.LOSSY else "rounding")
    return "; ".join(costs) or "none known"


def best_row(found: Measured) -> PatchResult | None:
    """Return the best of the newest version's rows: one that is faster with a verdict, else the first."""
    rows = newest(found) if found.rows else ()
    faster = [row for row in rows if row.verdict is Verdict.FASTER]
    return max(faster, key=lambda row: row.speedup, default=next(iter(rows), None))


def _gain(found: Measured) -> float:
    best = best_row(found)
    return best.speedup if best and best.verdict is Verdict.FASTER else 0.0


def _figure(found: Measured) -> str:
    best = best_row(found)
    if best is None:
        known = found.why_not.startswith("not measured")
        return found.why_not if known else f"{unmeasured(found)}: {found.why_not}"
    warm = ", texts and voices said again" if best.hot else ""
    return f"{figure(best)} ({best.size}{warm})"


def _measured(patch: Patch, catalogue: Catalogue) -> Measured:
    return measured(patch, catalogue.folder_of(patch.id))


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
