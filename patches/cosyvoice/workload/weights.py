"""Random weights of the checkout's own classes, and of a Qwen2."""

from __future__ import annotations

import os

import _ttsopt_randomness as randomness
import _ttsopt_workload_vocabulary as vocabulary

BLANK = "CosyVoice-BlankEN"


def write_weights(path):
    """llm.pt, flow.pt and, last, hift.pt: what the checkout's own models start with, but for zeros."""
    import torch
    from hyperpyyaml import load_hyperpyyaml

    folder = os.path.dirname(path)
    blank = {"qwen_pretrain_path": os.path.join(folder, BLANK)}
    with open(os.path.join(folder, "cosyvoice.yaml"), encoding="utf-8") as file:
        parts = load_hyperpyyaml(file, overrides=blank)
    for name, where in (("llm", "llm.pt"), ("flow", "flow.pt"), ("hift", os.path.basename(path))):
        model = randomness.without_zeros(parts[name])
        torch.save(model.state_dict(), os.path.join(folder, where))


def write_qwen(path, dimensions, rows):
    """CosyVoice-BlankEN: tokenizer and a random Qwen2, whose weights come last."""
    import torch
    from transformers import Qwen2Config, Qwen2ForCausalLM

    folder = os.path.dirname(path)
    vocabulary.write_vocabulary(folder, rows)
    width, layers, heads, units = dimensions
    config = Qwen2Config(
        vocab_size=rows,
        hidden_size=width,
        num_hidden_layers=layers,
        num_attention_heads=heads,
        num_key_value_heads=heads // 7 or 1,
        intermediate_size=units,
        tie_word_embeddings=True,
    )
    torch.manual_seed(0)
    model = Qwen2ForCausalLM(config).to(torch.bfloat16)  # as published
    model.save_pretrained(folder)
    os.replace(os.path.join(folder, "model.safetensors"), path)
