"""IndexTTS, end to end through the checkout's own `infer`.

Three classes lie side by side: IndexTTS (infer.py, 1.x), IndexTTS2 of infer_v2.py (2) and of infer_v2_5.py (2.5).
With a folder of weights its config.yaml's `version` says which one speaks. With random weights it is the newest
that the checkout holds; where a patch is measured that leaves the newer ones alone, the newest that it touches;
TTSOPT_INDEX_TTS=1|2|2.5 in the environment chooses another.
The voice, the text and (2.5) the language are passed to `infer`; all else are the checkout's defaults. Needs
4f87155 (2025-04-11) or newer, with a CUDA device 60a1624 (2025-03-26). Since 49db8ba (2025-09-30) 2 and 2.5
stream, a segment of text at a time.

Sizes, with random weights: `tiny`, and `real` (the dimensions of 1 and 2 as in the repository's own config.yaml;
2.5's is not there: it is given 2's, and as many text tokens as CosyVoice, whose vocabulary it has).

Of mixed weights those of hf_cache/ are each real or random, of the published size; the rest is random.
With a folder of weights the size does not matter. It holds what is published for its version, and for 2 and 2.5
hf_cache/ as upstream's own download fills it since 803a082 (2026-06-12), for older checkouts too:
    1    config.yaml, bpe.model, gpt.pth, bigvgan_generator.pth; dvae.pth for checkouts before May 2025
    2    config.yaml, bpe.model, gpt.pth, s2mel.pth, feat1.pt, feat2.pt, wav2vec2bert_stats.pt, qwen0.6bemo4-merge/
    2.5  the same with codec.pth, and multilingual_zh_ja_yue_char_del.tiktoken in the place of bpe.model
    hf_cache/  w2v-bert-2.0/, semantic_codec_model.safetensors (2), campplus_cn_common.bin, bigvgan/
    voices/*.wav  the voices to clone; where there are none, a hum
Not run by us.

Counters: `tokens` of speech, `gpt_steps` (calls of the GPT for them), `beams`, `segments` of text, `nfe` calls of
the flow's estimator, `flow_frames` and `vocoder_samples` that came of them; seconds of the stages `reference`
(w2v-BERT), `gpt`, `latent` (the GPT once more), `cfm`, `vocoder`: those that the version has. Seeded is where
sampling begins, so that a call repeats, be its voice cached or not.
"""

from __future__ import annotations

import importlib
import os
import re
import sys
import types

import _ttsopt_instruments as instruments
import _ttsopt_randomness as randomness
import _ttsopt_stubs as stubs
import _ttsopt_workload_checkout as checkout
import _ttsopt_workload_packages as packages
import _ttsopt_workload_voices as voices
import _ttsopt_workload_weights as weights
from _ttsopt_refusal import UnsupportedCheckoutError

WEIGHTS = "random weights, zero ones re-initialised: what comes out is sound, not speech"
HUM = "the voice to clone: a hum of two seconds"
LENGTH = "where speech ends: by the text, 14 letters or 4.5 Chinese characters a second"
WORDS = "the vocabulary: of Python's help texts and GB 2312"
EMOTION = "QwenEmotion, which finds the emotion of a text: left out, for nobody asks for that"
SHALLOW = "w2v-BERT 2.0: one layer"
FILES = "torchaudio.load and save: WAV by soundfile; its C extension left out where it cannot load"
STUBS = (WEIGHTS, HUM, LENGTH, WORDS, FILES)
STREAMS = True
# Of each close patch: what it could save, and must not; of which there is what the version has.
WORK = {
    "cuda-kernel": ("vocoder_samples",),
    "flow-graph": ("nfe", "flow_frames"),
    "fused-s2mel": ("nfe", "flow_frames"),
    "fused-snake": ("vocoder_samples",),
    "kv-cache": ("gpt_steps", "tokens", "beams"),
    "packed-linears": ("gpt_steps", "tokens", "beams", "nfe", "flow_frames"),
    "token-graph": ("gpt_steps", "tokens", "beams"),
    "torch-compile": ("nfe", "flow_frames"),
}

CJK = re.compile("[\u4e00-\u9fff]")  # CJK Unified Ideographs

_built = []  # the system of `load`, for `describe`


def prepare(job):
    """Write voices and, with random weights, all that the chosen class loads."""
    voices.write_voices(job)
    if job["weights"] != "random":
        return
    folder = checkout.folder(job)
    os.makedirs(os.path.join(folder, "hf_cache", "bigvgan"), exist_ok=True)
    module, _ = _import(job, checkout.version(job))
    randomness.seed_all(0)
    for name, write in weights.files(module, job).items():
        stubs.write_once(os.path.join(folder, name), write)


def load(job):
    """Build the chosen class from the files of `prepare`, or from a folder of weights; return speak."""
    global STUBS
    import torch

    torch.set_num_threads(job["threads"])
    voices.write_voices(job)
    version, folder = checkout.version(job), checkout.folder(job)
    module, STUBS = _import(job, version)
    packages.find_locally(module, os.path.join(folder, "hf_cache"))
    tts = _build(getattr(module, checkout.VERSIONS[version][1]), folder)
    _built[:] = [tts, version]
    if job["weights"] == "random":
        _pin_length(tts, version, folder)
        _deepen(tts)
    watched = instruments.Instruments()
    call = _watch(tts, version, watched)

    def speak(utterance, seed):
        watched.clear()
        call.seed, call.beams = seed, []
        chunks = instruments.Chunks()
        rate, samples = _infer(tts, job, version, utterance, chunks)
        counters = dict(watched.counters(), beams=max(call.beams))
        row = {
            "samples": samples.astype("float32") / 32768,
            "sample_rate": rate,
            "counters": counters,
        }
        return dict(row, chunks=chunks.rows) if job.get("stream") else row

    # As in a service, where another voice spoke before: it is then let go.
    if job["task"] == "trace":
        first = next(iter(job.get("warmup_utterances") or [{"text": "A low voice hums."}]))
        speak(dict(first, voice=voices.VOICE_BEFORE), job["seed"])
    return speak


def describe():
    """Return what the models really are."""
    tts, version = _built
    first, vocoder = next(tts.gpt.parameters()), next(tts.bigvgan.parameters())
    return {
        "device": str(first.device),
        "dtype": str(first.dtype),
        "vocoder dtype": str(vocoder.dtype),
        "class": "%s.%s" % checkout.VERSIONS[version][:2],
        "kv cache": str(tts.gpt.inference_model.kv_cache),
    }


def _build(system, folder):
    """The checkout's system, on a folder of weights."""
    import torch

    if not checkout.accepts(system, "device") and not torch.cuda.is_available():
        raise UnsupportedCheckoutError(
            "without a CUDA device IndexTTS 4f87155 (2025-04-11) or newer is needed"
        )
    return system(os.path.join(folder, "config.yaml"), folder)


# ---- speaking ----


def _infer(tts, job, version, utterance, chunks):
    """(rate in Hz, 16-bit samples) of the checkout's `infer`; notes the chunks of a stream."""
    import numpy as np

    arguments = [voices.voice(job, utterance), utterance["text"], None]
    if version == "2.5":
        arguments.append("ZH" if CJK.search(utterance["text"]) else "EN")
    if job.get("stream"):
        if not checkout.accepts(type(tts), "stream_return", "infer"):
            raise UnsupportedCheckoutError(
                "only IndexTTS 2 streams, of 49db8ba (2025-09-30) or newer"
            )
        parts = []
        for part in tts.infer(*arguments, stream_return=True):
            parts.append(part.numpy().astype("int16").reshape(-1))
            chunks.add(len(parts[-1]))
        return 22050, np.concatenate(parts)
    returned = tts.infer(*arguments)
    if returned is None:  # before 84828da (2025-04-17) it only saves
        samples, rate = sys.modules["torchaudio"].saved.pop()
        return rate, samples.numpy().reshape(-1)
    return returned[0], returned[1].reshape(-1)


def _watch(tts, version, watched):
    """Stages and counters; returns what holds the seed of a call, and the beams of its segments.

    Seeded is where sampling begins: before, w2v-BERT draws numbers as well (for the layers that training drops),
    but only for a voice that is not the last one.
    """
    call, generate = types.SimpleNamespace(seed=0, beams=[]), tts.gpt.inference_speech

    def inference_speech(*arguments, **options):
        if not call.beams:
            randomness.seed_all(call.seed)  # sampling, and the noise of the flow, draw from torch's
        codes = generate(*arguments, **options)
        tokens = codes[0] if isinstance(codes, tuple) else codes
        call.beams.append(options.get("num_beams", 1))
        watched.add("segments")
        watched.add("tokens", int((tokens != tts.gpt.stop_mel_token).sum()))
        return codes

    tts.gpt.inference_speech = inference_speech
    watched.time(tts.gpt, "inference_speech", "gpt")
    watched.count(tts.gpt.inference_model, "forward", "gpt_steps")
    watched.measure(tts.bigvgan, "forward", "vocoder_samples")
    watched.time(tts.bigvgan, "forward", "vocoder")
    if hasattr(tts, "s2mel"):
        flow = tts.s2mel.models["cfm"]
        watched.time(tts, "get_emb", "reference")
        watched.measure(flow, "inference", "flow_frames")
        watched.time(flow, "inference", "cfm")
        watched.count(flow.estimator, "forward", "nfe")
    if version != "2.5":
        watched.time(tts.gpt, "forward", "latent")
    return call


def _pin_length(tts, version, folder):
    """End speech by the text: random weights never do. No further than the checkout lets it."""
    generate, rate = tts.gpt.inference_speech, checkout.VERSIONS[version][2]
    read = _reader(tts, version, folder)

    def inference_speech(condition, text_tokens, *arguments, **options):
        text = read(text_tokens[0].tolist())
        syllables = len(CJK.findall(text))
        letters = len(" ".join(CJK.sub(" ", text).split()))
        count = max(8, round(rate * (syllables / 4.5 + letters / 14)))
        options["max_generate_length"] = min(count + 1, options["max_generate_length"])
        options["forced_eos_token_id"] = tts.gpt.stop_mel_token
        return generate(condition, text_tokens, *arguments, **options)

    tts.gpt.inference_speech = inference_speech


def _reader(tts, version, folder):
    """Return what turns text tokens into text."""
    if version == "2.5":
        return lambda tokens: re.sub(r"<\|[^|]*\|>", "", tts.tokenizer.decode(tokens))
    import sentencepiece

    pieces = sentencepiece.SentencePieceProcessor(model_file=os.path.join(folder, "bpe.model"))
    return pieces.decode


def _deepen(tts):
    """Have the one layer of a tiny w2v-BERT pass for the 18th, which get_emb asks for."""
    model = getattr(tts, "semantic_model", None)
    if model is None or model.config.num_hidden_layers > 1:
        return
    forward = model.forward

    def deep(*arguments, **options):
        output = forward(*arguments, **options)
        output["hidden_states"] += output["hidden_states"][-1:] * 16
        return output

    model.forward = deep


# ---- what is imported ----


def _import(job, version):
    """The module of the class, stubs in place; and what they are, in words."""
    torchaudio = stubs.import_torchaudio()
    torchaudio.load, torchaudio.saved = stubs.load_audio, []
    torchaudio.save = packages.saving(torchaudio.saved, stubs.save_audio)
    replaced = (FILES,) + packages.stub_tn()
    if version != "1":
        replaced += packages.stub_audiotools()
    try:
        module = importlib.import_module(checkout.VERSIONS[version][0])
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != "utils":
            raise
        message = "this checkout imports itself as `utils`: IndexTTS 60a1624 (2025-03-26) or newer is needed"
        raise UnsupportedCheckoutError(message) from None
    if not job.get("prompt_audio") and not voices.published_voices(job):
        replaced = (HUM,) + replaced
    if job["weights"] != "random":
        return module, replaced
    if hasattr(module, "QwenEmotion"):
        module.QwenEmotion = type("QwenEmotion", (), {"__init__": lambda *_: None})
        replaced = (EMOTION,) + (SHALLOW,) * (job["size"] == "tiny") + replaced
    return module, (stubs.of_weights(job, WEIGHTS), LENGTH, WORDS) + replaced
