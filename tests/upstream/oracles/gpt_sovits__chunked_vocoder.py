"""gpt-sovits/chunked-vocoder: a helper calls the vocoder; TTS_Config keeps its keys, the settings hold them."""

from __future__ import annotations

import ast
import re

import yaml
from oracles.imports import add_import
from oracles.reading import (
    ANYTHING,
    Expectation,
    FileEdit,
    Files,
    Marks,
    construct,
    expression,
    lines_of,
    methods,
    none,
    other,
    parsed,
    statements,
)

FILES = ("**/TTS.py", "**/tts_infer.yaml")
PATH = "GPT_SoVITS/TTS_infer_pack/TTS.py"
SETTINGS = "GPT_SoVITS/configs/tts_infer.yaml"
HELPER = "GPT_SoVITS/TTS_infer_pack/ttsopt_gpt_sovits_vocoder.py"
VOCODERS = {"self.vocoder", "self.bigvgan_model", "self.vocoder_model"}
KEYS = {"use_vocoder_optimization": True, "vocoder_chunk_size": 500}


def expect(files: Files) -> Expectation:
    """Wherever a mel spectrogram becomes sound; the settings file of releases that know v3."""
    if PATH not in files:
        return none("no pipeline")
    tree = parsed(files[PATH])
    if tree is None:
        return other(f"{PATH} is no Python")
    marks = Marks()
    _vocode(tree, marks)
    if not marks.count:
        return none("no vocoder: before v3")
    _keep_keys(tree, marks)
    code = "from TTS_infer_pack.ttsopt_gpt_sovits_vocoder import in_chunks, vocoder_keys"
    add_import(tree, code, marks, "TTS_infer_pack")
    edits = {PATH: marks.edit(tree)}
    if SETTINGS in files and "v3" in yaml.safe_load(files[SETTINGS]):
        edits[SETTINGS] = _settings(files[SETTINGS].decode("utf-8-sig"))
    return construct(edits, {HELPER: ANYTHING})


def _vocode(tree: ast.Module, marks: Marks) -> None:
    for function in methods(tree, "TTS"):
        if "_synthesis" not in function.name:
            continue
        for node in ast.walk(function):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in VOCODERS:
                node.args = [node.func, *node.args, expression("self.configs.configs")]
                node.func = expression("in_chunks")
                marks.changed |= set(lines_of(node))
                marks.count += 1


def _keep_keys(tree: ast.Module, marks: Marks) -> None:
    for function in methods(tree, "TTS_Config", "update_configs"):
        last = function.body[-1]
        assert ast.unparse(last) == "return self.config"
        marks.inserted.add(last.lineno - 1)
        function.body[-1:-1] = statements("self.config.update(vocoder_keys(self.configs))")


def _settings(text: str) -> FileEdit:
    """The keys come below the last line of `custom`."""
    whole = yaml.safe_load(text)
    whole["custom"].update(KEYS)
    lines = text.splitlines()
    start = next(number for number, line in enumerate(lines) if re.match(r"custom *:", line))
    rest = range(start + 1, len(lines))
    end = next((number for number in rest if not lines[number].startswith(" ")), len(lines))
    return FileEdit(repr(whole), inserted=frozenset({end}))
