"""ttsopt_tensorrt_session.py with a stub of onnxruntime: providers, engines that are kept, falling back."""

from __future__ import annotations

import importlib
import sys
import types
from pathlib import Path
from typing import Any

import pytest

HELPERS = Path(__file__).parents[2] / "patches" / "_helpers"
TENSORRT, CUDA = "TensorrtExecutionProvider", "CUDAExecutionProvider"


class Session:
    """What a stub of onnxruntime was asked for, and what it gives of that."""

    lacks: tuple[str, ...] = ()

    def __init__(self, path: str, providers: list[Any], threads: int = 1) -> None:
        self.path, self.providers, self.threads = path, providers, threads
        if "fails" in self.lacks and len(providers) > 1:
            raise RuntimeError("EP Error\nmore of it")

    def get_providers(self) -> list[str]:
        names = [one if isinstance(one, str) else one[0] for one in self.providers]
        return [one for one in names if one not in self.lacks]


@pytest.fixture
def helper(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """The helper, beside stubs of what it imports; the stub has TensorRT."""
    runtime: Any = types.ModuleType("onnxruntime")
    runtime.__version__ = "1.20"
    runtime.get_available_providers = lambda: [TENSORRT, CUDA]
    kernels: Any = types.ModuleType("ttsopt_kernels")
    kernels.cache_folder = lambda _variable, name: tmp_path / name
    monkeypatch.setitem(sys.modules, "onnxruntime", runtime)
    monkeypatch.setitem(sys.modules, "ttsopt_kernels", kernels)
    monkeypatch.syspath_prepend(str(HELPERS))
    monkeypatch.delitem(sys.modules, "ttsopt_tensorrt_session", raising=False)
    monkeypatch.setattr(Session, "lacks", ())
    return importlib.import_module("ttsopt_tensorrt_session")


@pytest.fixture
def model(tmp_path: Path) -> str:
    path = tmp_path / "model.onnx"
    path.write_bytes(b"weights")
    return str(path)


def test_tensorrt_comes_first_and_keeps_its_engines(helper: Any, model: str) -> None:
    made = helper.session_by_tensorrt(Session, model, providers=[CUDA], threads=4)
    (name, settings), *rest = made.providers
    assert (name, rest, made.threads) == (TENSORRT, [CUDA], 4)
    assert settings["trt_engine_cache_enable"]
    assert Path(settings["trt_engine_cache_path"]).is_dir()
    again = helper.session_by_tensorrt(Session, model, providers=[CUDA])
    assert again.providers[0][1] == settings
    Path(model).write_bytes(b"other weights")
    other = helper.session_by_tensorrt(Session, model, providers=[CUDA])
    assert other.providers[0][1] != settings
    assert not helper.__ttsopt_fallbacks__


@pytest.mark.parametrize("lacks", [(TENSORRT,), ("fails",)])
def test_what_cannot_be_had_is_opened_as_shipped_and_said_once(
    helper: Any, model: str, lacks: tuple[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Session, "lacks", lacks)
    for _ in range(2):
        assert helper.session_by_tensorrt(Session, model, providers=[CUDA]).providers == [CUDA]
    assert len(helper.__ttsopt_fallbacks__) == 1
    assert "\n" not in helper.__ttsopt_fallbacks__[0]


def test_without_the_provider_or_switched_off_nothing_is_asked_for(
    helper: Any, model: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TTSOPT_TENSORRT", "0")
    assert helper.session_by_tensorrt(Session, model, providers=[CUDA]).providers == [CUDA]
    monkeypatch.delenv("TTSOPT_TENSORRT")
    monkeypatch.setattr(sys.modules["onnxruntime"], "get_available_providers", lambda: [CUDA])
    assert helper.session_by_tensorrt(Session, model, providers=[CUDA]).providers == [CUDA]
    assert not helper.__ttsopt_fallbacks__


def test_the_engines_of_few_models_are_kept(helper: Any, tmp_path: Path) -> None:
    for number in range(7):
        path = tmp_path / f"model{number}.onnx"
        path.write_bytes(b"weights")
        helper.session_by_tensorrt(Session, str(path), providers=[CUDA])
    assert len(list((tmp_path / "tensorrt").iterdir())) == helper.MOST
