"""The answer of `ttsopt show`: a patch in plain words."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping
from typing import Any

from ttsopt.cli.cells import unbroken, wrapped
from ttsopt.cli.evidence_words import evidence_row
from ttsopt.cli.language import told
from ttsopt.cli.measured_words import measured_lines
from ttsopt.cli.patch_words import said
from ttsopt.cli.show_read import catalogue_row
from ttsopt.cli.text import print_code, width
from ttsopt.domain.effect import Effect
from ttsopt.domain.patch import Base, FileTarget, Parameter
from ttsopt.operations.authoring.explain import DEVICES, EFFECTS, EditDescription
from ttsopt.operations.catalogue import PatchDescription

WIDTH = 100


def description_row(description: PatchDescription) -> dict[str, Any]:
    """All that `show` says."""
    patch = description.patch
    parameters = [
        {"name": one.name, "default": one.default, "takes": takes, "help": one.help}
        for one, takes in description.parameters
    ]
    return catalogue_row(patch) | {
        "why": patch.why.strip(),
        "argued": patch.argued and {"because": patch.argued.because, "on": list(patch.argued.on)},
        "cost": patch.cost and {"what": patch.cost.what, "needs_proof": patch.cost.needs_proof},
        "claims": [{"figure": claim.figure, "source": claim.source} for claim in patch.claims],
        "evidence": evidence_row(patch, description.evidence),
        "measured": list(description.measured_tables()),
        "not_measured": description.measured.why_not or None,
        "parameters": parameters,
        "requires": list(patch.requires.patches),
        "conflicts": list(patch.conflicts),
        "after": list(patch.after),
        "requirements": list(description.requirements),
        "notes": list(description.notes),
        "edits": [_file_row(target, edits) for target, edits in description.files],
        "helpers": {
            name: content.decode("utf-8", "replace") for name, content in patch.helpers.items()
        },
    }


def _file_row(target: FileTarget, edits: tuple[EditDescription, ...]) -> dict[str, Any]:
    return {
        "path": target.paths[0],
        "paths": list(target.paths),
        "anchor": target.anchor,
        "optional": target.optional,
        "scope": target.base.value,
        "edits": [_with_conditions(edit) for edit in edits],
        "parts": [[{"what": what, "code": code} for what, code in edit.parts] for edit in edits],
    }


def show_description(description: PatchDescription, *, source: bool) -> None:
    """The same for people; with `source`, the modules that it lays out too."""
    print_code(_lines(description, source=source))


def _lines(description: PatchDescription, *, source: bool) -> Iterator[str]:
    patch = description.patch
    yield from _wrapped(told(said(patch, f"{patch.id}, version {patch.version}: {patch.summary}")))
    yield from _wrapped(told(f"effect {patch.effect.value}: {EFFECTS[patch.effect]}"))
    yield from _wrapped(told(f"device {patch.device.value}: {DEVICES[patch.device]}"))
    yield ""
    yield from _paragraphs(said(patch, patch.why))
    for sentence in _sentences(description):
        yield from _wrapped(told(said(patch, sentence)))
    for target, edits in description.files:
        yield ""
        yield from _file(target, edits)
    if patch.helpers:
        yield ""
        yield from _helpers(patch.helpers, source=source)


def _sentences(description: PatchDescription) -> Iterator[str]:
    """Yield what is known of the patch, what it asks for and what may be set, a sentence each."""
    patch, evidence = description.patch, description.evidence
    if evidence:
        stronger = " --effect lossy" * (patch.effect is Effect.LOSSY)
        taken = f"`ttsopt apply{stronger}` takes it"
        said = (
            taken if evidence.level.is_taken else "`-p` and `--all` take it, a plain apply does not"
        )
        yield f"on {evidence.device}: {evidence.level.value}; {said}"
    if patch.argued:
        yield f"argued on {', '.join(patch.argued.on)}: {patch.argued.because}"
    if patch.cost:
        proof = ", so that it is taken unasked only where its gain is proven"
        yield f"costs: {patch.cost.what}{proof * patch.cost.needs_proof}"
    for claim in patch.claims:
        yield f"claimed: {claim.figure} ({' '.join(claim.source.split())})"
    yield from measured_lines(patch, description.measured)
    yield from description.requirements
    yield from (_parameter(patch.id, one, takes) for one, takes in description.parameters)
    yield from description.notes


def _helpers(helpers: Mapping[str, bytes], *, source: bool) -> Iterator[str]:
    if not source:
        lines = sum(content.count(b"\n") for content in helpers.values())
        yield from _wrapped(told(f"it lays out {', '.join(helpers)} ({lines} lines): --source"))
        return
    for name, content in helpers.items():
        yield f"{name}, which it lays out:"
        yield from _indented(content.decode("utf-8", "replace"), 4)
        yield ""


def _parameter(patch_id: str, parameter: Parameter, takes: str) -> str:
    default = parameter.default
    shown = str(default).lower() if isinstance(default, bool) else default
    return f"--set {patch_id}.{parameter.name}={shown}: {takes}; {parameter.help}"


def _file(target: FileTarget, edits: tuple[EditDescription, ...]) -> Iterator[str]:
    yield target.paths[0]
    yield from (f"  or {path}" for path in target.paths[1:])
    if target.base is Base.CHECKOUT:
        yield f"  {told('from the top of the checkout')}"
    if target.anchor:
        yield f"  {told(f'the one that holds: {target.anchor}')}"
    if target.optional:
        yield f"  {told('if there is such a file')}"
    for edit in edits:
        yield from _wrapped(f"* {_with_conditions(edit)}", "    ", "  ")
        for what, code in edit.parts:
            yield f"      {told(f'{what}:')}"
            yield from _indented(code, 10)


def _with_conditions(edit: EditDescription) -> str:
    return edit.words + (f" ({', '.join(edit.conditions)})" if edit.conditions else "")


def _indented(code: str, width: int) -> Iterator[str]:
    for line in textwrap.dedent(code).strip("\n").splitlines():
        yield f"{' ' * width}{line}".rstrip()


def _paragraphs(text: str) -> Iterator[str]:
    """Wrapped anew: a paragraph ends at an empty line; a line that is a command stays one."""
    for paragraph in text.strip().split("\n\n"):
        yield from _wrapped(paragraph, hang="")
        yield ""


def _wrapped(text: str, hang: str = "  ", indent: str = "") -> list[str]:
    return wrapped(unbroken(text), min(width() or WIDTH, WIDTH), indent, hang)
