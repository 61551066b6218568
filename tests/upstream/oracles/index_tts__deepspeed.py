"""index-tts/deepspeed: IndexTTS2 takes DeepSpeed by default, in both of its modules."""

from __future__ import annotations

from oracles.changes import defaults, set_number
from oracles.index_tts import PATHS
from oracles.reading import Expectation, Files, Marks, construct, methods, none, other, parsed

FILES = ("**/infer*.py",)


def expect(files: Files) -> Expectation:
    """The constructor's parameter, where there is one."""
    edits = {}
    for path in PATHS[1:]:
        tree = parsed(files.get(path, b""))
        if tree is None:
            return other(f"{path} is no Python")
        marks = Marks()
        for function in methods(tree, "IndexTTS2", "__init__"):
            for default in defaults(function, "use_deepspeed"):
                set_number(default, False, True, marks)
        if marks.count:
            edits[path] = marks.edit(tree)
    return construct(edits) if edits else none("no such parameter")
