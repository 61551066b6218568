"""Pages in a real browser: no word on its console, nothing wider than a phone, dark where that is asked for."""

from __future__ import annotations

import html
import json
import os
import re
import shutil
import subprocess
from array import array
from pathlib import Path
from typing import Any

import pytest
import speech_server as servers
from cli_driver import Cli
from page_reports import of_each, report_of
from speech_server import speech_server
from tuning_fakes import TunedMachine

from ttsopt.bench.outputs.samples import write_wav
from ttsopt.bench.report.page.page import Around, page
from ttsopt.bench.report.page.sounds import saved_sounds

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
BROWSER = next(filter(None, map(shutil.which, NAMES)), None)
pytestmark = pytest.mark.skipif(BROWSER is None, reason=f"no browser: none of {', '.join(NAMES)}")
PAGES = ("bench", "each", "http", "tune", "history")
WIDTHS = (360, 1100)
# Reads what a page came to at each width, from outside of it: its own policy lets no script run.
FRAMES = """<body style="margin:0"><pre id="found"></pre>%s<script>
addEventListener("load", () => { found.textContent = JSON.stringify([...document.querySelectorAll("iframe")].map(
  (frame) => { const page = frame.contentDocument, sizes = [...page.querySelectorAll("svg")].map(
      (one) => Math.min(one.clientWidth, one.clientHeight));
    return { wide: page.documentElement.scrollWidth - frame.clientWidth, charts: sizes,
             players: [...page.querySelectorAll("audio")].map((one) => one.clientWidth) }; })); });
</script>"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("pages")


def browse(folder: Path, file: Path, *options: str) -> tuple[str, list[str]]:
    """The page as the browser has it, and what its console says."""
    root = ["--no-sandbox"] if os.geteuid() == 0 else []
    command = [str(BROWSER), "--headless", *root, "--disable-gpu", "--hide-scrollbars"]
    command += ["--allow-file-access-from-files", "--enable-logging=stderr"]
    command += [f"--user-data-dir={folder / 'profile'}", *options, file.as_uri()]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    return done.stdout, [line for line in done.stderr.splitlines() if "CONSOLE" in line]


def frames(folder: Path, names: tuple[str, ...], widths: tuple[int, ...]) -> Path:
    row = '<iframe src="{}.html" style="border:0;width:{}px;height:900px"></iframe>'
    made = folder / "frames.html"
    made.write_text(FRAMES % "".join(row.format(name, width) for name in names for width in widths))
    return made


@pytest.fixture
def pages(
    folder: Path, cli: Cli, sample: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """A page of each kind."""
    pytest.importorskip("matplotlib")
    pytest.importorskip("optuna")
    for side in ("before", "after"):
        write_wav(tmp_path / f"short.{side}.wav", array("f", [0.1] * 2400), 24000)
    sounds = saved_sounds(tmp_path, {"short": "One sentence."})
    around = Around(
        folder / "bench.html", "ttsopt bench .", (("ttsopt apply .", "applies it"),), sounds
    )
    (folder / "bench.html").write_text(page(report_of(tmp_path), around), encoding="utf-8")
    name = f"tts/{'a-very-long-name-' * 5}"
    (folder / "each.html").write_text(page(of_each(tmp_path, name)), encoding="utf-8")
    with speech_server(servers.speak()) as server:
        options = ("--requests", "8", "--rounds", "2", "--concurrency", "1,2")
        cli("bench", "--http", server.url, server.url, *options, "--report", folder / "http.html")
    monkeypatch.setattr("ttsopt.operations.bench.measure.WorkerExecutor", TunedMachine())
    cli("tune", sample, "--text", "Hi.", "--threads", "1", "--report", folder / "tune.html")
    saved = tmp_path / "rtf"
    for number in range(3):
        data = json.loads(json.dumps(report_of(tmp_path / str(number)).data))
        known = {"schema": 1, "commit": f"{number}" * 40, "date": "2026-01-01", "resident": None}
        saved.mkdir(exist_ok=True)
        (saved / f"{number}.json").write_text(json.dumps({**data, **known}), encoding="utf-8")
    cli("compare", "--history", saved, "--report", folder / "history.html")
    return folder


def test_pages_are_whole_in_a_browser(pages: Path) -> None:
    seen, console = browse(pages, frames(pages, PAGES, WIDTHS), "--dump-dom")
    told = re.search(r'<pre id="found">(.*?)</pre>', seen)
    assert told
    found: list[dict[str, Any]] = json.loads(html.unescape(told[1]))
    assert console == []
    assert len(found) == len(PAGES) * len(WIDTHS)
    assert [row["wide"] for row in found] == [0] * len(found)
    counts = [len(row["charts"]) for row in found[::2]]
    assert counts in (
        [4, 1, 3, 1, 2],
        [4, 1, 4, 1, 2],
    )  # one of the first audio, if that came early
    assert all(size > 100 for row in found for size in row["charts"])
    assert len(found[0]["players"]) == 2
    assert all(width > 200 for width in found[0]["players"])
    light, dark = (shot(pages, scheme) for scheme in (1, 0))
    assert light > 180  # of 255, on the average
    assert dark < 90


def shot(pages: Path, scheme: int) -> float:
    """How light a picture of a page is."""
    from PIL import Image, ImageStat

    picture = pages / f"{scheme}.png"
    options = (f"--blink-settings=preferredColorScheme={scheme}", "--window-size=800,900")
    _, console = browse(pages, pages / "bench.html", f"--screenshot={picture}", *options)
    assert console == []
    with Image.open(picture) as seen:
        return float(ImageStat.Stat(seen.convert("L")).mean[0])


def test_a_word_on_the_console_would_be_seen(folder: Path) -> None:
    """And so would a script in a page: its policy lets none run."""
    text = page(report_of(folder)).replace("</body>", "<script>document.title</script></body>")
    (folder / "broken.html").write_text(text, encoding="utf-8")
    _, console = browse(folder, folder / "broken.html", "--dump-dom")
    assert "Content Security Policy" in "".join(console)
