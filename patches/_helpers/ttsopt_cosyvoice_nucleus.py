"""Find out how many of the most likely tokens a nucleus holds with one copy from the GPU, not one for each.

Laid out by ttsopt beside the file that uses it; needs Python 3.8, torch and numpy. TTSOPT_NUCLEUS=0 in the
environment, scores in another type than float32 and odd limits take upstream's way, a loop over GPU scalars.
"""

import os

import numpy as np
import torch

SWITCH = "TTSOPT_NUCLEUS"
_OFF = {"0", "off", "no", "false"}


def nucleus_size(probabilities, top_p, top_k):
    """How many of the `probabilities` (one axis, largest first) there are before their sum reaches `top_p`.

    At most `top_k`. The sum is made one after another in float32, and compared in float32, as torch does with
    scalars of a tensor: the answer is upstream's to the last bit.
    """
    plain = probabilities.dtype == torch.float32 and top_k > 0 and top_p > 0 and len(probabilities)
    if not plain or os.environ.get(SWITCH, "").strip().lower() in _OFF:
        return _one_by_one(probabilities, top_p, top_k)
    sums = np.add.accumulate(probabilities[:top_k].cpu().numpy())
    return 1 + int(np.count_nonzero(sums[:-1] < np.float32(top_p)))


def _one_by_one(probabilities, top_p, top_k):
    total, count = 0.0, 0
    while count < len(probabilities) and total < top_p and count < top_k:
        total += probabilities[count]
        count += 1
    return count
