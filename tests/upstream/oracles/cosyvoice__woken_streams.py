"""cosyvoice/woken-streams: a loop that waits for tokens is woken by the thread that makes them."""

from __future__ import annotations

import ast
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
    blocks,
    expression,
    lines_of,
    other,
    spelled,
    statements,
)

FILES = ("**/cli/model.py",)
PATH = "cosyvoice/cli/model.py"
HELPER = "cosyvoice/cli/ttsopt_cosyvoice_token_signal.py"
SLEEP = "time.sleep(0.1)"
KEPT = "self.tts_speech_token_dict[uuid].append"
NAMES = "wait_for_tokens, add_token, end_tokens"


def expect(files: Files) -> Expectation:
    """Tokens that are kept by a stream's key, its end, and every tenth of a second that is slept."""
    code = files.get(PATH, b"").decode(errors="replace")
    if SLEEP in code and KEPT not in code:
        return other("tokens are kept in another place, as before September 2024")
    reading = edited(files, PATH, _edit, "no stream sleeps")
    return replace(reading, created={HELPER: ANYTHING}) if reading.kind == CONSTRUCT else reading


def _edit(tree: Module, marks: Marks) -> None:
    models = [node for node in tree.body if isinstance(node, ast.ClassDef)]
    if SLEEP not in ast.unparse(tree):
        return
    for model in models:
        for node in ast.walk(model):
            if isinstance(node, ast.Call):
                _call(node, marks)
        for block in blocks(model):
            for index, node in enumerate(block):
                if spelled(node, "self.llm_end_dict[uuid] = True"):
                    marks.changed |= set(lines_of(node))
                    marks.count += 1
                    block[index : index + 1] = statements("end_tokens(self, uuid)")
    add_import(tree, "from cosyvoice.cli.ttsopt_cosyvoice_token_signal import " + NAMES, marks)


def _call(node: ast.Call, marks: Marks) -> None:
    if spelled(node, SLEEP):
        node.func, node.args = expression("wait_for_tokens"), _names("self", "this_uuid")
    elif spelled(node.func, KEPT):
        node.func, node.args = expression("add_token"), [*_names("self", "uuid"), *node.args]
    else:
        return
    marks.changed |= set(lines_of(node))
    marks.count += 1


def _names(*names: str) -> list[ast.expr]:
    return [expression(name) for name in names]
