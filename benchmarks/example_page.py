"""Makes docs/example-report.html: the page that `bench --report` writes of a saved run (`make example-page`).

The result is docs/results/example-report.json, as `--save` wrote it. Charts are by matplotlib (`ttsopt[report]`).
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ttsopt.bench.report.page.drawing import can_draw
from ttsopt.bench.report.page.page import Around, page
from ttsopt.bench.report.report import bench_report

DOCS = Path(__file__).parents[1] / "docs"
SAVED, MADE = DOCS / "results" / "example-report.json", DOCS / "example-report.html"
COMMAND = (
    "ttsopt bench CosyVoice -p cosyvoice/fused-flow --size real --resident --threads 1"
    " --python .environments/cosyvoice/bin/python --save example-report.json --report example-report.html"
)
THEN = (
    (
        "ttsopt apply CosyVoice -p cosyvoice/fused-flow",
        "applies what was measured; `ttsopt rollback` takes it out again",
    ),
)


def main() -> int:
    """Write the page; 1 where there is nothing to draw with."""
    if not can_draw():
        print('the page has charts: pip install "ttsopt[report]"', file=sys.stderr)
        return 1
    MADE.write_text(made(), encoding="utf-8")
    return 0


def made() -> str:
    """Return the page."""
    data = json.loads(SAVED.read_text(encoding="utf-8"), object_hook=_as_measured)
    return page(bench_report(data), Around(MADE, COMMAND, THEN))


def _as_measured(table: Mapping[str, Any]) -> dict[Any, Any]:
    """Percentiles are by number where they are measured; JSON has no such keys."""
    if table and all(key.isdecimal() for key in table):
        return {int(key): value for key, value in table.items()}
    return dict(table)


if __name__ == "__main__":
    raise SystemExit(main())
