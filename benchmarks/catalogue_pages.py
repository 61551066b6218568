"""Writes docs/catalogue.md and docs/sources.md: `catalogue_pages.py [--check]`, or `make pages`.

The first has every patch, what was claimed for it beside what was measured (docs/results/patches). The second has
every row of the documents that the project began with, and what became of it: docs/sources.toml says it. A row
that names a patch, a command or an option that is not there is an error; so is a row that is open once that file
says `finished = true`. With `--check` nothing is written: exit 1 where a page is not up to date.
"""

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ttsopt.catalog.catalogue import Catalogue
from ttsopt.catalog.load import load_catalogue
from ttsopt.catalog.results import measured
from ttsopt.cli.measured_words import (
    conditions,
    figure,
    machine,
    newest,
    outdated,
    output_difference,
    unmeasured,
)
from ttsopt.domain.patch import Patch
from ttsopt.domain.patch_result import Measured, PatchResult

DOCS = Path(__file__).parents[1] / "docs"
SOURCES = DOCS / "sources.toml"
BECAME = {
    "patch": "patch",
    "command": "command",
    "documented": "nothing to build",
    "refused": "refused",
    "later": "later",
    "open": "open",
}
CATALOGUE_HEAD = """\
# The catalogue

Every patch, what others claim for it, and what was measured: the speed of one patch alone, before against after
in one run ([how](benchmarking.md)). A ratio above 1 is faster; its interval is at 95 %. `ttsopt show PATCH` says
why it helps, when it does not, and what it edits.

What is argued, on which classes of device, and what is measured there decide what `ttsopt apply` takes by itself
([how](decisions/0032-evidence-decides-the-default.md), [what that comes to](results/defaults.md)).

Made by `make pages` from `patches/` and `docs/results/patches/`.
"""
SOURCES_HEAD = """\
# What the sources asked for, and what became of it

Five documents say what people tried, or mean to try, to make these systems faster. Every row of them is here, with
its own figure as they state it. What was measured of a patch stands in [the catalogue](catalogue.md).

Made by `make pages` from `docs/sources.toml`.
"""


@dataclass(frozen=True)
class Row:
    """A row of a document. `planned` are ids of patches that a row which is still open may end in."""

    id: str
    asks: str
    became: str
    says: str
    claim: str = ""
    patches: tuple[str, ...] = ()
    commands: tuple[str, ...] = ()
    planned: tuple[str, ...] = ()


@dataclass(frozen=True)
class Sources:
    """The whole file: titles of the documents by id, their rows, and whether no row may be open."""

    titles: Mapping[str, str] = field(default_factory=dict)
    rows: tuple[Row, ...] = ()
    finished: bool = False


def main(arguments: Sequence[str]) -> int:
    """Write both pages, or compare them; 1 where something is wrong."""
    catalogue, sources = load_catalogue(), read_sources(SOURCES)
    wrong = list(problems(sources, catalogue, command_line()))
    for line in [*wrong, *hints(sources, catalogue)]:
        print(line, file=sys.stderr)
    if wrong:
        return 1
    stale = [name for name, text in pages(catalogue, sources).items() if read(DOCS / name) != text]
    for name in stale:
        print(f"docs/{name}: {'not up to date' if '--check' in arguments else 'written'}")
        if "--check" not in arguments:
            (DOCS / name).write_text(pages(catalogue, sources)[name], encoding="utf-8")
    return 1 if stale and "--check" in arguments else 0


def read(path: Path) -> str:
    """Its text; empty where it is not there."""
    return path.read_text(encoding="utf-8") if path.is_file() else ""


def pages(catalogue: Catalogue, sources: Sources) -> dict[str, str]:
    """Both pages by file name."""
    return {
        "catalogue.md": catalogue_page(catalogue, lambda patch: known(catalogue, patch)),
        "sources.md": sources_page(sources, catalogue),
    }


def known(catalogue: Catalogue, patch: Patch) -> Measured:
    """Return what was measured of a patch."""
    return measured(patch, catalogue.folder_of(patch.id))


def read_sources(file: Path) -> Sources:
    """The mapping as it is written; a key that is unknown or missing is an error of Python's own."""
    table = tomllib.loads(file.read_text(encoding="utf-8"))
    rows = tuple(Row(**{key: _value(value) for key, value in row.items()}) for row in table["rows"])
    return Sources(table["titles"], rows, table["finished"])


def _value(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else " ".join(value.split())


def command_line() -> str:
    """The contract of the command line, which names every command and option."""
    return (DOCS / "cli.md").read_text(encoding="utf-8")


def problems(sources: Sources, catalogue: Catalogue, contract: str) -> Iterator[str]:
    """Everything that is wrong with the mapping."""
    patches = {patch.id for patch in catalogue.patches}
    for row in sources.rows:
        yield from (f"{row.id}: {words}" for words in _wrong(row, patches, contract))
        if row.id.partition(".")[0] not in sources.titles:
            yield f"{row.id}: no such document"
        if row.became == "open" and sources.finished:
            yield f"{row.id}: still open"
    ids = [row.id for row in sources.rows]
    yield from (f"{one}: there twice" for one in sorted(set(ids)) if ids.count(one) > 1)


def _wrong(row: Row, patches: set[str], contract: str) -> Iterator[str]:
    if row.became not in BECAME:
        yield f"became {row.became!r}, expected one of {', '.join(BECAME)}"
    if not row.says:
        yield "says nothing"
    if (row.became == "patch" and not row.patches) or (
        row.became == "command" and not row.commands
    ):
        yield f"names no {row.became}"
    yield from (f"there is no patch {one}" for one in row.patches if one not in patches)
    for command in row.commands:
        yield from (
            f"{command}: the contract has no {word}" for word in _unknown(command, contract)
        )


def _unknown(command: str, contract: str) -> list[str]:
    """The command, and the options in it, that docs/cli.md does not name."""
    program, name, *rest = command.split(" ")
    options = [word for word in rest if word.startswith("-")]
    missing = [name] if f"`ttsopt {name}" not in contract or program != "ttsopt" else []
    known = set(re.findall(r"(?<![\w-])--?[a-z][a-z-]*", contract))
    return missing + [word for word in options if word not in known]


def hints(sources: Sources, catalogue: Catalogue) -> Iterator[str]:
    """Return what may be closed by now."""
    patches = {patch.id for patch in catalogue.patches}
    for row in sources.rows:
        if here := sorted(patches.intersection(row.planned)):
            yield f"{row.id} is {row.became}, and {', '.join(here)} is there now"


def catalogue_page(catalogue: Catalogue, found: Callable[[Patch], Measured]) -> str:
    """All systems, all patches."""
    parts = [CATALOGUE_HEAD]
    for system in catalogue.systems:
        patches = sorted(catalogue.patches_of(system), key=lambda patch: patch.id)
        if patches:
            name = f"[{system.name}]({system.homepage})" if system.homepage else system.name
            parts += [f"## {name}\n", *(patch_section(patch, found(patch)) for patch in patches)]
    return "\n".join(parts).rstrip("\n") + "\n"


def patch_section(patch: Patch, found: Measured) -> str:
    """One patch: what it is, then claims beside measurements."""
    facts = f"Effect: {patch.effect.value}; device: {patch.device.value}; version {patch.version}."
    about = f"{patch.summary}. {facts}"
    rows = [("claimed", claim.figure, claim.source) for claim in patch.claims]
    if patch.argued:
        rows.append(("argued", patch.argued.because, f"on {', '.join(patch.argued.on)}"))
    if patch.cost:
        rows.append(("costs", patch.cost.what, "taken if proven" * patch.cost.needs_proof))
    rows += [("measured", *_measured_cells(row)) for row in newest(found)]
    if found.why_not:
        rows.append((unmeasured(found), found.why_not, ""))
    table = [
        _line("", "figure", "source"),
        _line("---", "---", "---"),
        *(_line(*row) for row in rows),
    ]
    notes = (f"{line}\n" for line in outdated(patch, found))
    return "\n".join([f"### {patch.id}\n", about, "", *table, "", *notes])


def _measured_cells(row: PatchResult) -> tuple[str, str]:
    return f"{figure(row)}; {output_difference(row)}", f"{conditions(row)}. {machine(row)}"


def sources_page(sources: Sources, catalogue: Catalogue) -> str:
    """Every document with its rows."""
    parts = [SOURCES_HEAD]
    for source, title in sources.titles.items():
        rows = [row for row in sources.rows if row.id.partition(".")[0] == source]
        lines = [_line("row", "asks for", "claims", "became"), _line(*["---"] * 4)]
        lines += [_line(row.id, row.asks, row.claim, _became(row, catalogue)) for row in rows]
        parts += [f"## {source} {title}\n", "\n".join(lines), ""]
    return "\n".join(parts).rstrip("\n") + "\n"


def _became(row: Row, catalogue: Catalogue) -> str:
    links = [
        f"[`{one}`](catalogue.md#{_anchor(one)}){_in_short(one, catalogue)}" for one in row.patches
    ]
    named = ", ".join([*links, *(f"`{command}`" for command in row.commands)])
    return f"**{BECAME[row.became]}**{': ' * bool(named)}{named}. {row.says}"


def _in_short(patch_id: str, catalogue: Catalogue) -> str:
    """The ratio of the newest measurement, where there is one."""
    rows = known(catalogue, catalogue.patch(patch_id)).rows
    return f" ({rows[0].speedup:.2f}x measured)" if rows else ""


def _anchor(patch_id: str) -> str:
    """As GitHub makes it of a heading."""
    return patch_id.replace("/", "")


def _line(*cells: str) -> str:
    return f"| {' | '.join(' '.join(cell.split()).replace('|', chr(92) + '|') for cell in cells)} |"


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
