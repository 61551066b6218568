"""Empty torch's GPU memory cache where memory is short, not every time.

Laid out by ttsopt beside the file that uses it; needs Python 3.8 and the torch that is there. Blocks that torch
keeps are of use to torch alone: ONNX Runtime, TensorRT and other processes take theirs from what the GPU has free.
"""

import torch


def clear_if_low(clear, share):
    """Call `clear` where a GPU that torch keeps memory of has less than this share (0 to 1) of its total free.

    Where the driver cannot be asked, `clear` is called, as it was without this; without a CUDA GPU it is not.
    """
    if not torch.cuda.is_available():
        return
    try:
        low = any(_is_low(device, share) for device in range(torch.cuda.device_count()))
    except Exception:  # noqa: BLE001 - a torch before 1.11, a driver that does not say
        low = True
    if low:
        clear()


def _is_low(device, share):
    """Asked of a GPU that torch keeps nothing of, the driver would set up a context there, of 300 MB or so."""
    if not torch.cuda.memory_reserved(device):
        return False
    free, total = torch.cuda.mem_get_info(device)
    return free < share * total
