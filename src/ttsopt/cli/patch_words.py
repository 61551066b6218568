"""The sentences of patches in the language of who reads them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ttsopt.cli.language import is_chinese

if TYPE_CHECKING:
    from ttsopt.domain.patch import Patch


def said(patch: Patch, line: str) -> str:
    """Return a line with the sentences of the patch's own that are in it translated, where they are."""
    if not is_chinese():
        return line
    from ttsopt.catalog.translation import translation_of
    from ttsopt.domain.patch_texts import english_texts

    found = translation_of(patch)
    for english, chinese in found.pairs(english_texts(patch)) if found else ():
        line = line.replace(english, chinese) if english else line
    return line
