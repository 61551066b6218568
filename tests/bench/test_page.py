"""A report as a page of HTML: whole, on its own, and nothing of what others wrote is mark-up in it."""

from __future__ import annotations

import math
import os
import re
import subprocess
import sys
from array import array
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from bench_fakes import reported
from html_pages import Page
from page_reports import ROUNDS, of_each, report_of, run, with_stages

from ttsopt.bench.outputs.samples import write_wav
from ttsopt.bench.report.model import BenchReport, Chart, Table
from ttsopt.bench.report.page import sounds
from ttsopt.bench.report.page.page import Around, page
from ttsopt.bench.report.page.style import STYLE
from ttsopt.bench.spec import BenchSpec
from ttsopt.cli.again import Again
from ttsopt.cli.next_commands import after_bench, this_command
from ttsopt.domain.effect import Effect
from ttsopt.domain.measurement import GateResult, Utterance
from ttsopt.operations.plan.selection import Selection

EVIL = "</td><script>alert(1)</script><img src=https://e.org/x onerror='a' b=\"c\"> &lt; $x^2$ \x1b[31m \u202e"


def test_a_page_is_whole_and_nothing_is_loaded_from_elsewhere(tmp_path: Path) -> None:
    text = page(report_of(tmp_path))
    found = Page(text)
    assert found.problems == []
    assert len(found.ids) == len(set(found.ids))
    assert [one for one in found.addresses if not one.startswith("#")] == []
    assert "url(http" not in text.replace('"', "").replace("'", "")
    assert not re.search(r"https?://", text)
    assert set(found.tags) & {"script", "link", "iframe", "object", "embed", "form", "img"} == set()
    assert "default-src 'none'" in text


def test_the_verdict_comes_first_then_facts_then_the_next_command(tmp_path: Path) -> None:
    around = Around(command="ttsopt bench . -p tts/fast", then=(("ttsopt apply .", "applies it"),))
    said = Page(page(report_of(tmp_path), around)).said
    told = ["Faster", "1.98 times as fast: 49% less time", "Gain", "Cost", "Equal bits"]
    told += ["Next", "ttsopt apply .", "Speedup, round by round", "peak memory, MiB"]
    told += ["The same again", "ttsopt bench . -p tts/fast"]
    body = said.partition("size ")[2]
    places = [body.find(one) for one in told]
    assert -1 not in places
    assert places == sorted(places)


def test_every_chart_has_its_figures_as_a_table(tmp_path: Path) -> None:
    report = report_of(tmp_path)
    titles = [chart.title for chart in report.charts]
    assert titles == [
        "Speedup, round by round",
        "RTF by length",
        "Where a call's time goes",
        "Memory over the rounds",
    ]
    rounds, lengths, stages, memory = (chart.table for chart in report.charts)
    assert [row[3] for row in rounds.rows] == [
        f"{b / a:.3f}x" for b, a in zip(*ROUNDS.values(), strict=True)
    ]
    assert [row[:2] for row in lengths.rows] == [("short", "13"), ("long", "12")]
    assert stages.rows == (("decoder", "0.500", "0.250", "2.000x"),)
    assert memory.rows[0] == ("1", "0", "0")  # the fake has a KiB
    assert Page(page(report)).said.count("The same figures") == 4


def test_the_steps_of_a_waterfall_are_the_ratios_and_end_at_the_whole(tmp_path: Path) -> None:
    (chart,) = of_each(tmp_path).charts
    names, ratios, _, left = zip(*chart.table.rows, strict=True)
    assert names[2:] == ("together, beyond the product of all", "all together")
    assert [row.partition("x")[0] for row in ratios] == ["1.978", "1.978", "0.506", "1.978"]
    assert [row.partition(" to ")[2] for row in left] == ["50.6%", "25.6%", "50.6%", "50.6%"]


def test_charts_are_named_and_described_and_in_the_colours_of_the_page(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    text = page(report_of(tmp_path))
    drawings = re.findall(r"<svg.*?</svg>", text, re.DOTALL)
    assert len(drawings) == 4
    for number, one in enumerate(drawings, 1):
        assert f'aria-labelledby="chart-{number}-title chart-{number}-says"' in one
        assert '<title id="chart-' in one
        assert '<desc id="chart-' in one
        assert "var(--after)" in one
        assert "#0000" not in one
        assert "<style" not in one
    assert page(report_of(tmp_path)) == text  # the same figures, the same page


def test_nothing_that_others_wrote_is_markup(tmp_path: Path) -> None:
    evil = Utterance(EVIL, EVIL)
    result = with_stages(run(tmp_path, utterances=(evil,)), EVIL)
    result = replace(result, stubs=(EVIL,), bad_audio=(EVIL,))
    gate = GateResult(EVIL, EVIL, EVIL, passed=False)
    report = reported(result, [gate], system=EVIL, version=EVIL, patches=[EVIL])
    around = Around(command="ttsopt", then=(("ttsopt", "again"),))
    clean = set(Page(page(report_of(tmp_path / "clean"), around)).tags)
    for one in (report, of_each(tmp_path / "each", EVIL)):
        text = page(one, Around(command=EVIL, then=((EVIL, EVIL),)))
        found = Page(text)
        assert set(found.tags) <= clean
        assert (found.problems, found.handlers) == ([], [])
        assert [row for row in found.addresses if not row.startswith("#")] == []
        assert "\x1b" not in text
        assert "\u202e" not in text
        assert "<script>alert(1)</script>" in found.said
        assert "$x^2$" in found.said


def test_without_matplotlib_the_figures_are_there_and_the_page_says_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ttsopt.bench.report.page.page.can_draw", lambda: False)
    text = page(report_of(tmp_path))
    found = Page(text)
    assert "svg" not in found.tags
    assert 'pip install "ttsopt[report]"' in found.said
    assert text.count("<details open") == 4


@pytest.mark.skipif(sys.platform == "win32", reason="pipes with names")
def test_a_checkouts_matplotlibrc_is_not_even_opened(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    os.mkfifo(tmp_path / "matplotlibrc")  # who opens it waits for ever
    program = (
        "from ttsopt.bench.report.model import Chart, Table\n"
        "from ttsopt.bench.report.page.drawing import drawn\n"
        "print(drawn(Chart('a', 'b', Table((), ()), lambda axes: axes.plot([1])), 1).tag)"
    )
    done = subprocess.run(
        [sys.executable, "-P", "-c", program],
        cwd=tmp_path, capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip
    assert done.stdout == "svg\n"


def test_sounds_are_in_the_page_up_to_a_bound_and_linked_beyond(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "audio of both"
    folder.mkdir()
    for name in ("short.before", "short.after", "long.before", "long.after"):
        write_wav(folder / f"{name}.wav", array("f", [0.1] * 1000), 24000)
    texts = {"short": "One <b>sentence</b>.", "long": "Another.", "gone": ""}
    found = sounds.saved_sounds(folder, texts)
    monkeypatch.setattr(sounds, "EMBEDDED", 3 * 2044)
    text = page(report_of(tmp_path), Around(tmp_path / "pages" / "a.html", sounds=found))
    addresses = [row for row in Page(text).addresses if not row.startswith("#")]
    assert [row.partition(",")[0] for row in addresses] == [
        *["data:audio/wav;base64"] * 3,
        "../audio%20of%20both/long.after.wav",
    ]
    assert "One <b>sentence</b>." in Page(text).said


def test_letters_stand_out_in_the_light_and_in_the_dark() -> None:
    light, dark = (
        dict(re.findall(r"--(\w+): (#[0-9a-f]{6})", part))
        for part in STYLE.partition("@media print")[0].split("@media (prefers-color-scheme: dark)")
    )
    for colours in (light, dark):
        for name in ("ink", "muted", "before", "after", "good", "bad", "open"):
            for ground in ("card", "page") if name in {"ink", "muted"} else ("card",):
                assert contrast(colours[name], colours[ground]) >= 4.5, (name, ground)


def contrast(one: str, other: str) -> float:
    """https://www.w3.org/TR/WCAG21/#dfn-contrast-ratio."""
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [
        part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    ]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def test_a_chart_that_cannot_be_drawn_costs_no_page() -> None:
    pytest.importorskip("matplotlib")

    def draw(axes: Any) -> None:
        axes.set_ylim(0, math.nan)

    chart = Chart("t", "s", Table(("a",), (("1",),)), draw)
    found = Page(page(BenchReport({}, "headline", (), (), (), charts=(chart,))))
    assert "Not drawn: " in found.said
    assert "svg" not in found.tags


@pytest.mark.parametrize(
    ("data", "typed", "wanted"),
    [
        (
            {"verdict": "faster"},
            ["bench", "tts"],
            ["ttsopt apply tts -p tts/fast --set tts/fast.n=7 --effect lossy"],
        ),
        ({"verdict": "faster", "gates": [{"outcome": "failed"}]}, ["bench", "tts"], []),
        ({"verdict": "faster", "against": "main"}, ["bench", "tts"], []),
        ({"verdict": "same"}, ["bench", "tts"], []),
        ({"verdict": "inconclusive"}, ["bench", "tts"], ["ttsopt bench tts --budget 1200"]),
        (
            {"verdict": "inconclusive"},
            ["bench", "tts", "--rounds=5"],
            ["ttsopt bench tts --rounds=5 --rounds 10"],
        ),
    ],
)
def test_the_next_command_follows_from_the_verdict(
    monkeypatch: pytest.MonkeyPatch, data: dict[str, Any], typed: list[str], wanted: list[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["x", *typed])
    choice = Selection(("tts/fast",), settings=("tts/fast.n=7",), claimed=Effect.LOSSY)
    known = {"gates": [], "patches": ["tts/fast"], "against": "", "speedup": {"rounds": 5}, **data}
    found = after_bench(known, BenchSpec(), choice, Again(("tts",)))
    assert [command for command, _ in found] == wanted


def test_no_password_is_in_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    typed = ["x", "tune", "--storage", "postgresql://me:s3cret@host/db", "--text", "a b@c"]
    monkeypatch.setattr(sys, "argv", typed)
    assert (
        this_command("--budget", "9")
        == "ttsopt tune --storage postgresql://...@host/db --text 'a b@c' --budget 9"
    )


def test_a_report_without_charts_or_summary_is_a_page_too() -> None:
    chart = Chart("t", "s", Table(("a",), ()), lambda _: None)
    bare = BenchReport({}, "headline", (), (), ())
    for report in (bare, replace(bare, charts=(chart,))):
        assert Page(page(report)).problems == []
