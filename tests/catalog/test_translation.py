"""`zh.toml`: the texts of a patch in Chinese."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ttsopt.catalog.load import load_catalogue
from ttsopt.catalog.translation import FILE, translation_of, translation_problems
from ttsopt.domain.patch import Patch
from ttsopt.domain.patch_texts import english_texts

PATCHES = load_catalogue().patches
FIGURE = re.compile(r"\d+(?:[.,]\d+)*")
CHINESE = re.compile(r"[\u4e00-\u9fff]")


@pytest.mark.parametrize("patch", PATCHES, ids=lambda patch: patch.id)
def test_every_patch_has_chinese_texts_of_its_english_ones(patch: Patch) -> None:
    assert patch.home is not None
    assert (patch.home / FILE).is_file()
    assert [str(problem) for problem in translation_problems(patch)] == []
    found = translation_of(patch)
    assert found is not None
    for english, chinese in found.pairs(english_texts(patch)):
        assert bool(CHINESE.search(chinese)) is bool(english)
        assert set(FIGURE.findall(english)) - set(FIGURE.findall(chinese)) == set()


TEXT = """
id = "toy/quick"
version = 1
summary = "Take 7 steps"
why = "They are enough."
effect = "lossy"
[[files]]
paths = ["toy.py"]
[[files.edits]]
set_const = "STEPS"
old = ["32"]
new = "7"
"""
GOOD = 'of = "DIGEST"\nsummary = "取 7 步"\nwhy = "足够了。"\n'


@pytest.fixture
def toy(tmp_path: Path) -> Path:
    home = tmp_path / "toy" / "quick"
    home.mkdir(parents=True)
    (home / "patch.toml").write_text(TEXT, encoding="utf-8")
    return home


def _read(home: Path) -> Patch:
    from ttsopt.catalog.load import read_catalogue

    (patch,) = [
        one for one in read_catalogue([home.parents[1]])[0].patches if one.id == "toy/quick"
    ]
    return patch


def _write(home: Path, text: str) -> Patch:
    patch = _read(home)
    text = text.replace("DIGEST", english_texts(patch).digest)
    (home / FILE).write_text(text, encoding="utf-8")
    return patch


def test_a_patch_may_have_none(toy: Path) -> None:
    assert translation_of(_read(toy)) is None
    assert [*translation_problems(_read(toy))] == []


def test_it_is_stale_once_the_english_changes_and_not_when_lines_are_broken_anew(toy: Path) -> None:
    patch = _write(toy, GOOD)
    found = translation_of(patch)
    assert found is not None
    assert found.summary == "取 7 步"
    (toy / "patch.toml").write_text(
        TEXT.replace('"They are enough."', '"""They are\nenough."""'), "utf-8"
    )
    assert translation_of(_read(toy)) is not None
    (toy / "patch.toml").write_text(TEXT.replace("enough", "too few"), "utf-8")
    changed = _read(toy)
    assert translation_of(changed) is None
    (problem,) = translation_problems(changed)
    assert problem.key == "of"
    assert english_texts(changed).digest in problem.message


@pytest.mark.parametrize(
    ("text", "key"),
    [
        (GOOD + 'because = "x"\n', "because"),
        (GOOD + 'argued = "x"\n', "argued"),
        (GOOD.replace('why = "足够了。"', 'why = ""'), "why"),
        (GOOD.replace('"取 7 步"', "7"), "summary"),
        (GOOD.replace("of =", "off ="), "of"),
        ("of = ", ""),
        ("\0", ""),
    ],
)
def test_a_wrong_one_is_not_shown_and_is_told(toy: Path, text: str, key: str) -> None:
    patch = _write(toy, text)
    assert translation_of(patch) is None
    assert key in [problem.key for problem in translation_problems(patch)]
