"""Products in 16 bits on a CPU whose matrix units take 8: each number is two digits.

A number of 16 bits is 256 times its upper digit plus its lower one, both from -128 to 127. Weights are scaled per
output channel, inputs per call, and sums are exact in 32 bits. Digits of inputs lie 128 higher, as unsigned bytes,
which VNNI wants and AMX takes; for signed ones without AMX, oneDNN has nothing but loops. The product of the two
lower digits is left out, which costs as much as rounding to 16 bits does: the error is 1e-4 of the result, where
that of bfloat16 is 3e-3. Laid out by ttsopt; needs Python 3.8, torch 2.3.
"""

import sys

import torch

MOST = 127.0 * 256  # so that the upper digit, rounded, is at most 127
ZERO = 128  # of an input's digit
SMALLEST = 1e-30  # of the largest input
PROBED = ((1, 64), (16, 256), (64, 64))  # rows and inputs of products that are to be exact

_exact = []


def product_in_digits(weight, bias, relu):
    """Return a function of x (..., in) that gives x times `weight` (out, in) plus `bias` in float32.

    `relu`: nothing below 0 is given. NotImplementedError where products of 8 bits are not exact.
    """
    if not are_digits_exact():
        raise NotImplementedError("products of 8 bits are not exact on this processor")
    scale = weight.abs().amax(1).clamp(min=1e-12) / MOST
    lower, upper = (_signed(one) for one in _digits((weight / scale[:, None]).add_(128.0)))
    both = torch.stack((upper, lower[:, ::2]), dim=-1).flatten(1)
    zeros, shift = torch.zeros(weight.shape[0], dtype=torch.int32), torch.tensor(128.0)
    pack = torch.ops.onednn.qlinear_prepack
    crossed, main = ((pack(one, None), scale, zeros) for one in (both, upper))
    then = "relu" if relu else "none"

    def multiply(x):
        flat = x.float().reshape(-1, x.shape[-1])
        most = max(abs(float(end)) for end in torch.aminmax(flat))
        if not most < float("inf"):  # rows without infinity or NaN keep their values
            y = torch.nn.functional.linear(x.float(), weight, bias)
            return y.relu_() if relu else y
        step = max(most, SMALLEST) / MOST
        lower, upper = _digits(torch.add(shift, flat, alpha=1 / step))
        y = _multiplied(lower, 256 * step, crossed, bias)
        y = _multiplied(upper, 65536 * step, main, None, y, then)
        return y.view(*x.shape[:-1], -1)

    return multiply


def _digits(numbers):
    """Return the digits of `numbers` - 128 (rows, n), that is changed: lower, upper in turn (rows, 2 n); upper."""
    whole = numbers.round_().to(torch.int16).bitwise_xor_(-32768)
    return whole.view(torch.uint8), (whole >> 8).to(torch.uint8)


def _signed(digits):
    return (digits.to(torch.int16) - ZERO).to(torch.int8)


def _multiplied(x, step, weights, bias, more=None, then="none"):
    """Multiply x (rows, n), digits in units of `step`, by packed weights, their scales and zeros; gives float32.

    `more`, like the result, is added, and after that `then` is done, both inside the product.
    """
    operator, given = torch.ops.onednn.qlinear_pointwise, (x, step, ZERO, *weights)
    if more is None:
        return operator(*given, bias, 1.0, 0, torch.float32, then, [], "")
    after = 1.0, 0, "sum", 1.0, then, [], ""
    return operator.binary(*given, more, bias, 1.0, 0, torch.float32, *after)


def are_digits_exact():
    """True if sums of products of 8 bits do not saturate; without VNNI, oneDNN adds pairs of them in 16 bits."""
    if not _exact:
        _exact.append(sys.byteorder == "little" and all(_is_exact(*shape) for shape in PROBED))
    return _exact[0]


def _is_exact(rows, inputs):
    x = torch.full((rows, inputs), 127 + ZERO, dtype=torch.uint8)
    weight = torch.ones(32, 1, dtype=torch.int8) * torch.full((inputs,), 127, dtype=torch.int8)
    weight[::2] *= -1
    packed = torch.ops.onednn.qlinear_prepack(weight, None)
    weights = packed, torch.ones(32), torch.zeros(32, dtype=torch.int32)
    y = _multiplied(x, 1.0, weights, None)
    return torch.equal(y, (x.float() - ZERO) @ weight.float().t())
