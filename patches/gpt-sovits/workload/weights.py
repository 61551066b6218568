"""Random weights of the checkout's own classes, and what writes each file of them."""

from __future__ import annotations

import importlib
import json
import os

import _ttsopt_randomness as randomness
import _ttsopt_workload_checkout as checkout
import _ttsopt_workload_dimensions as dimensions
import _ttsopt_workload_frontend as frontend


def _write_bert(path, _, size):
    import torch
    from transformers import BertConfig, BertForMaskedLM, BertTokenizerFast

    layers, units, words = size["bert"]
    shape = {"hidden_size": 1024, "num_attention_heads": 16, "intermediate_size": units}
    torch.manual_seed(0)
    config = BertConfig(num_hidden_layers=layers, vocab_size=words, **shape)
    BertForMaskedLM(config).save_pretrained(path)
    letters = [chr(frontend.LOW + i) for i in range(words - 5)]
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *letters]
    with open(os.path.join(path, "vocab.txt"), "w", encoding="utf-8") as file:
        file.write("\n".join(words) + "\n")
    BertTokenizerFast(os.path.join(path, "vocab.txt")).save_pretrained(path)


def _write_hubert(path, _, size):
    import torch
    from transformers import HubertConfig, HubertModel, Wav2Vec2FeatureExtractor

    layers, units, convolutions = size["hubert"]
    shape = {"num_hidden_layers": layers, "intermediate_size": units}
    torch.manual_seed(0)
    HubertModel(HubertConfig(conv_dim=(convolutions,) * 7, **shape)).save_pretrained(path)
    Wav2Vec2FeatureExtractor().save_pretrained(path)


def _write_t2s(path, version, size):
    """The view's own configuration with these dimensions; the end of speech is never among the best tokens."""
    import torch
    import yaml

    width, layers, heads = size["t2s"]
    name = "s1longer.yaml" if version == "v1" else "s1longer-v2.yaml"
    with open("GPT_SoVITS/configs/" + name, encoding="utf-8") as file:
        config = yaml.safe_load(file)
    wide = {"embedding_dim": width, "hidden_dim": width, "linear_units": 4 * width}
    config["model"].update(wide, head=heads, n_layer=layers)
    torch.manual_seed(0)
    lightning = importlib.import_module("AR.models.t2s_lightning_module")
    model = lightning.Text2SemanticLightningModule(config, "****", is_train=False)
    with torch.no_grad():
        model.model.ar_predict_layer.weight[model.model.EOS] = 0
    torch.save({"config": config, "weight": model.state_dict(), "info": "random"}, path)


def _write_vits(path, version, size):
    """The view's own configuration, with the dimensions of `size` and weights that can be heard."""
    import torch

    name = "s2%s.json" % version if "Pro" in version else "s2.json"
    with open("GPT_SoVITS/configs/" + name, encoding="utf-8") as file:
        config = json.load(file)
    layers, channels = size["vits"]
    config["model"].update(n_layers=layers, semantic_frame_rate="25hz", version=version)
    if channels:
        config["model"]["upsample_initial_channel"] = channels
    models = importlib.import_module("module.models")
    kind = models.SynthesizerTrnV3 if version in ("v3", "v4") else models.SynthesizerTrn
    data, segment = config["data"], config["train"]["segment_size"]
    torch.manual_seed(0)
    bins, frames = data["filter_length"] // 2 + 1, segment // data["hop_length"]
    model = kind(bins, frames, n_speakers=data["n_speakers"], **config["model"])
    _randomise(model)
    torch.save({"config": config, "weight": model.state_dict(), "info": "random"}, path)


def _write_vocoder_v4(path, _, size):
    import torch

    generator = importlib.import_module("module.models").Generator
    torch.manual_seed(0)
    model = generator(
        **dict(dimensions.VOCODER_V4, upsample_initial_channel=size["vocoder"] or 512)
    )
    _randomise(model)
    model.remove_weight_norm()
    torch.save(model.state_dict(), path)


def _write_vocoder_v3(path, _, size):
    import torch

    bigvgan = importlib.import_module("BigVGAN.bigvgan")
    config = dict(dimensions.VOCODER_V3, upsample_initial_channel=size["vocoder"] or 1536)
    with open(os.path.join(os.path.dirname(path), "config.json"), "w", encoding="utf-8") as file:
        json.dump(config, file)
    torch.manual_seed(0)
    model = bigvgan.BigVGAN(bigvgan.AttrDict(config))
    _randomise(model)
    torch.save({"generator": model.state_dict()}, path)


def _write_speaker(path, *_):
    import torch

    importlib.import_module("sv")  # puts its folder on sys.path
    torch.manual_seed(0)
    model = importlib.import_module("ERes2NetV2").ERes2NetV2(baseWidth=24, scale=4, expansion=4)
    torch.save(model.state_dict(), path)


WRITERS = {
    "bert_base_path": _write_bert,
    "cnhuhbert_base_path": _write_hubert,
    "t2s_weights_path": _write_t2s,
    "vits_weights_path": _write_vits,
}
EXTRAS = {
    "v3": ("models--nvidia--bigvgan_v2_24khz_100band_256x/bigvgan_generator.pt", _write_vocoder_v3),
    "v4": ("gsv-v4-pretrained/vocoder.pth", _write_vocoder_v4),
    "v2Pro": (checkout.SPEAKER, _write_speaker),
    "v2ProPlus": (checkout.SPEAKER, _write_speaker),
}


def _randomise(model):
    """Zero weights get std 0.02, weight-normed ones rows of length 1: what starts at std 0.01 speaks silence."""
    import torch

    randomness.without_zeros(model)
    with torch.no_grad():
        for name, weight in model.named_parameters():
            if name.endswith("weight_g"):
                weight.fill_(1)
        for name, codes in model.named_buffers():
            if name.endswith(".embed"):  # a codebook, which k-means of the first audio would fill
                torch.nn.init.normal_(codes)
            elif name.endswith(".inited"):
                codes.fill_(1)
