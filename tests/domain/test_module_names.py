from __future__ import annotations

import pytest

from ttsopt.domain.system import Layout


@pytest.mark.parametrize(
    ("path", "import_paths", "name"),
    [
        ("src/f5_tts/api.py", ("src",), "f5_tts.api"),
        ("src/f5_tts/__init__.py", ("src",), "f5_tts"),
        ("model/cfm.py", (".",), "model.cfm"),
        ("GPT_SoVITS/AR/t2s.py", (".", "GPT_SoVITS"), "AR.t2s"),
        ("tools/run.py", ("src",), ""),
        ("src/my-script.py", ("src",), ""),
        ("src/f5_tts/config.yaml", ("src",), ""),
        ("srcs/a.py", ("src", "."), "srcs.a"),
        ("src/__init__.py", ("src",), ""),
    ],
)
def test_module_names(path: str, import_paths: tuple[str, ...], name: str) -> None:
    assert Layout("any", (), import_paths).module(path) == name
