"""The READMEs: generated or held to what they claim, in both languages alike."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from published_gains import BEGIN, END, WORDS, best_of, gains, with_table
from recording import cut, image

from ttsopt.catalog.load import load_catalogue
from ttsopt.domain.measurement import Verdict

TOP = Path(__file__).parents[1]
CATALOGUE = load_catalogue()
TEXTS = {name: (TOP / name).read_text(encoding="utf-8") for name in WORDS}
BLOCK = re.compile(r"^```console[^\n]*\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)#\s]+)(?:#([^)\s]*))?\)")


def commands(text: str) -> list[str]:
    lines = [line for block in BLOCK.findall(text) for line in block.splitlines()]
    return [line.partition(" # ")[0].strip() for line in lines]


@pytest.mark.parametrize("name", WORDS)
def test_the_table_of_gains_is_up_to_date(name: str) -> None:
    assert with_table(TEXTS[name], name, CATALOGUE) == TEXTS[name], "run `make pages`"


def test_a_gain_is_of_the_patch_as_it_is_now_and_has_a_verdict() -> None:
    versions = {patch.id: patch.version for patch in CATALOGUE.patches}
    rows = gains(CATALOGUE)
    assert rows
    assert all(row.patch_version == versions[row.patch] for row in rows)
    assert {row.verdict for row in rows} == {Verdict.FASTER}
    assert {row.weights for row in rows} == {"random"}, "the sentence above the table says so"


def test_the_published_size_counts_before_a_higher_ratio_of_a_small_model() -> None:
    row = gains(CATALOGUE)[0]
    small = replace(row, size="tiny", speedup=9.0)
    real = replace(row, size="real", speedup=1.5)
    old = replace(row, size="real", speedup=7.0, patch_version=row.patch_version - 1)
    warm = replace(real, hot=True, speedup=8.0)
    undecided = replace(real, verdict=Verdict.INCONCLUSIVE, speedup=6.0)
    rows = [small, real, old, warm, undecided]
    assert best_of(rows, {row.patch: row.patch_version}) == [real]


def test_a_text_without_the_marks_of_the_table_is_an_error() -> None:
    with pytest.raises(ValueError, match="expected"):
        with_table("no table here", "README.md", CATALOGUE)


def test_a_recording_says_how_much_it_leaves_out_and_no_path() -> None:
    plan = "\n".join(["$ ttsopt plan --effect lossy", *(f"+line {n}" for n in range(30))])
    end = "$ ttsopt rollback\nrolled back\nlisten to what came out of both sides:\n/tmp/a/b.wav"
    shown = cut(f"\n{plan}\n\n{end}\n")
    assert "... 21 more lines" in shown
    assert "+line 8" in shown
    assert "+line 9" not in shown
    assert shown.endswith("rolled back")
    assert "@font-face" not in image(shown)


def test_both_languages_have_the_same_commands() -> None:
    english, chinese = (commands(TEXTS[name]) for name in WORDS)
    assert len(english) > 15
    assert english == chinese


def test_both_languages_have_the_same_figures() -> None:
    found = []
    for text in TEXTS.values():
        outside = re.sub(rf"{BEGIN}.*?{END}", "", text, flags=re.DOTALL)
        found.append(set(re.findall(r"\d[\d,.]*\d|\d", LINK.sub("", BLOCK.sub("", outside)))))
    assert found[0] == found[1]


def test_both_languages_lead_to_the_same_pages() -> None:
    english, chinese = (set(LINK.findall(TEXTS[name])) for name in WORDS)
    assert english - {("README.zh-CN.md", "")} == chinese - {("README.md", "")}


@pytest.mark.parametrize("name", WORDS)
def test_every_link_leads_somewhere(name: str) -> None:
    for target, anchor in LINK.findall(TEXTS[name]):
        if "://" in target:
            continue
        assert (TOP / target).exists(), target
        if anchor:
            headings = re.findall(
                r"^#+ (.*)$", (TOP / target).read_text(encoding="utf-8"), re.MULTILINE
            )
            assert anchor in {re.sub(r"[^\w -]", "", one).replace(" ", "-") for one in headings}


@pytest.mark.parametrize("name", WORDS)
def test_every_system_of_the_catalogue_is_named(name: str) -> None:
    for system in CATALOGUE.systems:
        if system.id != "sample":
            assert system.name in TEXTS[name]


@pytest.mark.parametrize("name", WORDS)
def test_the_figures_of_the_upstream_run_are_those_of_its_table(name: str) -> None:
    table = (TOP / "docs/results/upstream.md").read_text(encoding="utf-8")
    lines = [line.split("|")[1:-1] for line in table.splitlines() if line.startswith("|")]
    lines = [line for line in lines if "**all**" not in line[0]]
    rows = [
        list(map(int, line[2:])) for line in lines if len(line) == 12 and line[2].strip().isdigit()
    ]
    versions, places, *_, missed, wrong, _ = map(sum, zip(*rows, strict=True))
    assert (missed, wrong) == (0, 0)
    assert f"{places:,}" in TEXTS[name]
    assert f"{versions:,}" in TEXTS[name]


def test_the_recording_is_a_run_of_every_step() -> None:
    image = ET.parse(TOP / "docs/images/demo.svg").getroot()  # noqa: S314 - our own file
    words = " ".join("".join(image.itertext()).replace("\u00a0", " ").split())
    for step in ("discover", "plan", "apply", "bench --rtf", "rollback"):
        assert f"$ ttsopt {step}" in words
    assert "byte for byte what it was" in words
    assert "/tmp" not in words
    assert "http" not in "".join(image.itertext())
