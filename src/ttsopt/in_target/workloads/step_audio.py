"""The tokenizer of Step-Audio-EditX: the checkout's own `StepAudioTokenizer.wav2token`.

Speech goes in, tokens come out; a text only says how long the speech is (14 characters a second).
It is generated: syllables of a gliding voice with pauses, or what --prompt-audio names.

Sizes, with random weights: `tiny`, and `real` (the published dimensions: paraformer-large, 158 M
parameters in its encoder, and a speech tokenizer of 6 layers of 1280). Random weights need the
module `onnx` to write the speech tokenizer's graph.

With a folder of weights the size does not matter: it is the published Step-Audio-Tokenizer, with
    linguistic_tokenizer.npy, speech_tokenizer_v1.onnx,
    dengcunqin/speech_paraformer-large_asr_nat-zh-cantonese-en-16k-vocab8501-online/

Counters: `vq02_seconds` (paraformer and codebook) and `vq06_seconds` (features and ONNX Runtime),
`vq02_tokens`, `vq06_tokens`. The frontend's dither is seeded per call, so that a call repeats.
"""

from __future__ import annotations

import array
import functools
import importlib
import json
import math
import os
import random
import sys
import types
import wave

RATE = 24000  # as the prompts that upstream ships: the tokenizer resamples to 16 kHz
CHARACTERS_A_SECOND = 14.0
ENCODER = "dengcunqin/speech_paraformer-large_asr_nat-zh-cantonese-en-16k-vocab8501-online"
SPEECH = "the speech that goes in: generated syllables"
PACKAGES = "the packages funasr and sox: empty stand-ins, they take no part in tokenizing"
FILES = "torchaudio.load and save: WAV by soundfile; its C extension left out where it cannot load"
NO_GPU = "Module.cuda and Tensor.cuda: without effect, for there is no CUDA device"
NO_CUDA_PROVIDER = "ONNX Runtime's CPUExecutionProvider for the CUDAExecutionProvider asked for"
WEIGHTS = "random weights, and a random graph for speech_tokenizer_v1.onnx: tokens say nothing"
CONCURRENT = True  # it holds a lock around each of its two models
STANDS_IN = (WEIGHTS, SPEECH, PACKAGES, FILES)

# encoder: width, blocks, heads, units. speech: width, layers, heads of the ONNX graph.
SIZES = {
    "tiny": {"encoder": (128, 8, 2, 256), "speech": (768, 4, 12)},
    "real": {"encoder": (512, 50, 4, 2048), "speech": (1280, 6, 20)},
}
# funasr_detach imports all of its modules and passes over those that fail: a missing package would
# show only as "'NoneType' object is not callable". Importing these once more names it.
PARTS = (
    "funasr_detach.models.paraformer_streaming.model",
    "funasr_detach.models.paraformer.decoder",
    "funasr_detach.models.paraformer.cif_predictor",
    "funasr_detach.models.scama.encoder",
    "funasr_detach.frontends.wav_frontend",
    "funasr_detach.tokenizer.char_tokenizer",
)
CODES_02, CODES_06 = 1024, 4096
MODEL = {}


def prepare(job):
    """Write speech, and with random weights the models, where they are not there yet."""
    import _ttsopt_stand_ins as stand_ins  # of ttsopt: in_target/stand_ins.py

    _write_speech(job)
    if job["weights"] != "random":
        return
    stand_in()
    folder, size = _folder(job), SIZES[job["size"]]
    encoder = os.path.join(folder, ENCODER)
    os.makedirs(encoder, exist_ok=True)
    codebook = os.path.join(folder, "linguistic_tokenizer.npy")
    stand_ins.write_once(codebook, lambda path: _write_codebook(path, size["encoder"][0]))
    graph = os.path.join(folder, "speech_tokenizer_v1.onnx")
    stand_ins.write_once(graph, lambda path: _write_graph(path, *size["speech"]))
    stand_ins.write_once(os.path.join(encoder, "tokens.txt"), _write_tokens)
    config = os.path.join(encoder, "config.yaml")
    stand_ins.write_once(
        config, lambda path: _write_config(path, job["view"], encoder, *size["encoder"])
    )
    stand_ins.write_once(os.path.join(encoder, "configuration.json"), _write_configuration)
    stand_ins.write_once(
        os.path.join(encoder, "model.pt"), lambda path: _write_encoder(path, folder)
    )


def load(job):
    """Build the tokenizer; return speak. FileNotFoundError where `prepare` has not run."""
    import _ttsopt_instruments as instruments  # of ttsopt: in_target/instruments.py
    import _ttsopt_stand_ins as stand_ins  # and stand_ins.py

    global STANDS_IN  # noqa: PLW0603 - what is stood in for depends on the job and the machine
    _write_speech(job)
    replaced = stand_in()
    import torch

    torch.set_num_threads(job["threads"])
    folder = _folder(job)
    weights = os.path.join(folder, ENCODER, "model.pt")
    if job["weights"] == "random" and not os.path.exists(weights):
        raise FileNotFoundError("%s is not there: run the task prepare first" % weights)
    tokenizer = _build(folder)
    watched = instruments.Instruments()
    for stage in ("vq02", "vq06"):
        watched.time(tokenizer, "get_%s_code" % stage, stage)
    encoder = next(tokenizer.funasr_model.model.parameters())
    MODEL.update(device=str(encoder.device), dtype=str(encoder.dtype))
    first = (WEIGHTS,) if job["weights"] == "random" else ()
    STANDS_IN = first + (SPEECH, PACKAGES, FILES) + replaced

    def speak(utterance, seed):
        samples, rate = stand_ins.load_audio(_speech_path(job, utterance))
        watched.clear()
        _seed(seed)
        tokens, vq02, vq06 = tokenizer.wav2token(samples, rate)
        counters = watched.counters()
        counters.update(vq02_tokens=len(vq02), vq06_tokens=len(vq06))
        audio_seconds = samples.shape[-1] / float(rate)
        return {"tokens": tokens, "audio_seconds": audio_seconds, "counters": counters}

    return speak


def describe():
    """Device and dtype of the paraformer."""
    return dict(MODEL)


def _build(folder):
    """The checkout's tokenizer on a local folder (ModelSource.LOCAL: nothing is downloaded)."""
    source = importlib.import_module("model_loader").ModelSource.LOCAL
    tokenizer = importlib.import_module("tokenizer")
    return tokenizer.StepAudioTokenizer(folder, model_source=source)


def _seed(seed):
    """Seed every generator: the frontend's dither (1.0 by default) draws from torch's."""
    import numpy as np
    import torch

    random.seed(seed)
    np.random.seed(seed)
    torch.manual_seed(seed)


def _folder(job):
    """Where the models are."""
    if job["weights"] != "random":
        return job["weights"]
    return os.path.join(job["scratch"], "step-audio-" + job["size"])


def _speech_path(job, utterance):
    """What goes in: the user's own recording, else speech as long as the text, in the voice of that number."""
    if job.get("prompt_audio"):
        return job["prompt_audio"]
    seconds = min(60.0, max(1.0, len(utterance["text"]) / CHARACTERS_A_SECOND))
    name = "step-audio-speech-%d-%.1f.wav" % (utterance.get("voice", 0), seconds)
    return os.path.join(job["scratch"], name)


def _write_speech(job):
    """A 16-bit WAV for every voice and duration that the utterances need."""
    import _ttsopt_stand_ins as stand_ins  # of ttsopt: in_target/stand_ins.py

    if job.get("prompt_audio"):
        return
    for utterance in job["utterances"] + list(filter(None, [job.get("warmup_utterance")])):
        path = _speech_path(job, utterance)
        voice, seconds = os.path.basename(path)[: -len(".wav")].split("-")[-2:]
        write = functools.partial(_write_wav, seconds=float(seconds), number=int(voice))
        stand_ins.write_once(path, write)


def _write_wav(path, seconds, number):
    """Syllables of 0.2 s: a harmonic source that glides, two formants, breath; a pause at times."""
    noise, samples, phase = random.Random(0), array.array("h"), 0.0  # noqa: S311 - a hiss
    for i in range(int(seconds * RATE)):
        syllable, within = divmod(i / (0.2 * RATE), 1.0)
        envelope = 0.0 if syllable % 6 == 5 else math.sin(math.pi * within) ** 0.5  # noqa: PLR2004
        pitch = 110 + 9 * number + 40 * math.sin(0.9 * syllable) + 25 * within
        phase += pitch / RATE
        formants = (400 + 300 * math.sin(2.1 * syllable), 1500 + 700 * math.cos(1.7 * syllable))
        voice = sum(
            math.sin(2 * math.pi * k * phase)
            * sum(1.0 / (1.0 + ((k * pitch - formant) / 150.0) ** 2) for formant in formants)
            for k in range(1, 19)
        )
        samples.append(int(3000 * envelope * (voice + 0.1 * noise.gauss(0, 1)) + noise.gauss(0, 3)))
    with wave.open(path, "wb") as file:
        file.setparams((1, 2, RATE, 0, "NONE", ""))
        file.writeframes(samples.tobytes())


# ---- random models ----


def _write_tokens(path):
    tokens = ["<blank>", "<s>", "</s>"] + [chr(0x4E00 + i) for i in range(40)] + ["<unk>"]
    with open(path, "w", encoding="utf-8") as file:
        file.write("\n".join(tokens) + "\n")


def _write_config(path, view, encoder, width, blocks, heads, units):
    """The view's own paraformer template, with these dimensions and the smallest decoder."""
    import yaml

    template = os.path.join(view, "funasr_detach/models/paraformer_streaming/template.yaml")
    with open(template, encoding="utf-8") as file:
        config = yaml.safe_load(file)
    dimensions = {"num_blocks": blocks, "attention_heads": heads, "linear_units": units}
    config["encoder_conf"].update(dimensions, output_size=width)
    config["decoder_conf"].update(dimensions, num_blocks=1, att_layer_num=1)
    config["predictor_conf"]["idim"] = width
    config["tokenizer_conf"]["token_list"] = os.path.join(encoder, "tokens.txt")
    config["frontend_conf"]["cmvn_file"] = None
    with open(path, "w", encoding="utf-8") as file:
        yaml.safe_dump(config, file)


def _write_configuration(path):
    with open(path, "w", encoding="utf-8") as file:
        json.dump({"file_path_metas": {"init_param": "model.pt", "config": "config.yaml"}}, file)


def _write_encoder(path, folder):
    """The weights that the checkout's own model starts with (init_param is not there yet)."""
    import torch

    _seed(0)
    torch.save(_build(folder).funasr_model.model.state_dict(), path)


def _write_codebook(path, width):
    import numpy as np

    codes = np.random.default_rng(0).standard_normal((CODES_02, width))
    np.save(path, codes.astype(np.float32))


def _write_graph(path, width, layers, heads):
    """A graph of the shape of speech_tokenizer_v1: mel (1, 128, T) at 100 Hz to ids at 25 Hz.

    Two convolutions of stride 2, pre-norm transformer layers, the best of 4096 codes. The mean over
    time is taken off before that: random layers would give nearly the same id everywhere.
    """
    import onnx

    graph = _Graph(width, heads)
    x = graph.convolve(graph.convolve("feats", 128), width)
    x = graph.node("Transpose", x, perm=[0, 2, 1])
    for _ in range(layers):
        x = graph.layer(x)
    x = graph.node("Sub", x, graph.node("ReduceMean", x, axes=[1]))
    scores = graph.node("MatMul", graph.norm(x), graph.weight(width, CODES_06))
    onnx.save(graph.model(graph.node("ArgMax", scores, axis=-1, keepdims=0)), path)


class _Graph:
    """Nodes and random weights of an ONNX graph, as onnx.helper makes them."""

    def __init__(self, width, heads):
        import numpy as np
        from onnx import helper, numpy_helper

        self.np, self.helper, self.from_array = np, helper, numpy_helper.from_array
        self.random, self.width, self.heads = np.random.default_rng(0), width, heads
        self.nodes, self.constants = [], []

    def constant(self, values, kind="float32"):
        name = "c%d" % len(self.constants)
        self.constants.append(self.from_array(self.np.array(values, dtype=kind), name))
        return self.constants[-1].name

    def weight(self, *shape):
        """Normal values that keep the scale: of a matrix (in, out) or a kernel (out, in, size)."""
        inputs = shape[0] if len(shape) < 3 else shape[1] * shape[2]  # noqa: PLR2004
        return self.constant(self.random.standard_normal(shape) * inputs**-0.5)

    def node(self, operation, *inputs, **attributes):
        output = "n%d" % len(self.nodes)
        self.nodes.append(self.helper.make_node(operation, inputs, [output], **attributes))
        return output

    def gelu(self, x):
        erf = self.node("Erf", self.node("Mul", x, self.constant(0.5**0.5)))
        half = self.node("Mul", x, self.constant(0.5))
        return self.node("Mul", half, self.node("Add", erf, self.constant(1.0)))

    def convolve(self, x, channels):
        weight, bias = self.weight(self.width, channels, 3), self.weight(self.width)
        shape = {"kernel_shape": [3], "strides": [2], "pads": [1, 1]}
        return self.gelu(self.node("Conv", x, weight, bias, **shape))

    def linear(self, x, rows, columns):
        product = self.node("MatMul", x, self.weight(rows, columns))
        return self.node("Add", product, self.weight(columns))

    def norm(self, x):
        scale, bias = self.constant([1.0] * self.width), self.constant([0.0] * self.width)
        return self.node("LayerNormalization", x, scale, bias, axis=-1)

    def split_heads(self, x, order):
        shape = self.constant([0, 0, self.heads, self.width // self.heads], "int64")
        x = self.node("Reshape", self.linear(x, self.width, self.width), shape)
        return self.node("Transpose", x, perm=order)

    def attend(self, x):
        query, value = self.split_heads(x, [0, 2, 1, 3]), self.split_heads(x, [0, 2, 1, 3])
        scores = self.node("MatMul", query, self.split_heads(x, [0, 2, 3, 1]))
        scale = self.constant((self.width // self.heads) ** -0.5)
        shares = self.node("Softmax", self.node("Mul", scores, scale), axis=-1)
        mixed = self.node("Transpose", self.node("MatMul", shares, value), perm=[0, 2, 1, 3])
        return self.node("Reshape", mixed, self.constant([0, 0, self.width], "int64"))

    def layer(self, x):
        width = self.width
        x = self.node("Add", x, self.linear(self.attend(self.norm(x)), width, width))
        hidden = self.gelu(self.linear(self.norm(x), width, 4 * width))
        return self.node("Add", x, self.linear(hidden, 4 * width, width))

    def model(self, ids):
        """The model; the length is an input of the published graph: read here, and adding 0."""
        from onnx import TensorProto

        info = self.helper.make_tensor_value_info
        nothing = self.node("Sub", "feats_length", "feats_length")
        nothing = self.node("Cast", nothing, to=TensorProto.INT64)
        self.nodes.append(self.helper.make_node("Add", [ids, nothing], ["indices"]))
        inputs = [
            info("feats", TensorProto.FLOAT, [1, 128, "t"]),
            info("feats_length", TensorProto.INT32, [1]),
        ]
        outputs = [info("indices", TensorProto.INT64, [1, "s"])]
        graph = self.helper.make_graph(self.nodes, "ids", inputs, outputs, self.constants)
        opset = [self.helper.make_opsetid("", 17)]  # the first with LayerNormalization
        return self.helper.make_model(graph, opset_imports=opset, ir_version=8)


# ---- stand-ins ----


def stand_in():
    """Put the stand-ins where the checkout's imports find them.

    Returns the sentences of those that depend on the machine.
    """
    import _ttsopt_stand_ins as stand_ins  # of ttsopt: in_target/stand_ins.py

    for name in ("funasr", "sox"):
        sys.modules.setdefault(name, types.ModuleType(name))
    torchaudio = stand_ins.import_torchaudio()
    torchaudio.load, torchaudio.save = stand_ins.load_audio, stand_ins.save_audio
    for name in PARTS:
        importlib.import_module(name)
    return _without_gpu() + _without_cuda_provider()


def _without_gpu():
    """What `infer_encoder` does with a device, without effect where there is none."""
    import torch

    if torch.cuda.is_available():
        return ()
    torch.nn.Module.cuda = torch.Tensor.cuda = lambda self, *_, **__: self
    auto_model = importlib.import_module("funasr_detach").AutoModel
    if not hasattr(auto_model, "on_its_device"):
        auto_model.on_its_device = infer_encoder = auto_model.infer_encoder
        # get_vq02_code asks for device=0
        auto_model.infer_encoder = lambda self, input, **options: infer_encoder(  # noqa: A006
            self, input, **dict(options, device="cpu")
        )
    return (NO_GPU,)


def _without_cuda_provider():
    """CPUExecutionProvider where the one asked for is not in this build of ONNX Runtime."""
    import onnxruntime

    if "CUDAExecutionProvider" in onnxruntime.get_available_providers():
        return ()
    session = onnxruntime.InferenceSession
    if getattr(session, "__name__", "") != "on_cpu":

        def on_cpu(*arguments, **options):
            return session(*arguments, **dict(options, providers=["CPUExecutionProvider"]))

        onnxruntime.InferenceSession = on_cpu
    return (NO_CUDA_PROVIDER,)
