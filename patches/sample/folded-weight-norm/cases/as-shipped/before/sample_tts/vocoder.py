"""Noise filter."""

import math


def weight_norm(directions, gains):
    rows = []
    for v, g in zip(directions, gains):
        norm = math.sqrt(sum(x * x for x in v))
        rows.append([g * x / norm for x in v])
    return rows


class NormedBank:
    def __init__(self, directions, gains):
        self.directions = directions
        self.gains = gains

    def __call__(self, levels):
        # The norm is computed again in every call.
        weight = weight_norm(self.directions, self.gains)
        return [sum(a * b for a, b in zip(levels, column)) for column in zip(*weight)]


class Vocoder:
    def __init__(self):
        self.noise_bank = NormedBank([[3.0, 4.0], [1.0, 0.0]], [1.0, 2.0])
