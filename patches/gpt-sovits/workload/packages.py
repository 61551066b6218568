"""The checkout's TTS module, with stubs where its imports find them."""

from __future__ import annotations

import importlib
import importlib.machinery
import importlib.util
import os
import sys
import types
from typing import Tuple

import _ttsopt_stubs as stubs
import _ttsopt_workload_checkout as checkout
import _ttsopt_workload_dimensions as dimensions
import _ttsopt_workload_frontend as frontend
from _ttsopt_refusal import UnsupportedCheckoutError

# Imported at the head of TTS.py and used for nothing here: change of speed, merging of LoRA.
PACKAGES = {"ffmpeg": (), "peft": ("LoraConfig", "get_peft_model")}


def import_tts(job):
    """The view's TTS module with the stubs in place, and sentences on those that depend on the machine."""
    torchaudio = stubs.import_torchaudio()
    torchaudio.load = stubs.load_audio
    importlib.import_module("transformers")  # first, for it asks which packages there are
    missing = [name for name in PACKAGES if importlib.util.find_spec(name) is None]
    for name in missing:
        _module(name, **dict.fromkeys(PACKAGES[name]))
    _module("tools.audio_sr", AP_BWE=None)
    _module("tools.my_utils", load_audio=_load_audio)
    # Releases until ee4a466 (2025-03-26) take Tuple from there, where newer torch has it no more.
    importlib.import_module("torch.nn.functional").Tuple = Tuple
    if job["weights"] == "random":
        _stub_front_end()
    try:
        module = importlib.import_module("GPT_SoVITS.TTS_infer_pack.TTS")
    except ModuleNotFoundError as error:
        if error.name not in ("GPT_SoVITS.TTS_infer_pack", "GPT_SoVITS.TTS_infer_pack.TTS"):
            raise
        raise UnsupportedCheckoutError("no GPT_SoVITS/TTS_infer_pack: " + checkout.NEEDED) from None
    module.now_dir = checkout.folder(job)  # where init_vocoder looks for pretrained_models
    if hasattr(module, "SV"):
        importlib.import_module("sv").sv_path = os.path.join(
            checkout.folder(job), checkout.PRETRAINED, checkout.SPEAKER
        )
    if job["weights"] == "random":
        _fit_to_random_weights(module, job)
    unused = "the package %s: an empty stub, it is not used"
    return module, tuple(unused % name for name in missing)


def _fit_to_random_weights(module, job):
    """Dimensions that the checkout has in its code, and the release, which it tells by the size of the file."""
    version, size = checkout.config(job)["custom"]["version"], dimensions.SIZES[job["size"]]
    decoder_is_random = not stubs.is_real(job, "decoder")
    if decoder_is_random and hasattr(module, "get_sovits_version_from_path_fast"):
        release = ("v1" if version == "v1" else "v2", version, False)
        module.get_sovits_version_from_path_fast = lambda _: release
    models = importlib.import_module("module.models")
    for owner, name, changes in (
        (models, "DiT", size["dit"]),
        (module, "Generator", size["vocoder"] and {"upsample_initial_channel": size["vocoder"]}),
    ):
        if changes and hasattr(getattr(owner, name, None), "forward"):
            setattr(owner, name, _changed(getattr(owner, name), changes))


def _changed(kind, changes):
    return lambda **options: kind(**dict(options, **changes))


def _module(name, **attributes):
    module = types.ModuleType(name)
    module.__spec__ = importlib.machinery.ModuleSpec(name, None)
    module.__dict__.update(attributes)
    sys.modules[name] = module


def _load_audio(path, rate):
    """tools.my_utils.load_audio, of releases that start ffmpeg: mono float32."""
    import librosa

    return librosa.load(path, sr=rate)[0]


def _stub_front_end():
    """Return what turns text into phonemes, with its models, dictionaries and a dozen packages."""
    _module("text.chinese", mix_text_normalize=lambda text: text)
    _module("text.cleaner", clean_text=frontend.clean_text)
    segmenter = types.SimpleNamespace(getTexts=frontend.languages, setfilters=lambda _: None)
    _module("text.LangSegmenter", LangSegmenter=segmenter)
    _module("LangSegment", getTexts=frontend.languages, setfilters=lambda _: None)  # until 2025-02
