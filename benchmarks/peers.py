"""Compares ttsopt's helpers with OpenVINO and ONNX Runtime on one stage of a real upstream.

    PYTHON peers.py hifi-gan|bigvgan|dit CHECKOUT [--rounds N] [--threads N] [--json FILE]
        [--frames LOW HIGH] [--peer NAME ...]

PYTHON is an interpreter with torch and scipy; openvino, onnxruntime, onnx and onnxscript are used where they
are there, and named where they are not; `--peer` leaves the others out. The stage has upstream's code at its
published size with random weights; each round speaks a length that no side has seen, all sides in an order
drawn anew, by CPU time of the process. What is printed is upstream's time over each side's, the geometric mean
with its 95 % interval (Student's t over the logarithms), and the largest signal-to-noise ratio that every round
kept. Compilation for a new length is part of the time, as it is for a user: sentences have new lengths.
"""

from __future__ import annotations

import json
import math
import platform
import random
import sys
import time
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from scipy import stats

HELPERS = Path(__file__).parents[1] / "patches" / "_helpers"
EXAMPLE = 150  # frames that a stage is exported with
Inputs = tuple[Any, ...]  # torch tensors
Call = Callable[[Inputs], Any]


def main(arguments: Sequence[str]) -> int:
    """Measure a stage and print the table; 2 where the stage is not known."""
    asked = parser().parse_args(arguments)
    sys.dont_write_bytecode = True  # the checkout stays as it is
    torch.set_num_threads(asked.threads)
    torch.manual_seed(0)
    sys.path[:0] = [str(HELPERS), asked.checkout]
    build, helped, inputs = STAGES[asked.stage]
    with torch.inference_mode():
        sides = dict(made(build, helped, inputs, asked))
        found = measured(sides, inputs, asked.rounds, range(*asked.frames))
    report(asked, found)
    return 0


def parser() -> ArgumentParser:
    """Of the command line."""
    read = ArgumentParser(description=(__doc__ or "").splitlines()[0])
    read.add_argument("stage", choices=sorted(STAGES))
    read.add_argument("checkout")
    read.add_argument("--rounds", type=int, default=12)
    read.add_argument("--threads", type=int, default=1)
    read.add_argument("--frames", type=int, nargs=2, default=(200, 500), metavar=("LOW", "HIGH"))
    read.add_argument("--peer", choices=PEERS, action="append", help="(default: all)")
    read.add_argument("--json", type=Path)
    return read


# ---- sides ----


def made(
    build: Callable[[], torch.nn.Module],
    helped: Callable[[torch.nn.Module], Any],
    inputs: Callable[[int], Inputs],
    asked: Namespace,
) -> Iterator[tuple[str, Call]]:
    """Yield every side that can be made here, all of the same weights."""
    yield "upstream", torch_call(build())
    quick = build()
    helped(quick)
    yield "ttsopt", torch_call(quick)
    for name in asked.peer or PEERS:
        try:
            yield name, PEERS[name](build(), inputs(EXAMPLE), asked.threads)
        except Exception as error:  # noqa: BLE001 - another package's, of any kind: the others are measured
            print(f"{name}: not here: {str(error).splitlines()[:1]}", file=sys.stderr)


def torch_call(module: torch.nn.Module) -> Call:
    """Return a call of a torch module."""
    module.eval()
    return lambda inputs: module(*inputs)


def openvino_call(module: torch.nn.Module, example: Inputs, threads: int, precision: str) -> Call:
    """Return a call of the module as OpenVINO compiles it for this CPU, with lengths left open."""
    import openvino

    model = openvino.convert_model(module.eval(), example_input=example)
    settings = {"INFERENCE_NUM_THREADS": threads, "INFERENCE_PRECISION_HINT": precision}
    compiled = openvino.compile_model(model, "CPU", settings)
    return lambda inputs: torch.from_numpy(compiled([one.numpy() for one in inputs])[0])


def onnxruntime_call(module: torch.nn.Module, example: Inputs, threads: int) -> Call:
    """Return a call of the module exported to ONNX, with lengths left open, in a session that does not spin."""
    import onnxruntime

    program = torch.onnx.export(
        module.eval(), example, dynamo=True, dynamic_shapes=open_lengths(example), verbose=False
    )
    assert program is not None
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    data = program.model_proto.SerializeToString()
    session = onnxruntime.InferenceSession(data, options, providers=["CPUExecutionProvider"])
    names = [one.name for one in session.get_inputs()]
    return lambda inputs: torch.from_numpy(
        session.run(None, {name: one.numpy() for name, one in zip(names, inputs, strict=True)})[0]
    )


PEERS: Mapping[str, Callable[[torch.nn.Module, Inputs, int], Call]] = {
    "openvino float32": partial(openvino_call, precision="f32"),
    "openvino bfloat16": partial(openvino_call, precision="bf16"),
    "onnxruntime float32": onnxruntime_call,
}


def open_lengths(example: Inputs) -> tuple[dict[int, Any], ...]:
    """Return, for every input, its axes of `EXAMPLE` frames as axes of any length."""
    frames = torch.export.Dim("frames", min=8, max=4096)
    return tuple(
        {axis: frames for axis, size in enumerate(one.shape) if size == EXAMPLE} for one in example
    )


# ---- stages ----


def hifi_gan() -> torch.nn.Module:
    """MockingBird's vocoder at 16 kHz, of its published configuration."""
    from models.vocoder.hifigan.models import Generator  # type: ignore[import-not-found]

    file = Path(sys.path[1]) / "models" / "vocoder" / "hifigan" / "config_16k_.json"
    torch.manual_seed(0)
    generator: torch.nn.Module = Generator(Configuration(json.loads(file.read_text())))
    generator.remove_weight_norm()
    return generator


def bigvgan() -> torch.nn.Module:
    """IndexTTS's vocoder at 22 kHz, of nvidia/bigvgan_v2_22khz_80band_256x's configuration."""
    from indextts.s2mel.modules.bigvgan.bigvgan import BigVGAN  # type: ignore[import-not-found]

    torch.manual_seed(0)
    generator: torch.nn.Module = BigVGAN(Configuration(BIGVGAN), use_cuda_kernel=False)
    generator.remove_weight_norm()
    return generator


class Configuration(dict[str, Any]):
    """A dictionary whose keys are attributes too, as the vocoders read theirs."""

    __getattr__ = dict.__getitem__


def dit() -> torch.nn.Module:
    """F5-TTS v1 Base's transformer, one evaluation."""
    from f5_tts.model.backbones.dit import DiT  # type: ignore[import-not-found]

    torch.manual_seed(0)
    sizes = {"dim": 1024, "depth": 22, "heads": 16, "ff_mult": 2, "text_dim": 512, "conv_layers": 4}
    model: torch.nn.Module = DiT(**sizes, mel_dim=100, text_num_embeds=2545)
    for one in model.parameters():  # zero-initialised weights would make the result 0
        if not one.any():
            torch.nn.init.normal_(one, std=0.02)
    return model


def quick_vocoder(module: torch.nn.Module) -> None:
    """Lay the helper on a HiFi-GAN generator."""
    import ttsopt_vocoder_pieces  # type: ignore[import-not-found]

    ttsopt_vocoder_pieces.quicken_vocoders(module)


def quick_dit(module: torch.nn.Module) -> None:
    """Lay the helper on a DiT."""
    import ttsopt_fused_dit  # type: ignore[import-not-found]

    ttsopt_fused_dit.fuse_dit(module)


def quick_bigvgan(module: torch.nn.Module) -> None:
    """Lay the helper on a BigVGAN's activations."""
    import ttsopt_snake  # type: ignore[import-not-found]

    ttsopt_snake.fuse_snakes(module.eval())


def spectrogram(frames: int) -> Inputs:
    """Return a log spectrogram of 80 bands: (1, 80, frames), float32."""
    return (torch.randn(1, 80, frames) - 4,)


def dit_inputs(frames: int) -> Inputs:
    """Return noise, condition (1, frames, 100), text (1, 60) and time (1) of one evaluation."""
    sound = torch.randn(2, 1, frames, 100)
    return (sound[0], sound[1], torch.randint(0, 2545, (1, 60)), torch.tensor([0.4]))


BIGVGAN: Mapping[str, Any] = {
    "num_mels": 80,
    "upsample_rates": [4, 4, 2, 2, 2, 2],
    "upsample_kernel_sizes": [8, 8, 4, 4, 4, 4],
    "upsample_initial_channel": 1536,
    "resblock": "1",
    "resblock_kernel_sizes": [3, 7, 11],
    "resblock_dilation_sizes": [[1, 3, 5]] * 3,
    "use_tanh_at_final": False,
    "use_bias_at_final": False,
    "activation": "snakebeta",
    "snake_logscale": True,
}
STAGES: Mapping[str, tuple[Any, Any, Callable[[int], Inputs]]] = {
    "hifi-gan": (hifi_gan, quick_vocoder, spectrogram),
    "bigvgan": (bigvgan, quick_bigvgan, spectrogram),
    "dit": (dit, quick_dit, dit_inputs),
}


# ---- measuring ----


def measured(
    sides: Mapping[str, Call], inputs: Callable[[int], Inputs], rounds: int, frames: range
) -> dict[str, dict[str, list[float]]]:
    """Return seconds of CPU and signal-to-noise ratio in dB of each side, round by round; one length warms up."""
    drawn = random.Random(0)  # noqa: S311
    lengths = drawn.sample(frames, rounds)
    found: dict[str, dict[str, list[float]]] = {name: {"cpu": [], "snr": []} for name in sides}
    for number, length in enumerate([frames.start - 1, *lengths]):
        given = inputs(length)
        waves = {}
        for name in drawn.sample(list(sides), len(sides)):
            began = time.process_time()
            waves[name] = sides[name](given)
            if number:
                found[name]["cpu"].append(time.process_time() - began)
                print(f"{length} frames, {name}: {found[name]['cpu'][-1]:.2f} s", file=sys.stderr)
        for name in sides:
            found[name]["snr"].append(snr(waves["upstream"], waves[name]))
    return found


def snr(upstream: Any, other: Any) -> float:
    """Return how much louder upstream's result is than the difference, in dB; infinite for equal ones."""
    first, second = (np.asarray(one.float(), dtype=np.float64).ravel() for one in (upstream, other))
    noise = float(np.square(first - second).sum())
    return 10 * math.log10(float(np.square(first).sum()) / noise) if noise else math.inf


def report(asked: Namespace, found: Mapping[str, Mapping[str, list[float]]]) -> None:
    """Print the table, and write the figures where asked."""
    print(
        f"{asked.stage}, {platform.processor() or platform.machine()}, torch {torch.__version__}, ",
        end="",
    )
    print(f"{asked.threads} thread(s), {asked.rounds} rounds")
    print("| side | upstream / side, CPU time | SNR dB | CPU s a round |\n|---|---:|---:|---:|")
    for name, row in found.items():
        logs = np.log(np.array(found["upstream"]["cpu"]) / np.array(row["cpu"]))
        half = stats.t.ppf(0.975, len(logs) - 1) * stats.sem(logs) if name != "upstream" else 0.0
        low, middle, high = (math.exp(logs.mean() + one) for one in (-half, 0, half))
        cells = f"{middle:.2f}x ({low:.2f} to {high:.2f})", f"{min(row['snr']):.1f}"
        print(f"| {name} | {cells[0]} | {cells[1]} | {np.mean(row['cpu']):.2f} |")
    if asked.json:
        asked.json.write_text(json.dumps(found))


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
