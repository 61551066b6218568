"""Which counters of a workload are work, and where two calls did not do the same amount of it.

Work is what the output is made of: evaluations of the function that an ODE solver integrates, tokens, beams, steps
of a decoder, the frames, samples, segments or chunks that it was made in. Seconds are not, nor hits of a cache,
nor what is prepared once and may be kept (embeddings of a voice, norms of weights): optimisations save these.
"""

from __future__ import annotations

from collections.abc import Mapping

# The last word of a counter's name: `vq02_tokens` are tokens, `gpt_steps` steps.
WORK = frozenset(
    {"nfe", "evaluations", "tokens", "beams", "steps", "frames", "samples", "segments", "chunks"}
)


def is_work(counter: str) -> bool:
    """True if a counter of that name counts work."""
    return counter.rpartition("_")[2] in WORK


def changed_work(before: Mapping[str, float], after: Mapping[str, float]) -> tuple[str, ...]:
    """Return a phrase ("nfe 32 -> 7") for each counter of work that two calls do not share."""
    names = dict.fromkeys(name for name in (*before, *after) if is_work(name))
    return tuple(
        f"{name.replace('_', ' ')} {_amount(before, name)} -> {_amount(after, name)}"
        for name in names
        if before.get(name) != after.get(name)
    )


def _amount(counters: Mapping[str, float], name: str) -> str:
    return f"{counters[name]:g}" if name in counters else "not counted"
