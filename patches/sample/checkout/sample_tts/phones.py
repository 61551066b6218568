"""How each phone sounds: formants, amplitudes and noise, segment by segment.

Vowel formants are the averages for men of Peterson and Barney, "Control methods used in a study
of the vowels", JASA 24 (1952), table II. Consonants follow the description in Klatt, "Software for
a cascade/parallel formant synthesizer", JASA 67 (1980); their values are ours, set by eye.
"""

from __future__ import annotations

from typing import NamedTuple


class Segment(NamedTuple):
    """A stretch of sound with one articulation. Frequencies in Hz, amplitudes in 0..1."""

    seconds: float
    f1: float
    f2: float
    f3: float
    voice: float = 0.0  # vibrating vocal folds
    breath: float = 0.0  # noise at the vocal folds, shaped by the formants
    hiss: float = 0.0  # noise in front of a constriction
    centre: float = 3000.0  # where that noise is strongest
    width: float = 1500.0


class Formants(NamedTuple):
    """The three lowest resonances, in Hz."""

    f1: float
    f2: float
    f3: float


def _glide(seconds: float, start: Formants, end: Formants) -> tuple[Segment, ...]:
    first = Segment(0.55 * seconds, *start, voice=1.0)
    return first, Segment(0.45 * seconds, *end, voice=0.9)


def _stop(place: Formants, noise: tuple[float, float, float], voiced: bool) -> tuple[Segment, ...]:
    """Closure, burst and, where the folds are open, aspiration."""
    level, centre, width = noise
    closure = Segment(0.050, 200.0, place.f2, place.f3, voice=0.12 if voiced else 0.0)
    burst = Segment(0.010, *place, 0.2 if voiced else 0.0, 0.1, level, centre, width)
    puff = Segment(0.030, *place, 0.0, 0.22, 0.25 * level, centre, width)
    return (closure, burst) if voiced else (closure, burst, puff)


IY, IH = Formants(270, 2290, 3010), Formants(390, 1990, 2550)
EH, AE = Formants(530, 1840, 2480), Formants(660, 1720, 2410)
AA, AO = Formants(730, 1090, 2440), Formants(570, 840, 2410)
UH, UW = Formants(440, 1020, 2240), Formants(300, 870, 2240)
AH, ER = Formants(640, 1190, 2390), Formants(490, 1350, 1690)
AX = Formants(500, 1450, 2480)
EY, OW = Formants(480, 1900, 2530), Formants(520, 950, 2400)
OW_END, AW_END = Formants(380, 870, 2250), Formants(400, 950, 2300)
LIPS, RIDGE, SOFT = Formants(400, 900, 2150), Formants(400, 1700, 2600), Formants(350, 1950, 2700)

PHONES: dict[str, tuple[Segment, ...]] = {
    "IY": (Segment(0.110, *IY, voice=0.9),),
    "IH": (Segment(0.080, *IH, voice=1.0),),
    "EH": (Segment(0.095, *EH, voice=1.0),),
    "AE": (Segment(0.125, *AE, voice=1.0),),
    "AA": (Segment(0.130, *AA, voice=1.0),),
    "AO": (Segment(0.125, *AO, voice=1.0),),
    "UH": (Segment(0.080, *UH, voice=1.0),),
    "UW": (Segment(0.110, *UW, voice=0.9),),
    "AH": (Segment(0.085, *AH, voice=1.0),),
    "ER": (Segment(0.110, *ER, voice=0.9),),
    "AX": (Segment(0.055, *AX, voice=0.8),),
    "EY": _glide(0.135, EY, IY),
    "AY": _glide(0.155, AA, IH),
    "OY": _glide(0.160, AO, IH),
    "OW": _glide(0.135, OW, OW_END),
    "AW": _glide(0.155, AA, AW_END),
    "W": (Segment(0.060, 290, 610, 2150, voice=0.6),),
    "Y": (Segment(0.055, 260, 2150, 3020, voice=0.6),),
    "R": (Segment(0.065, 320, 1060, 1400, voice=0.65),),
    "L": (Segment(0.060, 330, 1050, 2800, voice=0.65),),
    "M": (Segment(0.065, 270, 1100, 2150, voice=0.4),),
    "N": (Segment(0.060, 280, 1500, 2450, voice=0.4),),
    "NG": (Segment(0.070, 280, 2000, 2700, voice=0.4),),
    "F": (Segment(0.090, 340, 1000, 2080, hiss=0.22, centre=5500, width=4000),),
    "V": (Segment(0.060, 260, 1050, 2080, voice=0.4, hiss=0.10, centre=5500, width=4000),),
    "TH": (Segment(0.085, 320, 1290, 2540, hiss=0.20, centre=6200, width=3000),),
    "DH": (Segment(0.050, 270, 1290, 2540, voice=0.45, hiss=0.07, centre=6200, width=3000),),
    "S": (Segment(0.100, 320, 1500, 2530, hiss=0.75, centre=6300, width=1100),),
    "Z": (Segment(0.070, 250, 1500, 2530, voice=0.35, hiss=0.40, centre=6300, width=1100),),
    "SH": (Segment(0.100, 300, 1840, 2750, hiss=0.75, centre=3400, width=1000),),
    "ZH": (Segment(0.075, 260, 1840, 2750, voice=0.35, hiss=0.40, centre=3400, width=1000),),
    "HH": (Segment(0.055, 480, 1450, 2450, breath=0.45, hiss=0.04, centre=2500, width=2500),),
    "P": _stop(LIPS, (0.25, 1200, 1500), voiced=False),
    "B": _stop(LIPS, (0.15, 1000, 1200), voiced=True),
    "T": _stop(RIDGE, (0.60, 4500, 1500), voiced=False),
    "D": _stop(RIDGE, (0.30, 4000, 1500), voiced=True),
    "K": _stop(SOFT, (0.50, 2000, 800), voiced=False),
    "G": _stop(SOFT, (0.25, 1800, 800), voiced=True),
    "CH": (
        Segment(0.045, 200, 1700, 2600),
        Segment(0.070, 300, 1840, 2750, hiss=0.65, centre=3400, width=1100),
    ),
    "JH": (
        Segment(0.040, 200, 1700, 2600, voice=0.12),
        Segment(0.050, 270, 1840, 2750, voice=0.3, hiss=0.40, centre=3400, width=1100),
    ),
}

VOWELS = frozenset("IY IH EH AE AA AO UH UW AH ER AX EY AY OY OW AW".split())
NEUTRAL = Segment(0.0, *AX)
