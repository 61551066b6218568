from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from ttsopt.checkout.state.journal import JournalRecord, read_journal
from ttsopt.checkout.state.state_copy import keep_copy, newest_copy
from ttsopt.checkout.transaction import commit


def test_a_life_lasts_until_nothing_is_applied_any_more(tree: Any) -> None:
    lives = []
    for before, after in (("", "1"), ("1", "12"), ("12", ""), ("", "1")):
        commit(tree.checkout, tree.step(before, after), tree.journal(after))
        lives.append(read_journal(tree.checkout).life)
    assert re.fullmatch("[0-9a-f]{16}", lives[0])
    assert lives == [lives[0], lives[0], "", lives[3]]
    assert lives[3] not in {lives[0], ""}


def test_of_two_lives_the_copy_in_the_tree_is_the_one(tree: Any) -> None:
    """Two containers see two checkouts under one path, and share the user's state folder."""
    commit(tree.checkout, tree.step("", "1"), tree.journal("1"))
    record = read_journal(tree.checkout)
    keep_copy(tree.checkout, replace(record, journal=tree.journal("2"), sequence=90, life="0" * 16))
    assert newest_copy(tree.checkout) == record
    (tree.checkout.state / "journal.copy.json").unlink()
    assert newest_copy(tree.checkout) == JournalRecord(tree.journal("2"))
