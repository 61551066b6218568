"""Load CosyVoice's TensorRT engine beside the network that it stands for, and call the network where it must be.

Laid out by ttsopt beside the file that uses it; needs Python 3.8. Upstream takes the network away before the
engine is read, keeps the engine's context where a call of it fails, so that the next one waits for ever, and
passes `streaming` to the network alone. Here the network stays, and is called for what is longer than the engine
takes, for `streaming`, and wherever the engine fails, which is said once on stderr.
"""

import sys
import threading

LONGEST = 3000  # mel frames of upstream's engine, where it cannot be asked
SHORTEST = 4

__ttsopt_fallbacks__ = []  # what fell back and why: ttsopt's benchmark reads it


def load_engine(model, *arguments):
    """Call `model.load_trt(*arguments)`; where that fails, the network stays in its place.

    `arguments`: the plan file, the ONNX file, and what else that version takes.
    """
    decoder = model.flow.decoder
    network = decoder.estimator
    try:
        model.load_trt(*arguments)
    except Exception as error:  # noqa: BLE001 - whatever it is, the network can do it
        decoder.estimator = network
        _say("%s; if %s is of another TensorRT or GPU, delete it" % (_reason(error), arguments[0]))
        return
    if hasattr(decoder.estimator, "acquire_estimator"):
        decoder.estimator = _Pool(decoder.estimator)
    decoder.forward_estimator = _Guarded(decoder, network)


class _Pool:
    """Upstream's pool of contexts, which knows the one that a thread has taken and not given back."""

    def __init__(self, pool):
        self._pool, self._taken = pool, threading.local()

    def acquire_estimator(self):
        """Take a context, with its stream, and the engine; waits for one."""
        taken, engine = self._pool.acquire_estimator()
        self._taken.pair = taken
        return taken, engine

    def release_estimator(self, context, stream):
        """Give a context back."""
        self._taken.pair = None
        self._pool.release_estimator(context, stream)

    def give_back(self):
        """Give back what this thread still has, after a call that failed."""
        pair = getattr(self._taken, "pair", None)
        if pair is not None:
            self.release_estimator(*pair)

    def __getattr__(self, name):
        return getattr(self._pool, name)


class _Guarded:
    """`forward_estimator(x, mask, mu, t, spks, cond[, streaming])`; x is (2, 80, mel frames)."""

    def __init__(self, decoder, network):
        self._network, self._by_engine = network, decoder.forward_estimator
        self._give_back = getattr(decoder.estimator, "give_back", lambda: None)
        self._shortest, self._longest = _limits(decoder.estimator)

    def __call__(self, x, *inputs, **named):
        streaming = named.get("streaming", inputs[5] if len(inputs) > 5 else False)  # noqa: PLR2004
        if streaming or not self._shortest <= x.size(2) <= self._longest:
            return self._network(x, *inputs, **named)
        begun = x.clone()  # the engine writes its result into x
        try:
            return self._by_engine(x, *inputs, **named)
        except Exception as error:  # noqa: BLE001 - whatever it is, the network can do it
            _say(_reason(error))
        finally:
            self._give_back()
        return self._network(begun, *inputs, **named)


def _limits(estimator):
    """The fewest and the most mel frames that the engine takes."""
    try:
        shortest, _, longest = estimator.trt_engine.get_tensor_profile_shape("x", 0)
        return int(shortest[2]), int(longest[2])
    except Exception:  # noqa: BLE001 - a version of upstream or of TensorRT without it
        return SHORTEST, LONGEST


def _reason(error):
    return "%s: %s" % (
        type(error).__name__,
        (str(error).strip() or "no reason given").splitlines()[0],
    )


def _say(reason):
    text = "the TensorRT engine is not used, PyTorch runs the flow: " + reason
    if text not in __ttsopt_fallbacks__:
        __ttsopt_fallbacks__.append(text)
        sys.stderr.write("ttsopt: " + text + "\n")
