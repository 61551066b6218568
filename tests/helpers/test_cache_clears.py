"""The helper that empties torch's GPU cache only where memory is short, with a torch of the test's own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

HELPERS = Path(__file__).parents[2] / "patches" / "_helpers"
TORCH = """
import sys, types

class Cuda:
    '''GPUs as (kept by torch, free, total).'''
    gpus = []
    asked = []

    def is_available(self): return bool(self.gpus)
    def device_count(self): return len(self.gpus)
    def memory_reserved(self, device): return self.gpus[device][0]

    def mem_get_info(self, device):
        self.asked.append(device)
        return self.gpus[device][1:]

torch = sys.modules["torch"] = types.ModuleType("torch")
torch.cuda = cuda = Cuda()
from ttsopt_cache_clears import clear_if_low

def cleared(share, *gpus):
    cuda.gpus, calls = list(gpus), []
    clear_if_low(lambda: calls.append(1), share)
    return len(calls)
"""
STORIES = {
    "plenty of free memory": "assert cleared(0.1, (50, 30, 100)) == 0",
    "little free memory": "assert cleared(0.1, (80, 9, 100)) == 1",
    "another share": "assert cleared(0.5, (50, 30, 100)) == 1",
    "never and always": "assert cleared(0.0, (99, 0, 100)) == 0 and cleared(1.0, (1, 99, 100)) == 1",
    "the second GPU is short": "assert cleared(0.1, (50, 30, 100), (80, 9, 100)) == 1",
    "a GPU that torch does not use is not asked": (
        "assert cleared(0.1, (0, 1, 100), (50, 30, 100)) == 0 and cuda.asked == [1]"
    ),
    "no GPU": "assert cleared(1.0) == 0",
    "a driver that cannot be asked": """
del Cuda.mem_get_info
assert cleared(0.1, (50, 30, 100)) == 1
""",
}


@pytest.mark.parametrize("story", STORIES)
def test_clears(story: str) -> None:
    program = f"import sys; sys.path.insert(0, {str(HELPERS)!r})\n{TORCH}\n{STORIES[story]}"
    command = [sys.executable, "-B", "-c", program]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
