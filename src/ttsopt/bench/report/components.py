"""The weights of a benchmark in a report: which components of the model were real, and the first lines on them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ttsopt.bench.spec import RANDOM, BenchSpec

Data = Mapping[str, Any]

HOW_FAST = "how fast, nothing of how good"


def components_data(spec: BenchSpec) -> list[dict[str, object]]:
    """The components of the chosen model, and where real ones were found; no path, for results are published."""
    chosen = spec.chosen
    if chosen.model is None or spec.weights_word == "given":
        return []
    return [
        {
            "name": row.component.name,
            "real": row in chosen.real,
            "found": [place.value for place in row.places] if row in chosen.real else [],
        }
        for row in chosen.model.required
    ]


def first_lines(data: Data) -> tuple[str, ...]:
    """Say of which model the figures are; nothing where the catalogue lists no models of the system."""
    rows = data.get("components")
    if not rows:
        return ()
    weights = data["weights"]
    if weights == RANDOM:
        model = "toy model" if data["size"] == "tiny" else "model of the published size"
        return f"{model}, random weights: {HOW_FAST}", _how(data)
    real = [row["name"] for row in rows if row["real"]]
    if weights == "found":
        return f"real weights: {', '.join(real)}", _how(data)
    random = ", ".join(row["name"] for row in rows if not row["real"])
    return f"mixed weights: {HOW_FAST}", f"real: {', '.join(real)}; random: {random}", _how(data)


def _how(data: Data) -> str:
    """Size, threads, device and interpreter."""
    interpreter = data["environment"].get("interpreter", {})
    device = data["after"]["model"].get("device", "unknown")
    python = f"Python {interpreter.get('python')} ({interpreter.get('chosen')})"
    return f"size {data['size']}, threads {data['threads']}, device {device}, {python}"
