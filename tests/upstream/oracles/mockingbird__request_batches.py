"""mockingbird/request-batches: Tacotron's loops call their decoder through a helper, and say when they end."""

from __future__ import annotations

import ast

from oracles.imports import add_import
from oracles.python_file import edited
from oracles.reading import (
    ANYTHING,
    Expectation,
    Files,
    Marks,
    Module,
    blocks,
    expression,
    lines_of,
    statements,
)

FILES = ("**/synthesizer/models/tacotron.py",)
FOLDERS = ("models/synthesizer/models", "synthesizer/models")
HELPERS = ("ttsopt_mockingbird_batches", "ttsopt_request_batches")
NAMES = "decoder_step, leave_batch"


def expect(files: Files) -> Expectation:
    """One file, two places in each loop."""
    folder = next((one for one in FOLDERS if f"{one}/tacotron.py" in files), FOLDERS[0])

    def edit(tree: Module, marks: Marks) -> None:
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef) and node.name == "Tacotron":
                _speak_together(node, marks)
        if marks.count:
            package = "" if _names_its_own(tree) else folder.replace("/", ".")
            add_import(tree, f"from {package}.{HELPERS[0]} import {NAMES}", marks)

    reading = edited(files, f"{folder}/tacotron.py", edit, "no loop over a decoder")
    if not reading.edits:
        return reading
    created = {f"{folder}/{name}.py": ANYTHING for name in HELPERS}
    return Expectation(reading.kind, edits=reading.edits, created=created)


def _names_its_own(tree: Module) -> bool:
    """True if the file imports its siblings by `from .name`, as since July 2022, or none, as in its first days."""
    named = [node for node in tree.body if isinstance(node, ast.ImportFrom)]
    absolute = any((node.module or "").startswith("synthesizer.") for node in named)
    return any(node.level == 1 for node in named) or not absolute


def _speak_together(owner: ast.ClassDef, marks: Marks) -> None:
    for node in ast.walk(owner):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "self.decoder":
            node.func = expression("decoder_step")
            node.args = [expression("self.decoder"), *node.args]
            marks.changed |= set(lines_of(node))
            marks.count += 1
    for block in blocks(owner):
        for node in list(block):
            if ast.unparse(node) == "postnet_out = self.postnet(mel_outputs)":
                block[block.index(node) : block.index(node)] = statements(
                    "leave_batch(self.decoder)"
                )
                marks.inserted.add(node.lineno - 1)
                marks.count += 1
