"""Random weights: (file, what writes it), of the checkout's own classes."""

from __future__ import annotations

import json
import os

import _ttsopt_randomness as randomness
import _ttsopt_workload_checkout as checkout
import _ttsopt_workload_dimensions as dimensions
import _ttsopt_workload_vocabulary as vocabulary

NEVER = -1e4  # the bias of the token that ends speech


def _files_of_1(module, job):
    """Return what IndexTTS loads."""
    size, folder = dimensions.SIZES[job["size"]], checkout.folder(job)
    gpt = {
        name: value
        for name, value in size["gpt 1"].items()
        if checkout.accepts(module.UnifiedVoice, name)
    }
    config = {
        "dataset": {"bpe_model": os.path.join(folder, "bpe.model")},
        "gpt": gpt,
        "vqvae": dimensions.DVAE,
    }
    config.update(bigvgan=size["bigvgan 1"], gpt_checkpoint="gpt.pth", dvae_checkpoint="dvae.pth")
    config["bigvgan_checkpoint"] = "bigvgan_generator.pth"
    files = {
        "config.yaml": lambda path: _write_json(config, path),
        "bpe.model": vocabulary.write_pieces,
        "gpt.pth": lambda path: _save(_endless(module.UnifiedVoice(**gpt), gpt), path),
        "bigvgan_generator.pth": lambda path: _save_vocoder_1(module, config["bigvgan"], path),
    }
    if hasattr(module, "DiscreteVAE"):  # before May 2025 it is loaded, and not used
        files["dvae.pth"] = lambda path: _save(module.DiscreteVAE(**dimensions.DVAE), path)
    return files


def _files_of_2(module, job):
    """Return what IndexTTS2 loads, but for codec and vocabulary."""
    size, more = dimensions.SIZES[job["size"]], {"use_gpt_latent": True}
    gpt, options = size["gpt 2"], {}
    if checkout.version(job) == "2.5":
        options, more = {"spk_cond_mode": "campplus"}, {}
        gpt = dict(gpt, number_text_tokens=size["ranks"] + vocabulary.SPECIAL)
    config = {
        "gpt": gpt,
        "s2mel": size["s2mel"],
        "semantic_codec": size["codec"],
        "emo_num": dimensions.EMOTIONS,
    }
    config.update(
        gpt_checkpoint="gpt.pth", s2mel_checkpoint="s2mel.pth", version=float(checkout.version(job))
    )
    config.update(w2v_stat="wav2vec2bert_stats.pt", emo_matrix="feat2.pt", spk_matrix="feat1.pt")
    config["dataset"] = {"bpe_model": os.path.join(checkout.folder(job), "bpe.model")}
    config.update(
        qwen_emo_path="", vocoder={"type": "bigvgan", "name": "nvidia/bigvgan_v2_22khz_80band_256x"}
    )
    return {
        "config.yaml": lambda path: _write_json(config, path),
        "gpt.pth": lambda path: _save(
            _endless(module.UnifiedVoice(**dict(gpt, **options)), gpt), path
        ),
        "s2mel.pth": lambda path: _save_s2mel(
            module.MyModel(_attributes(size["s2mel"]), **more), path
        ),
        "wav2vec2bert_stats.pt": _save_statistics,
        "feat1.pt": lambda path: _save_noise(192, path),
        "feat2.pt": lambda path: _save_noise(gpt["model_dim"], path),
        "hf_cache/w2v-bert-2.0": lambda path: _save_w2v_bert(path, size["w2v-bert"]),
        "hf_cache/campplus_cn_common.bin": lambda path: _save(module.CAMPPlus(80, 192), path),
        "hf_cache/bigvgan/config.json": lambda path: _write_bigvgan_config(job, path),
        "hf_cache/bigvgan/bigvgan_generator.pt": lambda path: _save_vocoder_2(module, path),
    }


def files(module, job):
    """All that the chosen class loads."""
    version, codec = checkout.version(job), dimensions.SIZES[job["size"]]["codec"]
    if version == "1":
        return _files_of_1(module, job)
    if version == "2":
        name, build = "hf_cache/semantic_codec_model.safetensors", module.build_semantic_codec
        own = {
            name: lambda path: _save_safely(build(_attributes(codec)), path),
            "bpe.model": vocabulary.write_pieces,
        }
    else:
        own = {"codec.pth": lambda path: _save(module.EnhancedCodec(**codec), path, "model")}
        own[vocabulary.TIKTOKEN] = lambda path: vocabulary.write_ranks(
            path, dimensions.SIZES[job["size"]]["ranks"]
        )
    return dict(_files_of_2(module, job), **own)


def _attributes(values):
    from omegaconf import OmegaConf

    return OmegaConf.create(values)


def _write_json(values, path):
    """JSON, which YAML has in it."""
    with open(path, "w", encoding="utf-8") as file:
        json.dump(values, file)


def _write_bigvgan_config(job, path):
    """The checkout's own, in other dimensions."""
    own = os.path.join(job["view"], "indextts/s2mel/modules/bigvgan/config.json")
    with open(own, encoding="utf-8") as file:
        config = json.load(file)
    _write_json(dict(config, **dimensions.SIZES[job["size"]]["bigvgan 2"]), path)


def _endless(gpt, config):
    """The GPT, which never ends speech itself."""
    gpt.mel_head.bias.data[config["stop_mel_token"]] = NEVER
    return gpt


def _loud(vocoder, *inputs):
    """The vocoder, its last layer such that noise comes out as loud as speech, and has no constant part."""
    import torch

    with torch.no_grad():
        taps = vocoder.conv_post.weight_v
        taps -= taps.mean(-1, keepdim=True)
        heard = vocoder.eval()(*inputs)
        heard = heard[0] if isinstance(heard, tuple) else heard
        vocoder.conv_post.weight_g.mul_(0.1 / heard.std())
    return vocoder


def _save_vocoder_1(module, config, path):
    import torch

    vocoder = module.Generator(_attributes(config))
    inputs = torch.randn(1, 20, config["gpt_dim"]), torch.randn(1, 100, config["num_mels"])
    _save(_loud(randomness.without_zeros(vocoder), *inputs), path, "generator")


def _save_vocoder_2(module, path):
    import torch

    with open(os.path.join(os.path.dirname(path), "config.json"), encoding="utf-8") as file:
        vocoder = module.bigvgan.BigVGAN(module.bigvgan.AttrDict(json.load(file)))
    _save(_loud(randomness.without_zeros(vocoder), torch.randn(1, 80, 20)), path, "generator")


def _save_s2mel(model, path):
    import torch

    randomness.without_zeros(model)
    torch.save({"net": {name: part.state_dict() for name, part in model.models.items()}}, path)


def _save_w2v_bert(path, size):
    from transformers import SeamlessM4TFeatureExtractor, Wav2Vec2BertConfig, Wav2Vec2BertModel

    Wav2Vec2BertModel(Wav2Vec2BertConfig(**size)).save_pretrained(path)
    SeamlessM4TFeatureExtractor(padding_value=1).save_pretrained(path)


def _save_statistics(path):
    import torch

    torch.save({"mean": torch.zeros(1024), "var": torch.ones(1024)}, path)


def _save_noise(width, path):
    import torch

    torch.save(torch.randn(sum(dimensions.EMOTIONS), width), path)


def _save_safely(model, path):
    from safetensors.torch import save_model

    save_model(randomness.without_zeros(model), path)


def _save(model, path, name=None):
    """The state of a model, under a name if it has one."""
    import torch

    state = randomness.without_zeros(model).state_dict()
    torch.save({name: state} if name else state, path)
