"""Family-wise error: the chance that at least one of several verdicts is a false `faster` or `slower`."""

from __future__ import annotations

from dataclasses import dataclass

from ttsopt.bench.stats.sequential import FALSE_ALARMS


@dataclass(frozen=True, slots=True)
class FamilyWiseError:
    """So many verdicts, each false with a chance of at most `each`.

    `at_most` is the Bonferroni bound: it holds however the verdicts depend on each other, as they do where
    patches are measured alone and left out.
    """

    verdicts: int
    each: float = FALSE_ALARMS

    @property
    def at_most(self) -> float:
        """The chance of at least one false verdict is not above this."""
        return min(1.0, self.verdicts * self.each)

    @property
    def sentence(self) -> str:
        """The same in words."""
        count = f"{self.verdicts} verdict{'s' * (self.verdicts != 1)}"
        return (
            f"{count}, each a false faster or slower with a chance of at most {self.each:.0%}: "
            f"at least one is false with at most {self.at_most:.0%}"
        )

    def data(self) -> dict[str, object]:
        """Return it for JSON."""
        return {"verdicts": self.verdicts, "each": self.each, "at_most": self.at_most}
