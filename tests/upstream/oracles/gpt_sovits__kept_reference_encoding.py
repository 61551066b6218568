"""gpt-sovits/kept-reference-encoding: decode_encp of v3 and v4 is wrapped by a helper that lies beside it."""

from __future__ import annotations

from dataclasses import replace

from oracles.imports import add_import
from oracles.python_file import edited
from oracles.reading import (
    ANYTHING,
    CONSTRUCT,
    Expectation,
    Files,
    Marks,
    Module,
    expression,
    methods,
    other,
)

FILES = ("**/module/models.py",)
PATH = "GPT_SoVITS/module/models.py"
HELPER = "GPT_SoVITS/module/ttsopt_gpt_sovits_kept.py"


def expect(files: Files) -> Expectation:
    """The class that speaks; SynthesizerTrnV3b, of which nobody makes an object, stays."""
    try:
        files.get(PATH, b"").decode("utf-8")
    except UnicodeDecodeError:  # 25cb1bf, of one day: in a comment, where Python does not mind
        return other(f"{PATH} is no text in UTF-8")
    reading = edited(files, PATH, _edit, "no decode_encp: before v3")
    return replace(reading, created={HELPER: ANYTHING}) if reading.kind == CONSTRUCT else reading


def _edit(tree: Module, marks: Marks) -> None:
    for function in methods(tree, "SynthesizerTrnV3", "decode_encp"):
        above = function.decorator_list[0] if function.decorator_list else function  # torch.no_grad
        marks.inserted.add(above.lineno - 1)
        marks.count += 1
        function.decorator_list.insert(0, expression("kept_encoding"))
    if marks.count:
        add_import(tree, "from module.ttsopt_gpt_sovits_kept import kept_encoding", marks)
