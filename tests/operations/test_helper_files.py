"""Helper modules that patches lay out: made once, imported as the layout asks, gone with the last patch."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ttsopt.domain.plan import Status
from ttsopt.operations.rollback import rollback
from ttsopt.operations.status import status

Toys = Any  # conftest.py of this folder
HELPER = "def kept(function):\n    return function\n"
SPEAK = """
[[files]]
paths = ["toy/core.py"]
[[files.edits]]
in = "Toy.speak"
decorate = "kept"
[[files.edits]]
add_file = "toy_kept.py"
import = ["kept"]
"""
SHOW = SPEAK.replace("toy/core.py", "toy/extra.py").replace("Toy.speak", "show")


@pytest.fixture
def helped(toys: Toys) -> Toys:
    (toys.catalogue / "_helpers").mkdir()
    (toys.catalogue / "_helpers" / "toy_kept.py").write_text(HELPER, encoding="utf-8")
    toys.patch("kept-speech", SPEAK)
    toys.patch("kept-show", SHOW)
    return toys


def test_a_helper_comes_with_its_patch_and_goes_with_it(helped: Toys) -> None:
    before = helped.files()
    done = helped.apply("kept-speech")
    assert helped.row(done, "kept-speech").status is Status.APPLIED
    after = helped.files()
    assert after["toy/toy_kept.py"] == HELPER
    assert after["toy/core.py"].startswith("from toy.toy_kept import kept\nimport sys\n")
    assert "    @kept\n    def speak" in after["toy/core.py"]
    assert helped.row(helped.apply("kept-speech"), "kept-speech").why == "applied"
    rollback(helped.checkout)
    assert helped.files() == before
    assert not helped.state.exists()


def test_in_a_package_the_import_is_relative(helped: Toys) -> None:
    (helped.checkout / "toy" / "__init__.py").write_bytes(b"")
    helped.apply("kept-speech")
    assert helped.files()["toy/core.py"].startswith("from .toy_kept import kept\n")


def test_two_patches_share_a_helper_and_the_last_takes_it_away(helped: Toys) -> None:
    before = helped.files()
    helped.apply("kept-speech")
    helped.apply("kept-show")
    rollback(helped.checkout, ["toy/kept-speech"])
    assert helped.files()["toy/toy_kept.py"] == HELPER
    assert helped.files()["toy/core.py"] == before["toy/core.py"]
    rollback(helped.checkout, ["toy/kept-show"])
    assert helped.files() == before


def test_a_file_of_the_users_own_is_never_replaced(helped: Toys) -> None:
    (helped.checkout / "toy" / "toy_kept.py").write_text("mine = 1\n", encoding="utf-8")
    before = helped.files()
    row = helped.row(helped.apply("kept-speech"), "kept-speech")
    assert (row.status, row.why) == (Status.REFUSED, "file-exists")
    assert "toy/toy_kept.py" in row.hint
    assert helped.files() == before


def test_the_same_file_by_hand_is_used_and_stays(helped: Toys) -> None:
    (helped.checkout / "toy" / "toy_kept.py").write_text(HELPER, encoding="utf-8")
    before = helped.files()
    helped.apply("kept-speech")
    assert helped.files() != before
    rollback(helped.checkout)
    assert helped.files() == before


def test_an_edited_helper_is_kept(helped: Toys) -> None:
    helped.apply("kept-speech")
    helper = helped.checkout / "toy" / "toy_kept.py"
    helper.write_text("mine = 1\n", encoding="utf-8")
    done = rollback(helped.checkout)
    assert done.refusal is not None
    assert "it was edited since" in done.refusal.message
    assert "--force" in done.refusal.hint
    assert helper.read_text(encoding="utf-8") == "mine = 1\n"
    helper.unlink()
    assert rollback(helped.checkout).refusal is None
    assert not helped.state.exists()


def test_a_helper_that_somebody_deleted_is_reported(helped: Toys) -> None:
    before = helped.files()
    helped.apply("kept-speech")
    (helped.checkout / "toy" / "toy_kept.py").unlink()
    states = {path: state.value for path, state in status(helped.checkout).files}
    assert states == {"toy/core.py": "applied", "toy/toy_kept.py": "missing"}
    rollback(helped.checkout)
    assert helped.files() == before


def test_bytecode_of_a_helper_goes_with_it(helped: Toys) -> None:
    helped.apply("kept-speech")
    cached = helped.checkout / "toy" / "__pycache__" / "toy_kept.cpython-311.pyc"
    cached.parent.mkdir()
    cached.write_bytes(b"stale")
    rollback(helped.checkout)
    assert not Path(cached).exists()
