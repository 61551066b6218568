"""step-audio/encoder-graph: the paraformer hands its layers to the helper once its parts are there.

It needs step-audio/one-pass-encoder, and no commit has that: where it is not put in, nothing may happen.
"""

from __future__ import annotations

from dataclasses import replace

from oracles.imports import add_import
from oracles.packed_linears import pack_behind
from oracles.python_file import edited
from oracles.reading import ANYTHING, CONSTRUCT, Expectation, Files, Marks, Module, other

FILES = ("**/paraformer_streaming/model.py",)
FOLDER = "funasr_detach/models/paraformer_streaming/"
MODULE = FOLDER.replace("/", ".") + "ttsopt_one_pass_graphs"
CALLS = {"super().__init__(*args, **kwargs)": "graph_layers(self)"}
HELPERS = ("ttsopt_one_pass_graphs", "ttsopt_graphs")


def expect(files: Files) -> Expectation:
    """One statement of the constructor, its import, and the helpers; nothing where chunks go one by one."""
    path = FOLDER + "model.py"
    reading = edited(files, path, _edit, "the model has no constructor")
    if reading.kind == CONSTRUCT and b"encode_chunks(self, encoder_outs, cache)" not in files[path]:
        return other("chunks are encoded one by one: the need for the one pass must hold")
    created = {f"{FOLDER}{helper}.py": ANYTHING for helper in HELPERS}
    return replace(reading, created=created) if reading.kind == CONSTRUCT else reading


def _edit(tree: Module, marks: Marks) -> None:
    pack_behind(tree, "ParaformerStreaming", "__init__", CALLS, marks)
    if marks.count:
        add_import(tree, f"from {MODULE} import graph_layers", marks)
