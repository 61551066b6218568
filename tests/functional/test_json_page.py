"""docs/json.md has every key that the commands print: those that answer at once are asked again."""

from __future__ import annotations

from pathlib import Path

from json_page import PAGE, QUICK, answers, keys_of, page

# What a list of all patches says depends on the machine.
ASKED = {name: words for name, words in QUICK.items() if name != "list DIR"}


def test_every_key_that_is_printed_is_on_the_page(tmp_path: Path) -> None:
    printed = keys_of(page(answers(tmp_path, ASKED)))
    told = keys_of(PAGE.read_text(encoding="utf-8"))
    missing = {name: sorted({*keys} - {*told[name]}) for name, keys in printed.items()}
    assert not any(missing.values()), ("run `make pages-json`", missing)
