"""gpt-sovits/half-precision: custom.is_half becomes true where custom.device is cuda."""

from __future__ import annotations

import re

import yaml
from oracles.reading import Expectation, FileEdit, Files, already, construct, none, other

FILES = ("**/tts_infer.yaml",)
PATH = "GPT_SoVITS/configs/tts_infer.yaml"


def expect(files: Files) -> Expectation:
    """The one key, by what the file says; its line by what it looks like."""
    custom = yaml.safe_load(files[PATH]).get("custom", {})
    if "is_half" not in custom:
        return none("no key custom.is_half")
    if custom["is_half"] is True:
        return already("custom.is_half is true")
    if custom.get("device") != "cuda":
        return other(f"custom.device is {custom.get('device')}: no setting for that")
    return construct({PATH: _edit(files[PATH].decode("utf-8-sig"))})


def _edit(text: str) -> FileEdit:
    whole = yaml.safe_load(text)
    whole["custom"]["is_half"] = True
    lines = text.splitlines()
    section = next(number for number, line in enumerate(lines) if re.match(r"custom *:", line))
    line = next(
        number
        for number, line in enumerate(lines)
        if number > section and re.match(r" +is_half *:", line)
    )
    return FileEdit(repr(whole), changed=frozenset({line + 1}))
