"""Runs the trials of graphed decoders in a target's interpreter; results as JSON on the last line.

A row of parity says how far a step of fixed shapes is from the shipped one, over all steps of its case.
"""

from __future__ import annotations

import json
import sys
import traceback
from collections.abc import Callable, Iterable
from importlib import import_module
from typing import Any

torch: Any = import_module("torch")


def row(what: str, case: str, made: Any, wanted: Any) -> dict[str, Any]:
    """Compare two lists of tensors: a row of a parity table."""
    pairs = list(zip(made, wanted, strict=True))
    assert all(one.shape == other.shape for one, other in pairs)
    return {
        "what": what,
        "case": case,
        "type": str(wanted[0].dtype).rpartition(".")[2],
        "steps": len(wanted),
        "off": max(float((one - other).abs().max()) for one, other in pairs),
        "largest": max(float(other.abs().max()) for other in wanted),
    }


def report(trials: Iterable[Callable[[], Any]], parity: Callable[[], list[dict[str, Any]]]) -> None:
    """Run trials; print what went wrong in each, and the rows of parity."""
    helpers = [one for name, one in sys.modules.items() if name.startswith("ttsopt_")]
    torch.set_num_threads(1)
    wrong = {}
    for trial in trials:
        for one in helpers:
            getattr(one, "__ttsopt_fallbacks__", []).clear()
        torch.set_default_dtype(torch.float32)
        torch.manual_seed(1)
        try:
            trial()
            wrong[trial.__name__] = ""
        except BaseException:  # noqa: BLE001 - whatever it is, the test says it
            wrong[trial.__name__] = traceback.format_exc(limit=-4)
    sys.stdout.write(json.dumps({"wrong": wrong, "parity": parity()}) + "\n")


def exported_reads(module: Any, given: tuple[Any, ...]) -> set[str]:
    """Export a captured region; return the operations in it that would wait for a number of the device."""
    with torch.no_grad():
        made = torch.export.export(module, given)
    names = {str(node.target) for node in made.graph.nodes if node.op == "call_function"}
    waiting = ("aten.item", "_local_scalar_dense", "nonzero", "aten.equal")
    return {name for name in names if any(one in name for one in waiting)}


class Region(torch.nn.Module):  # type: ignore[misc]
    """A slot's captured region as a module, its buffers as buffers."""

    def __init__(self, slot: Any) -> None:
        super().__init__()
        self.step = slot.step
        for name in ("keys", "values", "hidden"):
            self.register_buffer(name, getattr(slot, name))
        self.rows, self.run = slot.rows, type(slot).run

    def forward(self, x: Any, position: Any) -> Any:
        """Run the region."""
        return self.run(self, x, position)
