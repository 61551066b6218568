"""Writes docs/results/gpu-parity.md: `gpu_parity.py FILE...`, outputs of `tests/helpers/*_graph_trials.py`."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

PAGE = Path(__file__).parents[1] / "docs" / "results" / "gpu-parity.md"
HEAD = """\
# Steps of fixed shapes beside the shipped ones

For the patches that decode or evaluate by CUDA graphs ([decision 53](../decisions/0053-steps-of-fixed-shapes.md)),
for `f5-tts/fewer-launches`, and for `cosyvoice/onnx-flow` on ONNX Runtime's CPU provider.
No GPU was to be had: this says that the arithmetic is the same, and nothing about speed. Run on a CPU with
upstream's own code, small models of random weights and a device that is a stub; each row is one case over
several seeds.

The error is the largest absolute difference of any number in any step, beside the largest number there.
"""
TABLE = """
| what | case | type | steps | error | largest |
|---|---|---|---:|---:|---:|
"""
TAIL = """
Made by `benchmarks/gpu_parity.py` from what these print, in the interpreter of each system:
`PYTHON tests/helpers/gpt_sovits_graph_trials.py patches/_helpers CHECKOUT`, `cosyvoice_graph_trials.py` (its
checkout has `cosyvoice/masks-without-waiting`), `index_tts_graph_trials.py`, `mockingbird_graph_trials.py`,
`step_audio_graph_trials.py`, `f5_block_trials.py` and `onnx_flow_trials.py` (with a third argument, an empty
folder). `tests/helpers/test_graphed_steps.py`, `test_f5_blocks.py` and `test_onnx_flow.py` hold the limits. The
trials of graphs also export each captured region (`torch.export`): in none of them
does anything wait for a number of the device.
"""


def page(results: Sequence[Mapping[str, Any]]) -> str:
    """Return the page of results, each {"wrong": trials, "parity": rows}; ValueError where a trial went wrong."""
    for result in results:
        wrong = [name for name, told in result["wrong"].items() if told]
        if wrong:
            raise ValueError(f"went wrong: {', '.join(wrong)}")
    return HEAD + TABLE + "".join(lines(results)) + TAIL


def lines(results: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Yield the rows of the table."""
    for result in results:
        for row in result["parity"]:
            off = "0" if row["off"] == 0 else f"{row['off']:.1e}"
            first = f"| {row['what']} | {row['case']} | {row['type']} | {row['steps']} "
            yield f"{first}| {off} | {row['largest']:.2g} |\n"


if __name__ == "__main__":
    told = [Path(name).read_text(encoding="utf-8").splitlines()[-1] for name in sys.argv[1:]]
    PAGE.write_text(page([json.loads(line) for line in told]), encoding="utf-8")
