"""Evaluations in the ODE solver, counted where the checkout calls it."""

from __future__ import annotations

import importlib


class Evaluations:
    """Events in the ODE solver since `clear`. Appending is atomic: chunks run in threads."""

    def __init__(self):
        self.clear()

    def clear(self):
        """Start anew."""
        self.calls, self.solutions, self.pruned = [], [], []

    def totals(self):
        """The counters."""
        chunks, pruned = len(self.solutions), len(self.pruned)
        return {"nfe": len(self.calls), "chunks": chunks, "epss": int(pruned > 0)}


def count_evaluations():
    """Wrap the ODE solver where `f5_tts.model.cfm` calls it; returns what it counts into.

    The transformer is no measure: guidance calls it twice an evaluation until b3ef4ed (2025-06-12),
    once from then on.
    """
    cfm = importlib.import_module("f5_tts.model.cfm")
    counted, solve = Evaluations(), cfm.odeint

    def odeint(fn, y0, t, **options):
        counted.solutions.append(1)

        def evaluate(time, x):
            counted.calls.append(1)
            return fn(time, x)

        return solve(evaluate, y0, t, **options)

    cfm.odeint = odeint
    prune = getattr(cfm, "get_epss_timesteps", None)  # since 2e2acc6 (2025-06-04, 1.1.5)
    if prune is not None:
        cfm.get_epss_timesteps = _watched(prune, counted)
    return counted


def _watched(prune, counted):
    """get_epss_timesteps, noting when the steps that it gives are not equal ones."""

    def get_epss_timesteps(n, device, dtype):
        steps = prune(n, device=device, dtype=dtype)
        gaps = steps[1:] - steps[:-1]
        if float(gaps.max() - gaps.min()) > 1e-3:  # noqa: PLR2004 - EPSS's unit is 1/32
            counted.pruned.append(1)
        return steps

    return get_epss_timesteps
