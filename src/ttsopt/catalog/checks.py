"""Checks of a patch or a system beyond its types, as far as its own file can tell."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath

from ttsopt.catalog.parameter_checks import check_parameters
from ttsopt.catalog.walk import Place, is_config, places_of
from ttsopt.domain.device_class import ANY_DEVICE, FORM, parse_device
from ttsopt.domain.edits import AnyOf
from ttsopt.domain.effect import Effect
from ttsopt.domain.patch import Fact, FileTarget, Patch
from ttsopt.domain.system import Layout, System

Rows = Iterator[tuple[str, str]]
WORD = r"[a-z0-9]+(-[a-z0-9]+)*"
# A requirement without anything odd to it: the library that judges others takes as long to import as to plan.
PLAIN_PACKAGE = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*((>=|<=|==|<|>)\d+(\.\d+)*)?")
PYTHON = (".py",)
CONFIG = (".yaml", ".yml", ".toml")
FACTS = (*CONFIG, ".json")
# Git's own folder and ttsopt's are nobody's to edit.
CLOSED = (".git", ".ttsopt")


def check_patch(patch: Patch) -> Rows:
    """Everything that is wrong with a patch, by key."""
    if not re.fullmatch(f"{WORD}/{WORD}", patch.id):
        yield "id", f"expected system/name in small letters, digits and hyphens, got {patch.id!r}"
    if patch.version < 1:
        yield "version", "versions count from 1"
    yield from _texts([("summary", patch.summary), ("why", patch.why)])
    if not patch.files:
        yield "files", "a patch needs a file to edit"
    for number, target in enumerate(patch.files):
        yield from _below(f"files[{number}]", _file(target))
    for place in places_of(patch):
        yield from _below(place.key, [*_edit(place), *_essential(place)])
    yield from _added_keys(patch)
    for number, fact in enumerate(patch.requires.facts):
        yield from _below(f"requires.facts[{number}]", _fact(fact))
    for number, note in enumerate(patch.notes):
        wrong = [*_paths(note.paths), *_anchor("", note.defines, PYTHON)]
        key = "if_defined" if note.present else "if_undefined"
        yield from _below(f"notes[{number}]", ((where or key, what) for where, what in wrong))
    yield from _tolerance(patch)
    yield from _guard(patch)
    yield from _argued(patch)
    yield from _runtime(patch)
    yield from check_parameters(patch)


def _guard(patch: Patch) -> Rows:
    if patch.guard and patch.effect is not Effect.LOSSY:
        yield "guard", f"only a patch of effect lossy has one, this is {patch.effect.value}"


def _argued(patch: Patch) -> Rows:
    if patch.cost:
        yield from _texts([("cost.what", patch.cost.what)])
    if not patch.argued:
        return
    yield from _texts([("argued.because", patch.argued.because)])
    if not patch.argued.on:
        yield "argued.on", f"expected classes of devices: {FORM}"
    for number, text in enumerate(patch.argued.on):
        try:
            device = parse_device(text)
        except ValueError as error:
            yield f"argued.on[{number}]", str(error)
            continue
        if not device.serves(patch.device) or device == ANY_DEVICE:
            yield f"argued.on[{number}]", f"expected a class of {patch.device.value}, got {text}"


def _runtime(patch: Patch) -> Rows:
    capability = patch.requires.compute_capability
    if capability and not re.fullmatch(r"\d+\.\d", capability):
        yield "requires.compute_capability", f"expected one such as 8.0, got {capability!r}"
    odd = [text for text in patch.requires.packages if not PLAIN_PACKAGE.fullmatch(text)]
    if not odd:
        return
    from packaging.requirements import InvalidRequirement, Requirement

    for number, text in enumerate(patch.requires.packages):
        try:
            Requirement(text)
        except InvalidRequirement:
            message = f"expected a package such as deepspeed>=0.14, got {text!r}"
            yield f"requires.packages[{number}]", message


def _essential(place: Place) -> Rows:
    if place.edit.essential and ".any_of[" in place.key:
        yield "essential", "it stands outside the any_of, for all variants"
    elif place.edit.essential and place.edit.supports:
        yield "essential", "an import or a helper is never what a patch is about"


def _added_keys(patch: Patch) -> Rows:
    """A key that is added finds its place in any file of the kind: something else must tell that it is of use."""
    places = list(places_of(patch))
    added = [place for place in places if getattr(place.edit, "add", False)]
    in_code = any(not is_config(place.edit) for place in places)
    told = any(place.edit.essential or _must_be_there(place) for place in places)
    if added and in_code and not told:
        message = (
            "the patch adds a key beside edits of code: mark those that it is of no use without"
        )
        yield f"{added[0].key}.add", f"{message}, with essential = true"


def _must_be_there(place: Place) -> bool:
    may_lack = place.edit.optional or place.target.optional or getattr(place.edit, "add", False)
    return not may_lack and not place.edit.supports


def _tolerance(patch: Patch) -> Rows:
    if patch.tolerance is None:
        return
    if patch.effect is not Effect.CLOSE:
        yield "tolerance", f"only a patch of effect close has one, this is {patch.effect.value}"
    if not (patch.tolerance.mel_db > 0 and math.isfinite(patch.tolerance.mel_db)):
        yield "tolerance.mel_db", "expected decibels above 0"
    if not 0 <= patch.tolerance.tokens <= 1:
        yield "tolerance.tokens", "expected a share, 0 to 1"


def check_system(system: System) -> Rows:
    """Everything that is wrong with a system, by key."""
    if not re.fullmatch(WORD, system.id):
        yield "id", f"expected small letters, digits and hyphens, got {system.id!r}"
    yield from _known_bad(system)
    if system.serve:
        yield from _path("serve.script", system.serve.script)
    for number, layout in enumerate(system.layouts):
        yield from _below(f"layouts[{number}]", _layout(layout))
    for number, path in enumerate(system.entry_points):
        yield from _path(f"entry_points[{number}]", path)


def _layout(layout: Layout) -> Rows:
    for position, file in enumerate(layout.files):
        wrong = [*_path("path", file.path)]
        if "*" in file.path.removeprefix("*/"):
            wrong.append(("path", f"* stands for the first folder alone: {file.path!r}"))
        for place, name in enumerate(file.defines):
            wrong += _anchor(f"defines[{place}]", name, PYTHON)
        yield from _below(f"files[{position}]", wrong)
    if any(file.path.startswith("*/") for file in layout.files) and not layout.package:
        yield "package", "a path that begins with * needs it: upstream's name of that folder"
    for name, paths in (("copy", layout.copy), ("import_paths", layout.import_paths)):
        yield from (row for path in paths if path != "." for row in _path(name, path))


def _known_bad(system: System) -> Rows:
    for number, one in enumerate(system.bench.known_bad if system.bench else ()):
        if not (PLAIN_PACKAGE.fullmatch(one.package) and re.search("[<>=]", one.package)):
            key = f"bench.known_bad[{number}].package"
            yield key, f"expected versions such as transformers>4.51.3, got {one.package!r}"


def _texts(rows: Sequence[tuple[str, str]]) -> Rows:
    for key, text in rows:
        if not text.strip():
            yield key, "it is empty"
        # What `ttsopt new-patch` leaves to be answered.
        elif re.search(r"\bTODO\b", text):
            yield key, "it still says TODO"


def _file(target: FileTarget) -> Rows:
    yield from _paths(target.paths)
    suffixes = {PurePosixPath(path).suffix for path in target.paths}
    kinds = {suffix in CONFIG for suffix in suffixes}
    if unknown := suffixes - {*PYTHON, *CONFIG}:
        yield "paths", f"no edits are known for {', '.join(sorted(unknown)) or 'such files'}"
    elif len(kinds) > 1:
        yield "paths", "they are not all Python, nor all YAML or TOML"
    elif target.anchor:
        yield from _anchor("anchor", target.anchor, tuple(suffixes))
    if not target.anchor and any("*" in path for path in target.paths):
        yield "anchor", "a path with * needs one: what it finds must be told from other files"
    if not target.edits:
        yield "edits", "a file needs an edit"


def _paths(paths: Sequence[str]) -> Rows:
    if not paths:
        yield "paths", "expected at least one path"
    for number, path in enumerate(paths):
        yield from _path(f"paths[{number}]", path)


def _path(key: str, path: str) -> Rows:
    """A path below the root, with forward slashes; `**` as a whole part."""
    parts = path.split("/")
    if not path or path.startswith("/") or re.match("[A-Za-z]:", path):
        yield key, f"expected a path below the system's root, got {path!r}"
    elif "\\" in path:
        yield key, f"expected a plain path with forward slashes, got {path!r}"
    elif {"", ".", ".."} & set(parts):
        yield key, f"no part of a path is empty, . or ..: {path!r}"
    elif closed := {*CLOSED} & {part.lower() for part in parts}:
        yield key, f"nothing in {closed.pop()} can be edited"
    elif any("**" in part and part != "**" for part in parts):
        yield key, f"** stands for whole folders: {path!r}"


def _anchor(key: str, anchor: str, suffixes: tuple[str, ...]) -> Rows:
    if {*suffixes} & {*CONFIG}:
        if not anchor.strip() or anchor.startswith(("class ", "def ")):
            yield key, f"expected a key, such as custom.is_half, got {anchor!r}"
    elif not re.fullmatch(r"(class|def) [^\W\d]\w*(\.[^\W\d]\w*)*", anchor):
        yield key, f"expected `class Name` or `def name`, got {anchor!r}"


def _edit(place: Place) -> Rows:
    edit, suffixes = place.edit, {PurePosixPath(path).suffix for path in place.target.paths}
    config_file = bool(suffixes & {*CONFIG})
    if not isinstance(edit, AnyOf) and is_config(edit) != config_file:
        yield "", f"it cannot be made in a {'YAML or TOML' if config_file else 'Python'} file"
    elif is_config(edit):
        yield from _config_edit(place, suffixes)
    elif edit.scope and not re.fullmatch(r"[\w*]+(\.[\w*]+)*", edit.scope):
        yield "in", f"expected a dotted name, such as F5TTS.infer, got {edit.scope!r}"
    elif edit.needs_scope and not edit.scope:
        yield "in", "it needs one: the function that it is about"


def _config_edit(place: Place, suffixes: set[str]) -> Rows:
    if not suffixes <= {*place.edit.suffixes}:
        yield "", f"it is for {' and '.join(place.edit.suffixes)} alone"
    if place.edit.scope:
        yield "in", "a key has no definition around it"


def _fact(fact: Fact) -> Rows:
    yield from _paths(fact.paths)
    yield from _texts([("why", fact.why)])
    forms = [bool(fact.shape), bool(fact.key) or fact.equals is not None, not fact.present]
    if sum(forms) > 1:
        yield "", "it says more than one of: present = false, shape, key with equals"
    if bool(fact.key) != (fact.equals is not None):
        yield "equals" if fact.key else "key", "key and equals go together"
    suffixes = {PurePosixPath(path).suffix for path in fact.paths}
    if fact.shape and suffixes - {".npy"}:
        yield "shape", "it is read from .npy files alone"
    if any(size < 0 for size in fact.shape):
        yield "shape", "sizes are not negative"
    if fact.key and suffixes - {*FACTS}:
        yield "key", f"it is read from {', '.join(FACTS)} alone"


def _below(prefix: str, rows: Rows | Sequence[tuple[str, str]]) -> Rows:
    yield from ((".".join(part for part in (prefix, key) if part), what) for key, what in rows)
