"""gpt-sovits/folded-weight-norm: weight norm is taken off where the weights of the decoder have been loaded."""

from __future__ import annotations

import ast

from oracles.reading import (
    Expectation,
    Files,
    Marks,
    blocks,
    construct,
    lines_of,
    methods,
    none,
    other,
    parsed,
    spelled,
    statements,
)

FILES = ("**/TTS.py", "**/inference_webui.py", "api.py")
TTS = "GPT_SoVITS/TTS_infer_pack/TTS.py"
SCRIPTS = ("GPT_SoVITS/inference_webui.py", "api.py")
FOLD = "for part in {}.modules():\n    if hasattr(part, 'weight_g'): torch.nn.utils.remove_weight_norm(part)"
HALVED = "self.vits_model = self.vits_model.half()"
LOADED = "vq_model.load_state_dict(dict_s2['weight'], strict=False)"


def expect(files: Files) -> Expectation:
    """Once in each of the three programs that load a decoder."""
    edits = {}
    for path in (TTS, *SCRIPTS):
        tree = parsed(files.get(path, b""))
        if tree is None:
            return other(f"{path} is no Python")
        marks = Marks()
        if path == TTS:
            _after_half(tree, marks)
        else:
            _after_loading(tree, marks)
        if marks.count:
            edits[path] = marks.edit(tree)
    return construct(edits) if edits else none("nothing loads a decoder")


def _after_half(tree: ast.Module, marks: Marks) -> None:
    for function in methods(tree, "TTS", "init_vits_weights"):
        for index, node in enumerate(function.body):
            if isinstance(node, ast.If) and [ast.unparse(one) for one in node.body] == [HALVED]:
                _put(function.body, index, "self.vits_model", marks)
                return


def _after_loading(tree: ast.Module, marks: Marks) -> None:
    """The first statement in the text that loads the file's own weights."""
    found = [
        (block, index)
        for block in blocks(tree)
        for index, node in enumerate(block)
        if isinstance(node, ast.Expr) and any(spelled(one, LOADED) for one in ast.walk(node))
    ]
    if found:
        block, index = min(found, key=lambda place: place[0][place[1]].lineno)
        _put(block, index, "vq_model", marks)


def _put(block: list[ast.stmt], index: int, model: str, marks: Marks) -> None:
    marks.inserted.add(max(lines_of(block[index])))
    marks.count += 1
    block[index + 1 : index + 1] = statements(FOLD.format(model))
