"""What status says of files that somebody edited: no more than a rollback does."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from ttsopt.checkout.state.file_state import FileState
from ttsopt.errors import RefusedError
from ttsopt.operations.rollback import rollback
from ttsopt.operations.status import status

Toys = Any  # conftest.py of this folder


def test_an_edit_that_rollback_cannot_keep_is_told(toys: Toys) -> None:
    toys.apply("steps", "shown")
    extra = toys.checkout / "toy" / "extra.py"
    extra.write_text(extra.read_text() + "# mine\n")
    toys.core.write_text(toys.core.read_text().replace("STEPS = 7", "STEPS = 7 + 1"))
    before = toys.files()
    found = status(toys.checkout)
    assert {state for _, state in found.files} == {FileState.EDITED}
    (stuck,) = found.stuck
    assert (stuck.path, stuck.line > 0, stuck.can_force) == ("toy/core.py", True, True)
    assert rollback(toys.checkout).refusal
    assert toys.files() == before
    toys.core.write_text(toys.core.read_text().replace("7 + 1", "7") + "# mine\n")
    assert status(toys.checkout).stuck == ()
    assert rollback(toys.checkout).refusal is None


def test_an_edited_file_whose_original_is_lost(toys: Toys, state_home: Path) -> None:
    toys.apply("steps")
    toys.core.write_text(toys.core.read_text() + "# mine\n")
    for folder in (*toys.state.rglob("originals"), *state_home.rglob("originals")):
        shutil.rmtree(folder)
    (stuck,) = status(toys.checkout).stuck
    assert (stuck.path, stuck.line, stuck.can_force) == ("toy/core.py", 0, False)
    with pytest.raises(RefusedError):
        rollback(toys.checkout, force=True)
