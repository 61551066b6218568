"""gpt-sovits/request-lock: api_v2.py's application takes a helper as middleware, right where it is made."""

from __future__ import annotations

import ast

from oracles.imports import add_import
from oracles.reading import (
    ANYTHING,
    Expectation,
    Files,
    Marks,
    construct,
    definitions,
    lines_of,
    none,
    other,
    parsed,
    statements,
)

FILES = ("**/api_v2.py",)
HELPER = "ttsopt_request_lock"
PATHS = ["/tts", "/set_refer_audio", "/set_gpt_weights", "/set_sovits_weights"]
LOCK = f"APP.add_middleware(one_request_at_a_time, paths={PATHS!r})"


def expect(files: Files) -> Expectation:
    """One statement behind `APP = FastAPI()`, one import, one new file, whose own tests say what it does."""
    tree, marks = parsed(files.get("api_v2.py", b"")), Marks()
    if tree is None:
        return other("api_v2.py is no Python")
    if not list(definitions(tree, "tts_handle")):
        return none("no server that speaks by tts_handle")
    for node in list(tree.body):
        if isinstance(node, ast.Assign) and ast.unparse(node).startswith("APP = FastAPI("):
            tree.body[tree.body.index(node) + 1 : tree.body.index(node) + 1] = statements(LOCK)
            marks.inserted.add(max(lines_of(node)))
            marks.count += 1
    if not marks.count:
        return other("the application is made in another way")
    package = "tools GPT_SoVITS"
    add_import(tree, f"from {HELPER} import one_request_at_a_time", marks, package)
    return construct({"api_v2.py": marks.edit(tree)}, {f"{HELPER}.py": ANYTHING})
