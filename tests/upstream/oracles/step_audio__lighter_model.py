"""step-audio/lighter-model: the smaller model's name, wherever the large one's is a default.

No commit holds the model's folder, so what the patch asks of it keeps it from every version as it was committed.
Each is tried again with a folder beside it that has all that is asked for, and no weights.
"""

from __future__ import annotations

import ast

from oracles.changes import defaults, set_number
from oracles.reading import (
    Expectation,
    FileEdit,
    Files,
    Marks,
    construct,
    definitions,
    none,
    other,
    parsed,
)

FILES = ("tokenizer.py", "app.py", "tts_infer.py")
MODEL_AT_HAND = "Step-Audio-Tokenizer/linguistic_tokenizer.npy"
LARGE = "dengcunqin/speech_paraformer-large_asr_nat-zh-cantonese-en-16k-vocab8501-online"
BASE = "damo/speech_paraformer-base_asr_nat-zh-cn-16k-common-vocab8404"
NUMPY = b"{'descr': '<f4', 'fortran_order': False, 'shape': (1024, 512), }"
FOLDER = f"Step-Audio-Tokenizer/{BASE}"
AT_HAND = {
    MODEL_AT_HAND: b"\x93NUMPY\x01\x00" + (118).to_bytes(2, "little") + NUMPY.ljust(117) + b"\n",
    f"{FOLDER}/config.yaml": b"model: ParaformerStreaming\nencoder_conf:\n  output_size: 512\n",
    f"{FOLDER}/configuration.json": b'{"file_path_metas": {"init_param": "model.pt"}}\n',
    f"{FOLDER}/model.pt": b"",
}


def expect(files: Files) -> Expectation:
    """The tokenizer's parameter, and the option of both programs."""
    edits = {path: edit for path in FILES if path in files and (edit := _edited(files[path]))}
    if "tokenizer.py" not in edits:
        return none("the tokenizer has no such default")
    if MODEL_AT_HAND not in files:
        return other("no model lies in the tree: the guard must hold")
    return construct(edits)


def _edited(data: bytes) -> FileEdit | None:
    tree, marks = parsed(data), Marks()
    if tree is None:
        return None
    for function in definitions(tree, "__init__"):
        for value in defaults(function, "funasr_model_id"):
            set_number(value, LARGE, BASE, marks)
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _names_the_option(node):
            for keyword in node.keywords:
                if keyword.arg == "default":
                    set_number(keyword.value, LARGE, BASE, marks)
    return marks.edit(tree) if marks.count else None


def _names_the_option(call: ast.Call) -> bool:
    return any(
        isinstance(one, ast.Constant) and one.value == "--tokenizer-model-id" for one in call.args
    )
