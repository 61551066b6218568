"""gpt-sovits/vocoder-graph: the vocoder of v3 and v4 replays CUDA graphs once it is made ready.

No commit calls the vocoder in chunks, which the patch needs (gpt-sovits/chunked-vocoder) and which alone makes its
lengths few: so it must leave every version as it was committed, and say so.
"""

from __future__ import annotations

from oracles.imports import add_import
from oracles.packed_linears import beside, pack_behind
from oracles.python_file import edited
from oracles.reading import CONSTRUCT, Expectation, Files, Marks, Module, other

HELPERS = ("ttsopt_vocoder_graphs", "ttsopt_graphed_module", "ttsopt_graphs")
FOLDER = "GPT_SoVITS/TTS_infer_pack"
PATH = f"{FOLDER}/TTS.py"
PACKAGE = "TTS_infer_pack"  # as the file names its own siblings
FILES = ("**/TTS.py",)
CALLS = {"self.vocoder = self.vocoder.eval()": "graph_vocoder(self.vocoder)"}


def expect(files: Files) -> Expectation:
    """One statement of one method, its import, and the helpers; nothing where the vocoder has no chunks."""
    reading = edited(files, PATH, _edit, "no vocoder is made ready here")
    if reading.kind == CONSTRUCT and b"in_chunks(self.vocoder" not in files[PATH]:
        return other("the vocoder gets whole spectrograms: the need for chunks must hold")
    return beside(reading, FOLDER, HELPERS)


def _edit(tree: Module, marks: Marks) -> None:
    pack_behind(tree, "TTS", "init_vocoder", CALLS, marks)
    if marks.count:
        add_import(tree, f"from {PACKAGE}.{HELPERS[0]} import graph_vocoder", marks, PACKAGE)
