"""Sounds of answers as files, so that they can be compared and heard after the load."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ttsopt.bench.outputs.samples import Values, write_npy
from ttsopt.errors import CannotRunError

# Compressed answers have many times their bytes in samples.
MOST_KEPT = 2**31


@dataclass(slots=True)
class Sounds:
    """A folder with a file for each sound; `room`: the bytes that they may still take together."""

    folder: Path
    room: int = MOST_KEPT

    def keep(self, digest: str, samples: Values) -> str:
        """Return the path of a sound that is kept under its digest; empty where there is no room.

        Raises:
            CannotRunError: `unwritable`.
        """
        path, size = self.folder / f"{digest}.npy", len(samples) * samples.itemsize
        try:
            if not path.exists():
                if size > self.room:
                    return ""
                self.room -= size
                self.folder.mkdir(parents=True, exist_ok=True)
                write_npy(path, samples)
        except OSError as error:
            message = f"cannot keep the sound of an answer in {self.folder}: {error.strerror}"
            raise CannotRunError(
                "unwritable", message, "Free some space there, or set TMPDIR."
            ) from error
        return str(path)
