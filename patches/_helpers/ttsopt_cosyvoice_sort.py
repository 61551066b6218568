"""Sort the few most likely tokens alone, in the order in which a stable sort of all of them puts them.

Laid out by ttsopt beside the file that uses it; needs Python 3.8 and torch. TTSOPT_SHORT_SORT=0 in the environment
turns it off, at any time. On a GPU all are sorted, as upstream does: there it would wait for the GPU once more.
"""

import os

import torch

SWITCH = "TTSOPT_SHORT_SORT"
_OFF = {"0", "off", "no", "false"}
_WORTH = 8  # times as many as are asked for: below, sorting all of them is as quick


def most_likely(probabilities, count):
    """The beginning of `probabilities.sort(descending=True, stable=True)`: at least `count` values, and indices.

    `probabilities` has one axis. Equal ones stand by index: whatever is as large as the last that is asked for is
    sorted too, and so is what is no number, which stands first.
    """
    few = probabilities.dim() == 1 and 0 < count * _WORTH < len(probabilities)
    off = os.environ.get(SWITCH, "").strip().lower() in _OFF
    if not few or off or probabilities.device.type != "cpu":
        return probabilities.sort(descending=True, stable=True)
    least = torch.topk(probabilities, count).values[-1]
    places = torch.nonzero(~(probabilities < least)).squeeze(1)
    values, order = probabilities[places].sort(descending=True, stable=True)
    return values, places[order]
