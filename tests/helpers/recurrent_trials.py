"""Quick recurrent layers against MockingBird's own: `PYTHON THIS_FILE HELPERS CHECKOUT [PRETRAINED WAV...]`; JSON.

Its speaker encoder and the decoder of its Tacotron over batches, lengths and seeds, against both in float64; then
the embeddings of recordings by the published weights, where these are given.
"""

from __future__ import annotations

import copy
import io
import json
import os
import pickle
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from pathlib import Path
from typing import Any

torch: Any = import_module("torch")
WINDOWS = ((1, 1), (1, 160), (3, 160), (7, 33), (17, 160))  # batch, frames
BATCHES = (1, 2, 5)
STEPS, CHARACTERS = 6, 11


def relative(made: Any, wanted: Any) -> float:
    off = (made.double() - wanted).square().mean().sqrt() / wanted.square().mean().sqrt()
    return float(off)


def has(kind: str) -> bool:
    """False for what oneDNN has no instructions for."""
    try:
        import_module("ttsopt_products").multiplier(kind, torch.ones(8, 8))(torch.ones(1, 8))
    except RuntimeError:
        return False
    return True


# ---- the speaker encoder ----


def encoder(seed: int = 0) -> Any:
    torch.manual_seed(seed)
    cpu = torch.device("cpu")
    return import_module("models.encoder.model").SpeakerEncoder(cpu, cpu).eval()


def embeddings(kind: str) -> dict[str, float]:
    """The largest error of the quick encoder and of upstream's, against float64."""
    os.environ["TTSOPT_KERNELS"] = kind
    plain, quick, exact = encoder(), encoder(), encoder().double()
    embed = import_module("ttsopt_recurrent").quick_embedding
    made = {"ours": 0.0, "upstream": 0.0}
    for number, (batch, frames) in enumerate(WINDOWS):
        torch.manual_seed(number)
        x = torch.randn(batch, frames, 40).abs()
        wanted = exact(x.double()).detach()
        for _ in range(2):
            found = embed(quick, x)
            assert found.dtype is torch.float32
            assert not found.requires_grad
            made["ours"] = max(made["ours"], relative(found, wanted))
        made["upstream"] = max(made["upstream"], relative(plain(x).detach(), wanted))
    given = [torch.randn(1 + number % 3, 50, 40) for number in range(8)]
    with ThreadPoolExecutor(8) as pool:
        shared, wanted = encoder(), [exact(x.double()).detach() for x in given]
        embed(shared, given[0])
        found = pool.map(lambda x: embed(shared, x), given)
        made["threads"] = max(relative(*both) for both in zip(found, wanted, strict=True))
    return made


def encoder_others() -> dict[str, Any]:
    """New weights are noticed; copies, the switch, gradients of others, and a failure within."""
    os.environ["TTSOPT_KERNELS"] = "bf16" if has("bf16") else ""
    helper = import_module("ttsopt_recurrent")
    x, quick = torch.randn(2, 50, 40), encoder()
    helper.quick_embedding(quick, x)
    found: dict[str, Any] = {"state": quick.state_dict().keys() == encoder().state_dict().keys()}
    quick.load_state_dict(encoder(1).state_dict())
    found["new weights"] = relative(
        helper.quick_embedding(quick, x), encoder(1)(x).detach().double()
    )
    twins = copy.deepcopy(quick), pickle.loads(pickle.dumps(quick))  # noqa: S301
    found["copies"] = [type(twin.lstm) is torch.nn.LSTM for twin in twins]
    found["gradients"] = quick(x).requires_grad
    with torch.no_grad(), torch.autocast("cpu", dtype=torch.bfloat16):
        found["autocast"] = torch.equal(helper.quick_embedding(quick, x), encoder(1)(x))
    os.environ["TTSOPT_BF16_ENCODER"] = "0"
    off = encoder(1)
    found["off"] = torch.equal(helper.quick_embedding(off, x), encoder(1)(x).detach())
    found["off"] &= type(off.lstm) is torch.nn.LSTM
    del os.environ["TTSOPT_BF16_ENCODER"]
    honest, helper.Lstm._weights = helper.Lstm._weights, lambda _: [torch.zeros(2)]
    broken = encoder(1)
    with torch.no_grad():
        found["broken"] = torch.equal(helper.quick_embedding(broken, x), encoder(1)(x))
    helper.Lstm._weights = honest
    return found


# ---- the decoder ----


def decoder(seed: int = 0) -> Any:
    torch.manual_seed(seed)
    made = import_module("models.synthesizer.models.tacotron").Decoder(80, 320, 64, 256, 0.5, 256)
    made.r.fill_(2)
    return made.eval()


def spoken(model: Any, batch: int, dtype: Any) -> tuple[Any, Any]:
    """The frames and last states of a few steps, each from the one before; dropout as the seed has it."""
    torch.manual_seed(batch)
    sequence = torch.randn(batch, CHARACTERS, 320, dtype=torch.float32).to(dtype)
    projected = torch.randn(batch, CHARACTERS, 64, dtype=torch.float32).to(dtype)
    chars = torch.ones(batch, CHARACTERS)
    sizes = (64, 256, 256, 256, 256)
    hidden = tuple(torch.zeros(batch, size, dtype=dtype) for size in sizes[:3])
    carried = tuple(torch.zeros(batch, size, dtype=dtype) for size in sizes[3:])
    context, frame, frames = torch.zeros(batch, 320, dtype=dtype), torch.zeros(batch, 80), []
    frame = frame.to(dtype)
    for step in range(STEPS):
        made = model(sequence, projected, frame, hidden, carried, context, 2 * step, chars)
        mels, _, hidden, carried, context, _ = made
        frame = mels[:, :, -1]
        frames.append(mels)
    return torch.cat(frames, 2), torch.cat((*hidden, *carried), 1)


def frames_of(kind: str) -> dict[str, Any]:
    os.environ["TTSOPT_KERNELS"] = kind
    helper = import_module("ttsopt_recurrent")
    plain, quick, exact = decoder(), helper.quicken_cells(decoder()), decoder().double()
    for model in (plain, quick, exact):  # dropout draws other numbers in another type
        model.prenet.p = 0.0
    place = import_module("ttsopt_fused_modules")._PLACE
    made: dict[str, Any] = {"cells": sum(place in vars(one) for one in quick.modules())}
    made |= {"ours": 0.0, "upstream": 0.0}
    with torch.no_grad():
        for batch in BATCHES:
            torch.set_default_dtype(torch.float64)  # of the zeros that its attention begins with
            wanted = spoken(exact, batch, torch.float64)
            torch.set_default_dtype(torch.float32)
            for name, model in (("ours", quick), ("upstream", plain)):
                found = spoken(model, batch, torch.float32)
                made[name] = max(made[name], *map(relative, found, wanted))
    return made | {"threads": from_eight_threads(quick.res_rnn1, exact.res_rnn1)}


def from_eight_threads(quick: Any, exact: Any) -> float:
    """The largest error of a cell that eight threads call at once; upstream's attention keeps state in itself."""

    def off(number: int) -> float:
        x, h, c = given[number]
        with torch.no_grad():
            return max(map(relative, quick(x, (h, c)), wanted[number]))

    given = [torch.randn(3, 1 + number % 3, 256) for number in range(8)]
    with torch.no_grad():
        wanted = [exact(x, (h, c)) for x, h, c in (one.double() for one in given)]
    off(0)
    with ThreadPoolExecutor(8) as pool:
        return max(pool.map(off, range(8)))


def without_gradients(model: Any) -> Any:
    with torch.no_grad():
        return spoken(model, 2, torch.float32)[0]


def decoder_others() -> dict[str, Any]:
    os.environ["TTSOPT_KERNELS"] = "bf16"
    helper = import_module("ttsopt_recurrent")
    quick = helper.quicken_cells(decoder())
    without_gradients(quick)
    quick.load_state_dict(decoder(1).state_dict())
    wanted = without_gradients(decoder(1))
    found: dict[str, Any] = {"new weights": relative(without_gradients(quick), wanted.double())}
    found["copies"] = type(copy.deepcopy(quick).res_rnn1) is torch.nn.LSTMCell
    found["state"] = quick.state_dict().keys() == decoder().state_dict().keys()
    found["gradients"] = torch.equal(
        spoken(quick, 2, torch.float32)[0], spoken(decoder(1), 2, torch.float32)[0]
    )
    broken = helper.quicken_cells(decoder(1))
    for one in (broken.res_rnn1, broken.res_rnn2):  # as if its gates lay in another order
        gates = vars(one)[import_module("ttsopt_fused_modules")._PLACE][0].gates
        gates.weights = tuple(weight.flip(0) for weight in gates.weights)
    found["broken"] = torch.equal(without_gradients(broken), wanted)
    return found


# ---- the published encoder ----


def voices(pretrained: str, waves: list[str]) -> dict[str, Any]:
    """Cosines of each recording's embedding to upstream's, and the most that a pair's cosine changes by."""
    inference: Any = import_module("models.encoder.inference")
    inference.load_model(Path(pretrained), "cpu")
    os.environ["TTSOPT_KERNELS"] = "bf16"
    helper, model = import_module("ttsopt_recurrent"), inference._model
    heard = [inference.preprocess_wav(Path(wave)) for wave in waves]
    helper.quick_embedding(model, torch.ones(1, 9, 40))
    plain = torch.stack([torch.from_numpy(inference.embed_utterance(one)) for one in heard])

    class Quick:
        @staticmethod
        def forward(frames: Any) -> Any:
            return helper.quick_embedding(model, frames)

    inference._model = Quick
    quick = torch.stack([torch.from_numpy(inference.embed_utterance(one)) for one in heard])
    apart = (plain @ plain.T).triu(1)
    return {
        "cosines": (plain * quick).sum(1).tolist(),
        "others": [float(apart[apart > 0].min()), float(apart.max())],
        "pairs": float((plain @ plain.T - quick @ quick.T).abs().max()),
        "fused": hasattr(type(model.lstm), "_ttsopt_base"),
    }


def main(helpers: str, checkout: str, *published: str) -> None:
    sys.dont_write_bytecode = True
    sys.path[:0] = [helpers, checkout]
    out, sys.stdout = sys.stdout, io.StringIO()
    found: dict[str, Any] = {"rows": {}}
    with tempfile.TemporaryDirectory() as folder:
        os.environ["TTSOPT_KERNELS_FOLDER"] = folder
        for threads in (1, 2):
            torch.set_num_threads(threads)
            for kind in ("off", "bf16"):
                # Without instructions for it, measured: an LSTM would run, at a thousandth of its speed.
                taken = kind if kind == "off" or has(kind) else ""
                found["rows"][f"embed {kind} {threads}"] = embeddings(taken)
            for kind in ("off", "packed", "bf16", "int8w", "int8"):
                found["rows"][f"speak {kind} {threads}"] = frames_of(kind)
        modules = import_module("ttsopt_fused_modules")
        found["said"] = list(modules.__ttsopt_fallbacks__)
        found["encoder"], found["decoder"] = encoder_others(), decoder_others()
        found["failures"] = list(modules.__ttsopt_fallbacks__)
        if published:
            found["voices"] = voices(published[0], list(published[1:]))
    print(json.dumps(found), file=out)


if __name__ == "__main__":
    main(*sys.argv[1:])
