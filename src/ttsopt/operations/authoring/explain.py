"""Patches in plain words: what each edit looks for and puts there, what a patch needs, what its effect means."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ttsopt.domain.effect import Device, Effect
from ttsopt.domain.patch import Base, Condition, Edit, Fact, Note, Patch

EFFECTS = {
    Effect.EXACT: "the same result, to the bit",
    Effect.CLOSE: "the result stays within a tolerance that the patch states",
    Effect.LOSSY: "another result, by design: listen before you keep it",
}
DEVICES = {
    Device.ANY: "of use on every device",
    Device.CPU: "of use where the model runs on the CPU, harmless elsewhere",
    Device.CUDA: "of use on an NVIDIA GPU, harmless elsewhere",
}


@dataclass(frozen=True, slots=True)
class EditDescription:
    """An edit in words, under which conditions it is made, and its pieces of code, each with what it is."""

    words: str
    conditions: tuple[str, ...]
    parts: tuple[tuple[str, str], ...]


def explain_edit(edit: Edit) -> EditDescription:
    """Everything that an edit says."""
    return EditDescription(edit.describe(), tuple(_conditions(edit)), tuple(edit.parts()))


def explain_requirements(patch: Patch) -> tuple[str, ...]:
    """Return what must hold for the patch to be taken, and how it stands to others, a sentence each."""
    rows = (
        ("It needs", patch.requires.patches),
        ("It does not go together with", patch.conflicts),
        ("Where both insert at one place, its text comes behind that of", patch.after),
    )
    sentences = [f"{words} {', '.join(names)}." for words, names in rows if names]
    if patch.requires.packages:
        sentences.append(f"Where it runs, it needs {', '.join(patch.requires.packages)}.")
    if patch.requires.compute_capability:
        needed = patch.requires.compute_capability
        sentences.append(f"It needs a GPU of compute capability {needed} or newer.")
    if patch.guard:
        sentences.append(f"Guarded, --force {patch.id} takes it: {patch.guard}")
    return (*sentences, *(_fact(fact) for fact in patch.requires.facts))


def explain_note(note: Note) -> str:
    """When a note is said, and what it says."""
    place = f"{note.defines} in {_either(note.paths)}"
    where = f"Where there is {place}" if note.present else f"Where there is no {place}"
    limits = [*_names(note.when, "is"), *_names(note.unless, "is not")]
    return f"{', and '.join([where, *limits])}: {note.text.strip()}"


def _conditions(edit: Edit) -> Iterator[str]:
    named = list(_names(edit.when, "is"))
    if named:
        yield f"only where {' and '.join(named)}"
    if edit.optional:
        yield "if it is there"
    if edit.alike:
        yield f"at {edit.minimum} place{'s' * (edit.minimum != 1)} or more that are alike"
    elif edit.maximum is None and edit.minimum > 1:
        yield f"at {edit.minimum} places or more"
    elif edit.maximum is not None:
        low, high = edit.minimum, edit.maximum
        yield f"at {low} place{'s' * (low != 1)}" if low == high else f"at {low} to {high} places"


def _names(condition: Condition, verb: str) -> Iterator[str]:
    for name, values in condition.items():
        yield f"{name} {verb} {' or '.join(_value(one) for one in values)}"


def _value(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _fact(fact: Fact) -> str:
    place = _either(fact.paths) + " of the checkout" * (fact.base is Base.CHECKOUT)
    if fact.shape:
        holds = f"the array in {place} has the shape {' x '.join(map(str, fact.shape))}"
    elif fact.key:
        holds = f"{fact.key} in {place} is {_value(fact.equals)}"
    else:
        holds = f"there is {place}" if fact.present else f"there is no {place}"
    return f"It is taken only where {holds}: {fact.why.strip()}"


def _either(paths: Sequence[str]) -> str:
    return " or ".join(paths)
