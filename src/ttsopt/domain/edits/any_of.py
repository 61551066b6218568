"""`any_of`: variants of one intent."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import ClassVar

from ttsopt.domain.edits.add_file import AddFile
from ttsopt.domain.edits.insert import EnsureImport
from ttsopt.domain.edits.shown import either
from ttsopt.domain.patch import Edit, Table, WrongKeys

# Keys that stand outside, for all variants that have none of their own.
SHARED = ("in", "expect", "optional", "when")


@dataclass(frozen=True, slots=True, kw_only=True)
class AnyOf(Edit):
    """Spellings of one intent across upstream's life: the first variant that fits is made.

    Else the first that is made already counts, else the first that is refused.
    """

    operation = "any_of"
    renamed: ClassVar[Mapping[str, str]] = {"variants": "any_of"}

    variants: tuple[Edit, ...]

    @classmethod
    def prepared(cls, table: Table, wrong: WrongKeys) -> Table:
        """Give every variant what it has not itself of `SHARED`."""
        variants = table.get("any_of")
        if not isinstance(variants, list) or len(variants) < 2:  # noqa: PLR2004
            wrong.append(("any_of", ValueError("expected a list of at least two variants")))
            return {**table, "any_of": []}
        for number, variant in enumerate(variants):
            _check_variant(f"any_of[{number}]", variant, wrong)
        given = {key: table[key] for key in SHARED if key in table}
        filled = [{**given, **one} if isinstance(one, dict) else one for one in variants]
        return {**table, "any_of": filled}

    def describe(self) -> str:
        """Describe every variant, with its own definition."""
        return self.words()

    def words(self) -> str:
        """Join the words of the variants."""
        return either([variant.describe() for variant in self.variants])

    def looked_for(self) -> str:
        """Join the constructs of the variants."""
        return either([variant.looked_for() for variant in self.variants])

    def taking_own(self) -> Edit:
        """Return it with variants that do."""
        return replace(self, variants=tuple(variant.taking_own() for variant in self.variants))

    def parts(self) -> Iterator[tuple[str, str]]:
        """Yield the parts of every variant."""
        for number, variant in enumerate(self.variants, start=1):
            for label, code in variant.parts():
                yield f"variant {number} {label}", code


def _check_variant(key: str, variant: object, wrong: WrongKeys) -> None:
    outside = {AnyOf.operation, AddFile.operation, EnsureImport.operation}
    if isinstance(variant, dict) and (other := outside & variant.keys()):
        words = f"{other.pop()} cannot be a variant: it stands beside the others"
        wrong.append((key, ValueError(words)))
