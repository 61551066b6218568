"""mockingbird/fewer-host-syncs: r is read once before the decoder's loops, the stop token only where it counts."""

from __future__ import annotations

import ast

from oracles.changes import Function
from oracles.reading import (
    Expectation,
    Files,
    Marks,
    Module,
    construct,
    expression,
    lines_of,
    methods,
    none,
    other,
    parsed,
    spelled,
    statements,
)

FILES = ("**/synthesizer/models/tacotron.py", "**/synthesizer/models/sv2tts.py")
TOLD = "r = self.decoder.r.item()\nself.decoder.frames_a_step = r"
LISTS = ast.unparse(ast.parse("mel_outputs, attn_scores, stop_outputs = [], [], []"))


def expect(files: Files) -> Expectation:
    """Three changes in each loop, two in the decoder: all in the file of Tacotron, which moved once."""
    edits = {}
    for path in sorted(files):
        tree = parsed(files[path])
        if tree is None:
            return other(f"{path} is no Python")
        marks = Marks()
        _decoder(tree, marks)
        for name in ("forward", "generate"):
            for function in methods(tree, "Tacotron", name):
                _loop(function, marks)
        if marks.count:
            edits[path] = marks.edit(tree)
    return construct(edits) if edits else none("no Tacotron")


def _decoder(tree: Module, marks: Marks) -> None:
    for node in tree.body:
        if isinstance(node, ast.ClassDef) and node.name == "Decoder":
            (at,) = [i for i, one in enumerate(node.body) if spelled(one, "max_r = 20")]
            marks.inserted.add(max(lines_of(node.body[at])))
            node.body[at + 1 : at + 1] = statements("frames_a_step = None")
            marks.count += 1
    for function in methods(tree, "Decoder", "forward"):
        for part in ast.walk(function):
            if isinstance(part, ast.Slice) and part.upper and spelled(part.upper, "self.r"):
                marks.changed |= set(lines_of(part.upper))
                part.upper = expression("self.frames_a_step or self.r")
                marks.count += 1


def _loop(function: Function, marks: Marks) -> None:
    for at, node in enumerate(function.body):
        if isinstance(node, ast.For) and ast.unparse(node.iter) == "range(0, steps, self.r)":
            _read_r(node, marks)
            _ask_late(node, marks)
            (lists,) = [i for i in range(at) if ast.unparse(function.body[i]) == LISTS]
            marks.inserted.add(function.body[lists].lineno - 1)
            function.body[lists:lists] = statements(TOLD)
            return


def _read_r(loop: ast.For, marks: Marks) -> None:
    for part in ast.walk(loop):
        if isinstance(part, ast.Call):
            part.args = [_plain(one, marks) for one in part.args]
        elif isinstance(part, ast.BinOp):
            part.right = _plain(part.right, marks)


def _plain(node: ast.expr, marks: Marks) -> ast.expr:
    if not spelled(node, "self.r"):
        return node
    marks.changed |= set(lines_of(node))
    marks.count += 1
    return expression("r")


def _ask_late(loop: ast.For, marks: Marks) -> None:
    for part in ast.walk(loop):
        if isinstance(part, ast.If) and isinstance(part.test, ast.BoolOp):
            *others, asked, frames = part.test.values
            assert ast.unparse(asked).endswith(".all()")
            assert ast.unparse(frames) == "t > 10"
            part.test.values = [*others, frames, asked]
            marks.changed |= set(lines_of(part.test))
            marks.count += 1
