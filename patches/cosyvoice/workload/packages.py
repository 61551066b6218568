"""What stands in for packages that the checkout's imports ask for."""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import logging
import os
import sys
import types

import _ttsopt_stand_ins as stand_ins

NO_GPU = (
    "torch.cuda.synchronize, called without asking for a GPU: without effect, for there is none"
)
NORMALISER = "WeTextProcessing (tn) is not installed: wetext, which has its grammars"
TN = ("tn", "tn.chinese", "tn.chinese.normalizer", "tn.english", "tn.english.normalizer")


def stand_in():
    """Put the stand-ins where the checkout's imports find them."""
    import torch

    if not torch.cuda.is_available():  # until c901a12 (2024-09-06) it is called all the same
        torch.cuda.synchronize = lambda *_: None
    stand_ins.import_torchaudio().load = stand_ins.load_audio
    hub = types.ModuleType("modelscope")
    hub.snapshot_download = None  # a folder is given: never called
    sys.modules["modelscope"] = hub
    _stand_in_for_matcha()
    if importlib.util.find_spec("tn") is None and importlib.util.find_spec("ttsfrd") is None:
        _stand_in_for_tn()


def _stand_in_for_tn():
    """What the front end imports until 0c50894 (2025-12-15), by the package that it imports since."""
    for name in TN:
        sys.modules[name] = types.ModuleType(name)
        sys.modules[name].Normalizer = Normalizer


def Normalizer(overwrite_cache=False, **options):  # noqa: N802, ARG001 - tn's names
    """The class of tn: wetext has no cache to write."""
    import wetext

    return wetext.Normalizer(**options)


def replaced():
    """The sentences on what this checkout took stand-ins for, and others do not."""
    import torch

    imported = getattr(sys.modules["cosyvoice.cli.frontend"], "ZhNormalizer", None)
    waits = "    torch.cuda.synchronize()" in inspect.getsource(sys.modules["cosyvoice.cli.model"])
    no_gpu = (NO_GPU,) if waits and not torch.cuda.is_available() else ()
    return no_gpu + ((NORMALISER,) if imported is Normalizer else ())


def _stand_in_for_matcha():
    """Matcha without what its utils import for training: lightning, hydra, rootutils."""
    import matcha  # of third_party/Matcha-TTS where the checkout has it, else installed

    utils = types.ModuleType("matcha.utils")
    utils.__path__ = [os.path.join(folder, "utils") for folder in matcha.__path__]
    logger = types.ModuleType("matcha.utils.pylogger")
    logger.get_pylogger = logging.getLogger
    sys.modules["matcha.utils"] = matcha.utils = utils
    sys.modules["matcha.utils.pylogger"] = logger
