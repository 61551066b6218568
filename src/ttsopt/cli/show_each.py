"""Print the rows of `ttsopt bench --each`, each as it is measured."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ttsopt.cli.text import print_lines

KINDS = "alone: without any, with it · left out: all but it, with it · all: without any, with all"

FIGURES = (
    ("token_agreement", "{:.1%} of tokens equal", min),
    ("mel_db", "log-mel {:.2f} dB", max),
    ("snr_db", "SNR {:.1f} dB", min),
)


def show_row(row: Mapping[str, Any]) -> None:
    """Print the comparison, its verdict and ratio, or why there is none."""
    patches = ", ".join(row["patches"])
    print_lines([f"{row['kind']:<8}  {patches}  {_told(row)}"])


def show_end(data: Mapping[str, Any], family: str) -> None:
    """Print what the words mean, how many rows are missing, and the family-wise error."""
    missing = data["planned"] - len(data["each"])
    print_lines([f"not measured: {missing} of {data['planned']} comparisons"] * bool(missing))
    print_lines(["", KINDS, family])


def _told(row: Mapping[str, Any]) -> str:
    result = row["result"]
    if result is None:
        return f"failed: {row['error']['message']}"
    speedup, (low, high) = result["speedup"], result["speedup"]["interval"]
    bounds = f"{low:.3f} to {'?' if high is None else f'{high:.3f}'}"
    cut = " (cut short)" if result["failure"] or result["interrupted"] else ""
    ratio = (
        f"{speedup['value']:.3f}x ({speedup['level']:.0%}: {bounds}, {speedup['rounds']} rounds)"
    )
    return f"{result['verdict']}: {ratio}{cut}, {_output(result)}"


def _output(result: Mapping[str, Any]) -> str:
    """The worst of all utterances, in work, sound and defects."""
    different = [output for output in result["outputs"] if not output["equal"]]
    if not different:
        return "equal bits"
    facts = list(dict.fromkeys(work for output in different for work in output["changed_work"]))
    for key, words, pick in FIGURES:
        known = [output[key] for output in different if output[key] is not None]
        facts += [words.format(pick(known))] if known else []
    facts += [defect for output in different for defect in output["new_defects"]]
    facts += ["quality unverified"] * result["quality_unverified"]
    return ", ".join(facts) or "different"
