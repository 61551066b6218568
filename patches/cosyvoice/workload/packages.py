"""Stubs for packages that the checkout's imports ask for."""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import logging
import os
import sys
import types

import _ttsopt_stubs as stubs

NO_GPU = (
    "torch.cuda.synchronize, called without asking for a GPU: without effect, for there is none"
)
NORMALISER = "WeTextProcessing (tn) is not installed: wetext, which has its grammars"
TN = ("tn", "tn.chinese", "tn.chinese.normalizer", "tn.english", "tn.english.normalizer")


def install_stubs():
    """Put the stubs where the checkout's imports find them."""
    import torch

    if not torch.cuda.is_available():  # until c901a12 (2024-09-06) it is called all the same
        torch.cuda.synchronize = lambda *_: None
    stubs.import_torchaudio().load = stubs.load_audio
    hub = types.ModuleType("modelscope")
    hub.snapshot_download = None  # a folder is given: never called
    sys.modules["modelscope"] = hub
    _stub_matcha()
    if importlib.util.find_spec("tn") is None and importlib.util.find_spec("ttsfrd") is None:
        _stub_tn()


def _stub_tn():
    """Return what the front end imports until 0c50894 (2025-12-15), by the package that it imports since."""
    for name in TN:
        sys.modules[name] = types.ModuleType(name)
        sys.modules[name].Normalizer = Normalizer


def Normalizer(overwrite_cache=False, **options):  # noqa: N802, ARG001 - tn's names
    """The class of tn: wetext has no cache to write."""
    import wetext

    return wetext.Normalizer(**options)


def replaced():
    """The sentences on what this checkout took stubs for, and others do not."""
    import torch

    imported = getattr(sys.modules["cosyvoice.cli.frontend"], "ZhNormalizer", None)
    waits = "    torch.cuda.synchronize()" in inspect.getsource(sys.modules["cosyvoice.cli.model"])
    no_gpu = (NO_GPU,) if waits and not torch.cuda.is_available() else ()
    return no_gpu + ((NORMALISER,) if imported is Normalizer else ())


def _stub_matcha():
    """Matcha without what its utils import for training: lightning, hydra, rootutils."""
    import matcha  # of third_party/Matcha-TTS where the checkout has it, else installed

    utils = types.ModuleType("matcha.utils")
    utils.__path__ = [os.path.join(folder, "utils") for folder in matcha.__path__]
    logger = types.ModuleType("matcha.utils.pylogger")
    logger.get_pylogger = logging.getLogger
    sys.modules["matcha.utils"] = matcha.utils = utils
    sys.modules["matcha.utils.pylogger"] = logger
