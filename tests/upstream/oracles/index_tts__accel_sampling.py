"""index-tts/accel-sampling: a helper asks the accelerated engine, with the options and processors beside it."""

from __future__ import annotations

import ast

from oracles.packed_linears import beside, imported
from oracles.reading import (
    Expectation,
    Files,
    Marks,
    construct,
    expression,
    methods,
    none,
    parsed,
    spelled,
)

PATHS = ("indextts/gpt/model_v2.py", "indextts/gpt/model_v2_5.py")
FILES = ("**/gpt/model_v2*.py", "indextts/__init__.py")
ENGINE = "self.accel_engine.generate"
GIVEN = "self.accel_engine, hf_generate_kwargs, logits_processor"
HELPER = "ttsopt_index_tts_accel_sampling"


def expect(files: Files) -> Expectation:
    """Both models where they ask an engine; their own way beside it is left alone."""
    edits = {}
    for path in PATHS:
        tree = parsed(files.get(path, b""))
        marks = Marks()
        if tree is not None:
            for function in methods(tree, "UnifiedVoice", "inference_speech"):
                for node in ast.walk(function):
                    if isinstance(node, ast.Call) and spelled(node.func, ENGINE):
                        node.func = expression(f"generate_as_asked({GIVEN})")
                        marks.changed.add(node.lineno)
                        marks.count += 1
            imported(tree, marks, "indextts.gpt", HELPER, "generate_as_asked")
        if tree is not None and marks.count:
            edits[path] = marks.edit(tree)
    if not edits:
        return none("no accelerated engine")
    return beside(construct(edits), "indextts/gpt", (HELPER,))
