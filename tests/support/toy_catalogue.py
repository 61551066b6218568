"""A system of one file, as a catalogue of a test's own tells it."""

from __future__ import annotations

SYSTEM = """
id = "toy"
name = "Toy"
homepage = ""
[[layouts]]
name = "toy"
files = [{ path = "toy.py", defines = ["class Toy"] }]
"""
