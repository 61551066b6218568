"""CosyVoice, end to end through the checkout's own `inference_zero_shot`, streamed and not, with its own defaults.

With random weights the model is CosyVoice 2 where the checkout has it, else CosyVoice 1; TTSOPT_COSYVOICE=1|2|3 in
the environment chooses another. Sizes: `tiny`, and `real` (the dimensions of CosyVoice-300M, CosyVoice2-0.5B,
Fun-CosyVoice3-0.5B). As many speech tokens are made as the text takes to say: a random language model never ends
by itself. Needs 20e0715 (2024-08-29) or newer, for CosyVoice 2 81edc83 (2024-12-16). On a CPU upstream itself
fails to stream until 07352a5 (2024-11-22).

Of mixed weights campplus.onnx and the speech tokenizer are real, one or both: the rest, whose configuration and
vocabulary go with it, is random and of the published size.
With a folder of weights neither matters: it is a published folder as upstream downloads it, of CosyVoice 1, 2 or 3
by its speech_tokenizer_v<n>.onnx, read by upstream's own loader, and the voice is the checkout's example
asset/zero_shot_prompt.wav. No published weights have been run by us.

Counters: `tokens` of speech that the language model made, `voice_tokens` that it was given of the voice, `nfe`
steps of the flow's ODE solver, `flow_frames` and `vocoder_samples` that came of them, `segments` of text, and the
seconds of the stages: `normalise`, `frontend` (features, speech tokens and speaker of the voice), `llm`, `flow`,
`vocoder`. In a stream the language model works beside the others: stages add up to more than the
whole.

A call repeats to the bit with the same seed. The language model draws in a thread of its own, in a stream at the
same time as the vocoder: its draws come from a generator of their own. Since f26cde5 (2026-01-29) CosyVoice 2 and
3 never set back how much longer the chunks of a stream have become: that is left as it is, so the first streams of
a process differ from later ones.
"""

from __future__ import annotations

import collections
import functools
import importlib
import inspect
import os
import threading

import _ttsopt_instruments as instruments
import _ttsopt_randomness as randomness
import _ttsopt_stubs as stubs
import _ttsopt_workload_checkout as checkout
import _ttsopt_workload_dimensions as dimensions
import _ttsopt_workload_graphs as graphs
import _ttsopt_workload_model_yaml as model_yaml
import _ttsopt_workload_packages as packages
import _ttsopt_workload_vocabulary as vocabulary
import _ttsopt_workload_weights as weights

STREAMS = True
WEIGHTS = "random weights, zero ones re-initialised, and random ONNX models: what comes out is sound, not speech"
ENDING = "the end of speech: by the text's length, 14 letters or 4.5 ideographs a second"
TOKENIZER = "the text tokenizer of CosyVoice 2 and 3: Whisper's vocabulary, as Qwen's"
VOICE = "the voice to clone: a hum of two seconds"
PACKAGES = "modelscope, matcha.utils and its pylogger: stubs, they take no part in speaking"
LOADING = "torchaudio.load: WAV files are read by soundfile"
EXTENSION = "torchaudio's C extension: left out where it cannot load beside this torch"
DRAWS = "the language model's random draws: from a generator of their own, so that a stream repeats"
ADDRESS = "the server's address: loopback, for upstream's is every one of this machine"
OF_RANDOM = (WEIGHTS, ENDING, TOKENIZER, VOICE)
ALWAYS = (PACKAGES, LOADING, EXTENSION)
STUBS = OF_RANDOM + ALWAYS + (DRAWS,)
# Of each close patch: what it could save, and must not.
WORK = {
    "conv-search": ("voice_tokens", "tokens"),
    "flow-graph": ("nfe", "flow_frames"),
    "fused-flow": ("nfe", "flow_frames"),
    "kept-positions": ("tokens",),
    "packed-linears": ("tokens", "nfe", "flow_frames", "vocoder_samples"),
    "token-graph": ("voice_tokens", "tokens"),
}

EXAMPLES = ("asset/zero_shot_prompt.wav", "zero_shot_prompt.wav")  # the second until December 2024
EXAMPLE_TEXT, VOICE_TEXT = "希望你以后能够做的比我还好呦。", "A low voice hums for a while."
MARK = "<|endofprompt|>"  # CosyVoice 3 refuses a prompt without
SERVED_VOICE = "ttsopt"
SERVER_MODULES = ("uvicorn", "fastapi", "multipart")  # the last is python-multipart
# By which its server builds a model: the first since December 2025, the others before.
SERVED_CLASSES = ("AutoModel", "CosyVoice", "CosyVoice2")
INSTRUCTION = "You are a helpful assistant." + MARK

speaking = {}  # the model of `load`, for `describe`


def prepare(job):
    """With random weights: write what is not there yet, voices and a model folder as upstream downloads it."""
    if job["weights"] != "random":
        return
    packages.install_stubs()
    folder, generation = checkout.folder(job), checkout.generation(job)
    size = dimensions.size(job["size"], generation)
    os.makedirs(os.path.join(folder, weights.BLANK), exist_ok=True)
    stubs.voices(job, folder, VOICE_TEXT)
    rows = vocabulary.QWEN_EMBEDDINGS if generation == checkout.CAUSAL else size["vocabulary"]
    files = {
        "speech_tokenizer_v%d.onnx" % generation: lambda path: graphs.write_tokenizer(
            path, size, generation
        ),
        "campplus.onnx": lambda path: graphs.write_speaker(path, *size["speaker"]),
        weights.BLANK + "/model.safetensors": lambda path: weights.write_qwen(
            path, size["qwen"], rows
        ),
        # CosyVoice 2's until April 2025, too
        "cosyvoice.yaml": lambda path: model_yaml.write_config(path, size, generation),
        "cosyvoice%d.yaml" % generation: lambda path: model_yaml.write_config(
            path, size, generation
        ),
        "hift.pt": weights.write_weights,
    }
    for name, write in files.items():
        stubs.write_once(os.path.join(folder, name), write)


def load(job):
    """Build the checkout's class from the files of `prepare`, or of a folder of weights; return speak."""
    global STUBS  # noqa: PLW0603 - what is stood in for depends on the job and the checkout
    packages.install_stubs()
    import torch

    torch.set_num_threads(job["threads"])
    model = speaking["model"] = _build(job)
    STUBS = _stubs(job) + (DRAWS,) + packages.replaced()
    measured = instruments.Instruments()
    _measure(model, measured)
    if job["weights"] == "random":
        _end_by_length(model)
    speak_on = _asking(model, job)
    seed_all = _seeder()

    def speak(utterance, seed):
        measured.clear()
        seed_all(seed)
        chunks, parts = instruments.Chunks(), []
        for part in speak_on(utterance):
            parts.append(part["tts_speech"].flatten().float())
            chunks.add(len(parts[-1]))
        said = {"samples": torch.cat(parts).numpy(), "sample_rate": model.sample_rate}
        said["counters"] = measured.counters()
        return dict(said, chunks=chunks.rows) if job.get("stream") else said

    return speak


def serve(job):
    """Build the model as `load` does, with a voice known, and have runtime/python/fastapi take it for its own.

    A voice that is sent along is not asked for: since bfa835a (2025-12-08) that server reads the file, and the
    model takes what it read for a file. That server names no address to listen at: it gets loopback.
    """
    global STUBS  # noqa: PLW0603 - as in `load`
    uvicorn, _, _ = map(importlib.import_module, SERVER_MODULES)
    packages.install_stubs()
    said = {"model": checkout.folder(job), "voice": SERVED_VOICE}
    model = _build(job)
    STUBS = _stubs(job) + packages.replaced() + (ADDRESS,)
    if job["weights"] == "random":
        _end_by_length(model)
    voice, _ = _voices(job)[job["utterances"][0]["voice"]]
    known = {"embedding": model.frontend._extract_spk_embedding(voice)}  # noqa: SLF001
    model.frontend.spk2info[SERVED_VOICE] = known
    module, run = importlib.import_module("cosyvoice.cli.cosyvoice"), uvicorn.run
    for name in SERVED_CLASSES:
        if hasattr(module, name):
            setattr(module, name, lambda *_, **__: model)
    uvicorn.run = lambda app, **options: run(app, **dict(options, host="127.0.0.1"))
    return dict(said, sample_rate=str(model.sample_rate))


def describe():
    """Return what holds in the models as they are loaded."""
    model, frontend = speaking["model"].model, speaking["model"].frontend
    session = frontend.campplus_session.get_session_options()
    return {
        "class": type(speaking["model"]).__name__,
        "device": str(model.device),
        "dtype": str(next(model.llm.parameters()).dtype),
        "flow_dtype": str(next(model.flow.parameters()).dtype),
        "fp16": int(getattr(model, "fp16", False)),
        "ort_threads": session.intra_op_num_threads,
    }


def _stubs(job):
    """Return the stubs of this job, but for those that depend on the checkout."""
    if job["weights"] == "random":
        return (stubs.of_weights(job, WEIGHTS), ENDING, TOKENIZER, VOICE) + ALWAYS
    return ALWAYS


def _asking(model, job):
    """Utterance -> what the checkout's `inference_zero_shot` gives for it, part by part."""
    accepted, voices = inspect.signature(model.inference_zero_shot).parameters, _voices(job)
    load_wav = importlib.import_module("cosyvoice.utils.file_utils").load_wav
    instructed = checkout.generation(job) == checkout.CAUSAL
    options = {"stream": True} if job.get("stream") else {}

    def speak_on(utterance):
        voice, said = voices[utterance.get("voice", 0)]
        if instructed and MARK not in said:
            said = INSTRUCTION + said
        if "prompt_speech_16k" in accepted:  # until bfa835a (2025-12-08) the caller reads the file
            voice = load_wav(voice, 16000)
        return model.inference_zero_shot(utterance["text"], said, voice, **options)

    return speak_on


def _measure(model, measured):
    """Have the stages timed, and counted what the checkout's parameters stand for."""
    measured.time(model.frontend, "text_normalize", "normalise")
    measured.time(model.frontend, "frontend_zero_shot", "frontend")
    measured.count(model.frontend, "frontend_zero_shot", "segments")
    measured.measure(model.frontend, "frontend_zero_shot", "voice_tokens", _voice_tokens)
    measured.time(model.model, "llm_job", "llm")
    measured.measure(model.model.flow, "inference", "flow_frames")
    measured.measure(model.model.hift, "inference", "vocoder_samples")
    measured.time(model.model.flow, "inference", "flow")
    measured.time(model.model.hift, "inference", "vocoder")
    lm, decoder = model.model.llm, model.model.flow.decoder
    infer, solve = lm.inference, decoder.solve_euler

    def inference(*arguments, **options):
        for token in infer(*arguments, **options):
            measured.add("tokens")
            yield token

    def solve_euler(x, t_span, *rest, **options):
        measured.add("nfe", len(t_span) - 1)
        return solve(x, t_span, *rest, **options)

    lm.inference, decoder.solve_euler = inference, solve_euler


def _voice_tokens(inputs):
    """Speech tokens of the voice, kept or made anew."""
    return inputs["flow_prompt_speech_token"].shape[1]


def _end_by_length(model):
    """Have the language model make as many tokens as its text takes to say, whatever its weights."""
    lm, decode = model.model.llm, model.frontend.tokenizer.decode
    infer, codes = lm.inference, lm.speech_token_size

    def inference(*arguments, **options):
        tokens = options["text"].flatten().tolist()
        wanted = max(1, round(_seconds(decode(tokens)) * model.model.flow.input_frame_rate))
        # upstream's most: int(tokens * ratio)
        return infer(*arguments, **dict(options, max_token_text_ratio=(wanted + 0.5) / len(tokens)))

    def never_end(_, __, scores):
        scores[..., codes:] = float("-inf")
        return scores

    lm.inference = inference
    lm.llm_decoder.register_forward_hook(never_end)


def _seconds(text):
    return sum(1 / 4.5 if ord(one) >= 0x2E80 else 1 / 14 for one in text)  # noqa: PLR2004 - where CJK begins


def _seeder():
    """A function that seeds every generator; the language model's thread gets a new one of its own."""
    import torch

    main, own, multinomial = threading.current_thread(), {}, torch.Tensor.multinomial

    @functools.wraps(multinomial)
    def draw(weights, *arguments, **options):
        if threading.current_thread() is not main:
            if weights.device not in own:
                own[weights.device] = torch.Generator(weights.device).manual_seed(own["seed"])
            options["generator"] = own[weights.device]
        return multinomial(weights, *arguments, **options)

    def seed_all(seed):
        own.clear()
        own["seed"] = seed
        randomness.seed_all(seed)

    torch.Tensor.multinomial = draw
    return seed_all


def _build(job):
    """The checkout's class on the folder, by whatever parameters this version has."""
    import torch

    folder, generation = checkout.folder(job), checkout.generation(job)
    needed = [
        os.path.join(folder, name) for name in ("llm.pt", "flow.pt", "hift.pt", "campplus.onnx")
    ]
    missing = [path for path in needed if not os.path.exists(path)]
    if missing:
        raise FileNotFoundError("CosyVoice needs %s" % ", ".join(missing))
    found = checkout.classes()[generation]
    accepted, options = inspect.signature(found.__init__).parameters, {}
    if job["weights"] == "random" and "load_jit" in accepted:
        # The default until January 2025: TorchScript files, which random weights do not come with.
        options["load_jit"] = False
    # As upstream's cosyvoice.yaml does: some versions draw the flow's noise when they load.
    torch.manual_seed(1986)
    model = found(folder, **options)
    model.sample_rate = getattr(model, "sample_rate", 22050)  # the first versions have none
    return model


def _voices(job):
    """Voice number -> file, and what is said in it."""
    if job["weights"] == "random" or job.get("prompt_audio"):
        return stubs.voices(job, checkout.folder(job), VOICE_TEXT)
    files = [os.path.join(job["view"], name) for name in EXAMPLES]
    example = next((path for path in files if os.path.exists(path)), files[0])
    return collections.defaultdict(lambda: (example, EXAMPLE_TEXT))
