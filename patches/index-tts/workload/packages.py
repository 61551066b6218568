"""Stubs for packages, and for what the checkout would download."""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
import os
import sys
import types

NORMALIZER = "WeTextProcessing: wetext, which upstream takes where it is not Linux"
TRAINING = "audiotools and argbind: empty stubs, they take no part in speaking"


def saving(saved, save):
    """torchaudio.save that keeps what has no file to go to."""

    def save_audio(path, samples, rate, **options):
        saved.append((samples, rate)) if path is None else save(path, samples, rate, **options)

    return save_audio


def stub_tn():
    """Wetext in the place of WeTextProcessing (`tn`), where that is not installed."""
    with contextlib.suppress(ImportError):
        importlib.import_module("tn.chinese.normalizer")
        return ()
    import wetext

    def normalizer(**own):
        # NormalizerZh and NormalizerEn take options for their caches, which wetext has no need of.
        return lambda *_, **__: wetext.Normalizer(**own)

    languages = {"chinese": normalizer(remove_erhua=False, lang="zh", operator="tn")}
    languages["english"] = normalizer(lang="en", operator="tn")
    sys.modules["tn"] = types.ModuleType("tn")
    for language, build in languages.items():
        sys.modules["tn." + language] = types.ModuleType(language)
        module = types.ModuleType("normalizer")
        module.Normalizer = build
        sys.modules["tn.%s.normalizer" % language] = module
    return (NORMALIZER,)


def stub_audiotools():
    """Return what the checkout's copy of DAC, for training, imports: where that is not installed."""
    import torch

    if importlib.util.find_spec("audiotools"):
        return ()
    names = ("audiotools", "audiotools.ml", "audiotools.core", "audiotools.core.util", "argbind")
    for name in names:
        sys.modules[name] = types.ModuleType(name)
    audiotools, ml, core, util, argbind = (sys.modules[name] for name in names)
    audiotools.AudioSignal = audiotools.STFTParams = ml.Accelerator = object
    audiotools.ml, audiotools.core, core.util = ml, core, util
    ml.BaseModel = type("BaseModel", (torch.nn.Module,), {"INTERN": [], "EXTERN": []})
    argbind.bind = lambda *_, **__: lambda function: function
    return (TRAINING,)


def find_locally(module, cache):
    """Have checkouts of 2 that download by name (before 803a082) find hf_cache/."""
    if not hasattr(module, "hf_hub_download"):
        return
    module.hf_hub_download = lambda _, filename: os.path.join(cache, filename.replace("/", "_"))
    speech = importlib.import_module("indextts.utils.maskgct_utils").Wav2Vec2BertModel
    names = {module.SeamlessM4TFeatureExtractor: "w2v-bert-2.0", speech: "w2v-bert-2.0"}
    names[module.bigvgan.BigVGAN] = "bigvgan"
    for owner, name in names.items():
        owner.from_pretrained = _redirected(owner.from_pretrained, os.path.join(cache, name))


def _redirected(from_pretrained, folder):
    return lambda _, **options: from_pretrained(folder, **options)
