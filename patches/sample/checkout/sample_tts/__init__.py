"""A small formant speech synthesiser in plain Python."""

__version__ = "1.2.0"
