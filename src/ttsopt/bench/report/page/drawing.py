"""Charts as SVG, by matplotlib where it is installed (`ttsopt[report]`); imported when a page has charts.

Text stays text, in the page's own font and colours. The settings of a user or of a checkout (`matplotlibrc` in
the working directory, which matplotlib reads first of all) have no say: it is imported in a folder of ttsopt's.
"""

from __future__ import annotations

import contextlib
import io
import logging
import re
import warnings
from importlib import import_module
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

from ttsopt.bench.report.charts.style import GRID, INK, MUTED, SMALL, VARIABLES
from ttsopt.bench.report.model import Chart
from ttsopt.bench.report.page.elements import element
from ttsopt.boundary.escape import one_line

HERE = Path(__file__).parent
WIDTH = 330.0  # so that letters keep their size on a phone
LONGEST = 40  # letters of a line
POINTS = 72  # an inch, which is what figures are sized in
SETTINGS: dict[str, Any] = {
    "svg.fonttype": "none",
    "text.parse_math": False,  # a name with two $ is no formula
    "font.family": "sans-serif",
    "font.size": 10.5,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.spines.left": False,
    "axes.edgecolor": MUTED,
    "axes.facecolor": "none",
    "figure.facecolor": "none",
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": GRID,
    "grid.linewidth": 0.8,
    "text.color": INK,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "xtick.labelsize": SMALL,
    "ytick.labelsize": SMALL,
    "xtick.major.size": 0,
    "ytick.major.size": 0,
    "lines.linewidth": 1.8,
    "lines.markersize": 4.5,
    "legend.fontsize": SMALL,
}
_COLOUR = re.compile("|".join(VARIABLES))
_NAMESPACE = re.compile(r"\{[^}]*\}")


def can_draw() -> bool:
    """True if matplotlib is installed, and can be imported."""
    try:
        with contextlib.chdir(HERE):
            import_module("matplotlib.figure")
    except (ImportError, OSError):
        return False
    return True


def drawn(chart: Chart, number: int) -> ET.Element:
    """Return the chart as an `svg` element, with its title and description; `number` is unique in a page.

    Raises:
        ValueError: matplotlib cannot draw these figures.
    """
    with _quiet():
        root = ET.fromstring(_svg(chart, number))  # noqa: S314 - matplotlib's own, of escaped text
    for node in root.iter():
        node.tag = _NAMESPACE.sub("", node.tag)
        node.attrib = {
            _NAMESPACE.sub("", name): _COLOUR.sub(_variable, value)
            for name, value in node.attrib.items()
            if (node.tag, name) != ("g", "id")  # which every figure has of its own
        }
    for above in root.iter("defs"):
        for rules in above.findall("style"):  # these would hold for the whole page
            above.remove(rules)
    box = root.get("viewBox", "")
    names = {"role": "img", "aria-labelledby": f"chart-{number}-title chart-{number}-says"}
    root.attrib = {"viewBox": box, **names}
    for place, (tag, text) in enumerate((("title", chart.title), ("desc", chart.says))):
        kind = "says" if place else "title"
        root.insert(place, element(tag, text, id=f"chart-{number}-{kind}"))
    return root


def _variable(found: re.Match[str]) -> str:
    return f"var({VARIABLES[found.group()]})"


def _short(text: str) -> str:
    """A name of any length; its table has it whole."""
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 3]}..."


def _svg(chart: Chart, number: int) -> bytes:
    with contextlib.chdir(HERE):
        import matplotlib.style
        from matplotlib.backends.backend_svg import FigureCanvasSVG
        from matplotlib.figure import Figure
        from matplotlib.text import Text

    # Names of parts are made of the salt: unique in the page, and the same for the same figures.
    settings = {**SETTINGS, "svg.hashsalt": f"ttsopt-{number}"}
    with matplotlib.style.context(["default", settings]):
        size = WIDTH / POINTS, chart.height / POINTS
        figure = Figure(figsize=size, dpi=POINTS, layout="constrained")
        FigureCanvasSVG(figure)
        chart.draw(figure.add_subplot())
        for text in figure.findobj(Text):
            text.set_text(_short(one_line(text.get_text())))
        written = io.BytesIO()
        nothing = dict.fromkeys(("Creator", "Date", "Format", "Type"))
        figure.savefig(written, format="svg", metadata=nothing)
    return written.getvalue()


@contextlib.contextmanager
def _quiet() -> Any:
    """Have nothing said of letters that its own fonts lack: the page's have them."""
    logger = logging.getLogger("matplotlib")
    level = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.setLevel(level)
