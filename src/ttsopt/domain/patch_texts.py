"""The sentences of a patch that people read, and the same ones in another language."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import astuple, dataclass

from ttsopt.domain.patch import Patch


@dataclass(frozen=True, slots=True)
class PatchTexts:
    """Summary and explanation of a patch, why it is argued to help, what it costs; empty where it says nothing."""

    summary: str
    why: str
    argued: str = ""
    cost: str = ""

    @property
    def digest(self) -> str:
        """Eight letters that change with the words, and not with where their lines end."""
        words = "\0".join(" ".join(text.split()) for text in astuple(self))
        return hashlib.sha256(words.encode()).hexdigest()[:8]


@dataclass(frozen=True, slots=True)
class Translation:
    """The same in another language; `of` is the digest of the English texts that it was made of."""

    of: str
    summary: str
    why: str
    argued: str = ""
    cost: str = ""

    def pairs(self, english: PatchTexts) -> Iterator[tuple[str, str]]:
        """Yield each English text with its translation."""
        yield from (
            (english.summary, self.summary),
            (english.why, self.why),
            (english.argued, self.argued),
            (english.cost, self.cost),
        )


def english_texts(patch: Patch) -> PatchTexts:
    """Return the texts of a patch as its `patch.toml` has them."""
    argued = patch.argued.because if patch.argued else ""
    return PatchTexts(patch.summary, patch.why, argued, patch.cost.what if patch.cost else "")
