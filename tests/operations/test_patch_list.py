from __future__ import annotations

import random
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ttsopt.checkout.state.location import Checkout
from ttsopt.domain.journal import Journal, JournalPatch
from ttsopt.errors import UsageError
from ttsopt.operations.patch_list import (
    WantedPatch,
    list_text,
    parse_list,
    read_list,
    remember,
    remembered,
)

TEXT = """\
# Patches that ttsopt applied to a checkout, each with its version, place and parameters.
# `ttsopt reapply DIR --list FILE` applies them to another version of it.

schema = 1

[[patches]]
id = "toy/calls"
version = 2
root = "."

[[patches]]
id = "toy/steps"
version = 1
root = "."
[patches.parameters]
share = 1.0e-05
steps = 9

[[patches]]
id = "toy/calls"
version = 2
root = "vendored/toy"
"""
PATCHES = (
    WantedPatch("toy/steps", 1, ".", {"steps": 9, "share": 1e-05}),
    WantedPatch("toy/calls", 2, "vendored/toy"),
    WantedPatch("toy/calls", 2, "."),
)
LISTED = Path("patches.toml")


def as_named_on_disk(text: str) -> bool:
    """Whether a text is what reading its bytes gives: a file's name always is."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "surrogateescape") == text


# Control characters, quotes, names that are no UTF-8.
letters = st.characters(exclude_categories=["Cs"]) | st.characters(
    min_codepoint=0xDC80, max_codepoint=0xDCFF
)
texts = st.text(letters, min_size=1).filter(as_named_on_disk)
roots = texts.filter(lambda text: not {"/", "\\", ":"} & set(text) and text not in {".", ".."})
values = st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | texts
lists = st.lists(
    st.builds(
        WantedPatch,
        st.builds("{}/{}".format, st.sampled_from(["toy", "file"]), texts),
        st.integers(0, 99),
        st.just(".") | st.lists(roots, min_size=1, max_size=3).map("/".join),
        st.dictionaries(texts, values, max_size=3),
    ),
    unique_by=lambda one: (one.id, one.root),
)


def place(patch: WantedPatch) -> tuple[str, str]:
    return patch.root, patch.id


def test_a_list_reads_well_in_a_repository() -> None:
    assert list_text(PATCHES) == TEXT
    assert set(map(place, parse_list(TEXT.encode(), LISTED))) == set(map(place, PATCHES))


@given(lists, st.randoms(use_true_random=False))
def test_what_is_written_is_read_again_and_does_not_depend_on_the_order(
    patches: list[WantedPatch], order: random.Random
) -> None:
    text = list_text(patches)
    order.shuffle(patches)
    assert list_text(patches) == text
    read = parse_list(text.encode("utf-8", "surrogateescape"), LISTED)
    assert sorted(read, key=place) == sorted(patches, key=place)
    kinds = {
        (*place(row), name): type(value) for row in read for name, value in row.parameters.items()
    }
    assert kinds == {
        (*place(row), name): type(value)
        for row in patches
        for name, value in row.parameters.items()
    }


def test_everything_that_is_wrong_is_told_at_once(tmp_path: Path) -> None:
    path = tmp_path / "list.toml"
    path.write_text(
        """
schema = 1
colour = "red"
[[patches]]
id = "nfe-step"
version = true
root = "../other"
[patches.parameters]
steps = [1]
[[patches]]
id = "toy/calls"
version = 1
root = "/toy"
why = "because"
[[patches]]
id = "toy/calls"
version = 1
root = "/toy"
parameters = 3
"""
    )
    with pytest.raises(UsageError) as caught:
        read_list(path)
    assert caught.value.code == "bad-list"
    first, *lines = caught.value.message.splitlines()
    assert str(path) in first
    assert [line.split(":")[0].strip() for line in lines] == [
        "colour",
        "patches[0].id",
        "patches[0].version",
        "patches[0].root",
        "patches[0].parameters.steps",
        "patches[1].why",
        "patches[1].root",
        "patches[2].root",
        "patches[2].parameters",
        "patches[2]",
    ]
    assert "status DIR --save" in caught.value.hint


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("schema = 2\npatches = 3\n", "it is 2; this ttsopt knows 1"),
        ("", "it is empty"),
        ("# nothing\n", "it is empty"),
        ("patches = []\n", "schema: it is not there; this ttsopt knows 1"),
        ("schema = 1\npatches = 3\n", "expected tables"),
        ("schema = ", "Invalid value"),
        ("schema = 1\n[[patches]]\n", "expected a whole number"),
    ],
)
def test_what_is_no_list_is_wrong_use(text: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        parse_list(text.encode(), LISTED)


def test_no_such_file_is_wrong_use(tmp_path: Path) -> None:
    for path in (tmp_path / "no.toml", tmp_path):
        with pytest.raises(UsageError, match="is no file"):
            read_list(path)


def test_the_list_of_before_outlives_a_rollback(tmp_path: Path, state_home: Path) -> None:
    checkout = Checkout(tmp_path, tmp_path)
    assert remembered(checkout) == ()
    applied = Journal((JournalPatch("toy/steps", 1, ".", "now", {"steps": 9}),))
    assert remember(checkout, applied) is None
    assert remember(checkout, Journal()) is None
    assert remembered(checkout) == (WantedPatch("toy/steps", 1, ".", {"steps": 9}),)
    assert remembered(Checkout(tmp_path / "a", tmp_path / "a")) == ()
    (last,) = state_home.rglob("last.toml")
    assert tomllib.loads(last.read_text())["patches"][0]["id"] == "toy/steps"


def test_a_state_folder_that_cannot_be_written_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("TTSOPT_STATE_HOME", str(tmp_path / "file" / "below"))
    checkout = Checkout(tmp_path, tmp_path)
    note = remember(checkout, Journal((JournalPatch("toy/steps", 1, ".", "now"),)))
    assert note
    assert "reapply" in note
    assert remembered(checkout) == ()


def journal_of(*names: str, **parameters: int) -> Journal:
    return Journal(tuple(JournalPatch(f"toy/{name}", 1, ".", "now", parameters) for name in names))


def known(checkout: Checkout) -> dict[str, dict[str, object]]:
    return {row.id.partition("/")[2]: dict(row.parameters) for row in remembered(checkout)}


def test_what_is_not_applied_any_more_stays_on_the_list(tmp_path: Path) -> None:
    checkout = Checkout(tmp_path, tmp_path)
    remember(checkout, journal_of("steps", "calls", n=9))
    assert remember(checkout, journal_of("calls", n=3)) is None
    assert known(checkout) == {"steps": {"n": 9}, "calls": {"n": 3}}


def test_what_the_user_took_out_leaves_the_list(tmp_path: Path) -> None:
    checkout = Checkout(tmp_path, tmp_path)
    remember(checkout, journal_of("steps", "calls"))
    assert remember(checkout, journal_of("calls"), [("toy/steps", ".")]) is None
    assert known(checkout) == {"calls": {}}
    remember(checkout, Journal(), [("toy/calls", "b")])
    assert known(checkout) == {"calls": {}}
    remember(checkout, Journal(), [("toy/calls", ".")])
    assert known(checkout) == {}


def test_a_choice_made_afresh_starts_a_new_list(tmp_path: Path) -> None:
    checkout = Checkout(tmp_path, tmp_path)
    remember(checkout, journal_of("steps", "calls"))
    remember(checkout, Journal())
    assert remember(checkout, journal_of("shown"), anew=True) is None
    assert known(checkout) == {"shown": {}}


def test_a_damaged_list_is_replaced_and_that_is_told(tmp_path: Path, state_home: Path) -> None:
    checkout = Checkout(tmp_path, tmp_path)
    remember(checkout, journal_of("steps"))
    (last,) = state_home.rglob("last.toml")
    last.write_text("schema = ")
    note = remember(checkout, journal_of("calls"))
    assert note
    assert str(last) in note
    assert known(checkout) == {"calls": {}}
