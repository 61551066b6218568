"""Commands that a page of HTML names: the one that made it, and the ones that follow from its verdict."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from ttsopt.domain.typed_command import typed

if TYPE_CHECKING:
    from ttsopt.bench.spec import BenchSpec
    from ttsopt.cli.again import Again
    from ttsopt.operations.plan.selection import Selection

Data = Mapping[str, Any]
Commands = tuple[tuple[str, str], ...]
_LOGIN = re.compile(r"(\w+://)[^/@\s]*@")
TAKES_OUT = "applies what was measured; `ttsopt rollback` takes it out again"


def this_command(*further: str) -> str:
    """Return the command that runs, as it was typed, with more words at its end; no password of a URL is in it."""
    words = (_LOGIN.sub(r"\1...@", word) for word in sys.argv[1:])
    return typed("ttsopt", *words, *further)


def after_bench(data: Data, spec: BenchSpec, choice: Selection, words: Again) -> Commands:
    """Return what follows from a comparison: applying what is faster, or measuring longer."""
    verdict, failed = data["verdict"], any(gate["outcome"] == "failed" for gate in data["gates"])
    if verdict == "inconclusive":
        return ((this_command(*_longer(data, spec)), "measures twice as long"),)
    if verdict == "faster" and data["patches"] and not (failed or data["against"]):
        return (
            (typed("ttsopt", "apply", *words.place, *words.choice, *_chosen(choice)), TAKES_OUT),
        )
    return ()


def after_each(data: Data, words: Again) -> Commands:
    """Return the command that measures together what is faster alone."""
    faster = [
        row["patches"]
        for row in data["each"]
        if row["kind"] == "alone" and row["result"] and row["result"]["verdict"] == "faster"
    ]
    names = dict.fromkeys(name for patches in faster for name in patches)
    if not names:
        return ()
    named = (word for name in names for word in ("-p", name))
    command = typed("ttsopt", "bench", *words.place, *words.choice, *named)
    return ((command, "measures those together that are faster alone"),)


def _longer(data: Data, spec: BenchSpec) -> tuple[str, str]:
    if any(word.partition("=")[0] == "--rounds" for word in sys.argv):
        return "--rounds", str(2 * data["speedup"]["rounds"])
    return "--budget", f"{2 * spec.budget:g}"


def _chosen(choice: Selection) -> Iterator[str]:
    """Give the options by which `apply` takes the same patches."""
    options = (("-p", choice.patches), ("--set", choice.settings), ("--patch-file", choice.files))
    for option, values in (*options, ("--force", choice.forced)):
        for value in values:
            yield from (option, str(value))
    if choice.claimed and not choice.files:
        yield from ("--effect", choice.claimed.value)
    if choice.everything:
        yield "--all"
