"""The answer of `ttsopt bench --each`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ttsopt.cli.text import print_lines, table

HEADERS = ("", "patch", "verdict", "speedup", "its interval", "what came out")

FIGURES = (
    ("token_agreement", "{:.1%} of tokens equal", min),
    ("mel_db", "log-mel {:.2f} dB", max),
    ("snr_db", "SNR {:.1f} dB", min),
)


def show_each(data: Mapping[str, Any]) -> None:
    """A row a comparison, in the order in which they were measured."""
    table(HEADERS, [_row(row) for row in data["each"]])
    print_lines(
        ["alone: without any, with it · left out: all but it, with it · all: without any, with all"]
    )


def _row(row: Mapping[str, Any]) -> tuple[str, ...]:
    done, (low, high) = row["result"], row["result"]["speedup"]["interval"]
    bounds = f"{low:.3f} to {'?' if high is None else f'{high:.3f}'}"
    speedup = f"{done['speedup']['value']:.3f}x"
    return row["kind"], ", ".join(row["patches"]), done["verdict"], speedup, bounds, _output(done)


def _output(done: Mapping[str, Any]) -> str:
    """The worst of all utterances, in work, sound and defects."""
    different = [output for output in done["outputs"] if not output["equal"]]
    if not different:
        return "equal bits"
    facts = list(dict.fromkeys(work for output in different for work in output["changed_work"]))
    for key, words, pick in FIGURES:
        known = [output[key] for output in different if output[key] is not None]
        facts += [words.format(pick(known))] if known else []
    facts += [defect for output in different for defect in output["new_defects"]]
    facts += ["quality unverified"] * done["quality_unverified"]
    return ", ".join(facts) or "different"
