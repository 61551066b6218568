"""Translations of printed lines: whole texts, and templates whose fields stand for what a line says of its own."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from ttsopt.boundary.reading import TABLE, read_text
from ttsopt.cli.po_file import read_po

FILE = Path(__file__).resolve().parents[1] / "locale" / "zh_CN.po"
# A field of a template; with `!t`, in the translation alone, its text is translated as well.
FIELD = re.compile(r"\{(\w+)(!t)?\}")
# Fields that are one word, so that a sentence about a version is not taken for one.
WORDS = frozenset({"patch", "count", "number"})


@dataclass(frozen=True, slots=True)
class Template:
    """An English line as literals with fields between them, and its translation with fields of the same names."""

    literals: tuple[str, ...]
    names: tuple[str, ...]
    translation: str

    def fields(self, line: str) -> dict[str, str] | None:
        """Return what stands in the fields, each as short as it can be and none empty; None of another line."""
        first, *between, last = self.literals
        at, end = len(first), len(line) - len(last)
        if not (line.startswith(first) and line.endswith(last)):
            return None
        found = []
        for literal in between:
            next_at = line.find(literal, at, end)
            if next_at < 0:
                return None
            found.append(line[at:next_at])
            at = next_at + len(literal)
        found.append(line[at:end])
        rows = dict(zip(self.names, found, strict=True))
        return rows if all(text and _fits(name, text) for name, text in rows.items()) else None

    def filled(self, fields: Mapping[str, str]) -> str:
        """Return the translation with these fields."""

        def text_of(field: re.Match[str]) -> str:
            text = fields[field[1]]
            return translated(text) if field[2] else text

        return FIELD.sub(text_of, self.translation)


def _fits(name: str, text: str) -> bool:
    return name not in WORDS or " " not in text


def translated(text: str) -> str:
    """Return a text in Chinese, blanks around it kept; as it is where there is no translation."""
    line = text.strip(" ")
    whole, templates = _translations()
    if line in whole:
        return text.replace(line, whole[line])
    for template in templates if line else ():
        fields = template.fields(line)
        if fields is not None:
            return text.replace(line, template.filled(fields))
    return text


def template_of(english: str, chinese: str) -> Template:
    """Return a template; two fields have something between them."""
    parts = FIELD.split(english)
    return Template(tuple(parts[::3]), tuple(parts[1::3]), chinese)


def _weight(template: Template) -> tuple[int, int]:
    return len(template.literals[0]), len("".join(template.literals))


@cache
def _translations() -> tuple[Mapping[str, str], tuple[Template, ...]]:
    """Whole texts, and templates, those that begin and say most first; none where the file is damaged."""
    try:
        entries = read_po(read_text(FILE, TABLE))
    except (OSError, ValueError):
        return {}, ()
    whole = {english: text for english, text in entries.items() if not FIELD.search(english)}
    templates = (template_of(*row) for row in entries.items() if row[0] not in whole)
    return whole, tuple(sorted(templates, key=_weight, reverse=True))
