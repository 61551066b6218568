"""An interpreter whose torch and ONNX Runtime are fakes: a script that puts a folder of modules in front."""

from __future__ import annotations

import sys
from pathlib import Path

TORCH = """\
class version:
    cuda = {cuda!r}
    hip = None
    debug = {debug}
__version__ = "2.9.0"
def get_num_threads():
    return 2
class _Result:
    def __matmul__(self, other):
        if {broken}:
            raise RuntimeError("no kernel image is available for execution on the device")
        return self
    def sum(self):
        return 1.0
def ones(*_, **__):
    return _Result()
class cuda:
    @staticmethod
    def is_available():
        return {gpu}
    @staticmethod
    def device_count():
        return 1
    @staticmethod
    def get_arch_list():
        return ["sm_90"]
    @staticmethod
    def get_device_name(_):
        return "Fake GPU"
    @staticmethod
    def get_device_capability(_):
        return (9, 0)
    @staticmethod
    def is_bf16_supported():
        return True
    @staticmethod
    def mem_get_info():
        return (10, 20)
    class device:
        def __init__(self, _):
            pass
        def __enter__(self):
            return self
        def __exit__(self, *_):
            return False
"""
ONNX = """\
import os
__version__ = "1.30.0"
os.write(2, b"GPU device discovery failed: device_discovery.cc:211 DiscoverDevicesForPlatform\\n")
PROVIDERS = {providers!r}
def get_available_providers():
    return PROVIDERS
class InferenceSession:
    def __init__(self, model, providers):
        self.providers = providers
        assert b"Identity" in model
    def get_providers(self):
        return ["CPUExecutionProvider"] if {falls} else self.providers
"""


def fake_torch(
    folder: Path,
    *,
    gpu: bool = False,
    cuda: str | None = None,
    debug: bool = False,
    broken: bool = False,
) -> None:
    """A module torch, with a GPU or without."""
    text = TORCH.format(gpu=gpu, cuda=cuda, debug=debug, broken=broken)
    (folder / "torch.py").write_text(text)


def fake_onnxruntime(folder: Path, *providers: str, falls: bool = False) -> None:
    """A module onnxruntime with these providers; `falls`: sessions fall back to the CPU."""
    offered = [*providers, "CPUExecutionProvider"]
    (folder / "onnxruntime.py").write_text(ONNX.format(providers=offered, falls=falls))


def distribution(folder: Path, name: str, version: str, **files: str) -> None:
    """Metadata of an installed distribution; files by name, `_` for the dot."""
    info = folder / f"{name.replace('-', '_')}-{version}.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
    for file, text in files.items():
        (info / file.replace("__", ".")).write_text(text)


def interpreter(file: Path, packages: Path) -> Path:
    """A program that is this Python, without its packages and with those of a folder."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f'#!/bin/sh\nPYTHONPATH="{packages}" exec "{sys.executable}" -S "$@"\n')
    file.chmod(0o755)
    return file
