"""Which file a patch means: plain paths, globs told by an anchor, and files beside the system."""

from __future__ import annotations

from typing import Any

import pytest

from ttsopt.domain.plan import Status
from ttsopt.operations.apply import apply
from ttsopt.operations.locate import Target
from ttsopt.operations.rollback import rollback

Toys = Any  # conftest.py of this folder
TEXT = "class Talker:\n    rate = 1\n"
RATE = """
[[files]]
paths = ["toy/talker.py", "**/talker.py"]
anchor = "class Talker"
[[files.edits]]
in = "Talker"
set_const = "rate"
old = ["1"]
new = "2"
"""
SERVICE = """
[[files]]
scope = "checkout"
paths = ["service/service.toml", "**/service.toml"]
anchor = "voice.steps"
[[files.edits]]
set_toml = "voice.steps"
old = ["32"]
new = "7"
"""


@pytest.mark.parametrize("place", ["toy/talker.py", "talker.py", "toy/deep/er/talker.py"])
def test_a_glob_finds_what_the_plain_path_does_not(toys: Toys, place: str) -> None:
    toys.patch("rate", RATE)
    path = toys.checkout / place
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(TEXT, encoding="utf-8")
    assert toys.row(toys.apply("rate"), "rate").files[0].path == place
    assert "rate = 2" in toys.files()[place]


def test_the_anchor_tells_the_right_file(toys: Toys) -> None:
    toys.patch("rate", RATE)
    for place, text in (("a", TEXT.replace("Talker", "Talker2")), ("b", TEXT)):
        (toys.checkout / place).mkdir()
        (toys.checkout / place / "talker.py").write_text(text, encoding="utf-8")
    assert toys.row(toys.apply("rate"), "rate").files[0].path == "b/talker.py"


def test_two_files_that_fit_are_refused_with_both_named(toys: Toys) -> None:
    toys.patch("rate", RATE)
    for place in ("a", "b"):
        (toys.checkout / place).mkdir()
        (toys.checkout / place / "talker.py").write_text(TEXT, encoding="utf-8")
    row = toys.row(toys.apply("rate"), "rate")
    assert (row.status, row.why) == (Status.REFUSED, "ambiguous-file")
    assert "a/talker.py, b/talker.py" in row.reason


def test_a_file_beside_the_system_is_found_from_the_top_of_the_checkout(toys: Toys) -> None:
    toys.patch("service", SERVICE)
    (toys.checkout / ".git").mkdir()
    root = toys.checkout / "third_party" / "toys"
    root.mkdir(parents=True)
    (toys.checkout / "toy").rename(root / "toy")
    config = toys.checkout / "service" / "service.toml"
    config.parent.mkdir()
    config.write_bytes(b"# kept\r\n[voice]\r\nsteps = 32 # too\r\n")
    for directory in (toys.checkout, root):
        request = toys.request("service", target=Target(directory))
        row = toys.row(apply(request), "service")
        assert row.status is (Status.APPLIED if directory == toys.checkout else Status.ALREADY)
    assert config.read_bytes() == b"# kept\r\n[voice]\r\nsteps = 7 # too\r\n"
    rollback(toys.checkout)
    assert config.read_bytes() == b"# kept\r\n[voice]\r\nsteps = 32 # too\r\n"


def test_a_refusal_names_the_nearest_construct_of_another_file(toys: Toys) -> None:
    toys.patch(
        "both",
        toys.steps_alone
        + """
[[files]]
paths = ["toy/extra.py"]
[[files.edits]]
in = "show"
replace = "return steps + 1"
with = "return 1"
""",
    )
    row = toys.row(toys.apply("both"), "both")
    assert (row.status, row.file, row.line) == (Status.REFUSED, "toy/extra.py", 2)
    assert row.answer is not None
    assert "return steps" in row.answer.nearest
    assert "`steps` where the patch expects `steps + 1`" in row.answer.difference
