"""How a workload says that it cannot run a checkout. Loaded by worker.py for them.

In a workload: `from _ttsopt_refusal import UnsupportedCheckoutError`.
"""

from __future__ import annotations


class UnsupportedCheckoutError(RuntimeError):
    """A version of a system that cannot be run as asked; the message says what is needed."""
