"""Print the models of a checkout and their download, and their data for `--json`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ttsopt.cli.cells import wrapped
from ttsopt.cli.language import told
from ttsopt.cli.text import print_lines, say
from ttsopt.domain.model_files import CACHE, FoundComponent, FoundFile, FoundModel, Kind
from ttsopt.domain.typed_command import typed
from ttsopt.weights.download import Fetch, target_folder

if TYPE_CHECKING:
    from ttsopt.operations.models import Download, SystemModels

WIDTH = 80
WORDS = {
    Kind.FOUND: "bench takes {model}, all of it real",
    Kind.MIXED: "bench takes {model}, mixed: real {real}; random {random}",
    Kind.RANDOM: "bench takes random weights: no model is complete here",
}


def models_data(models: SystemModels) -> dict[str, Any]:
    """Return what the contract names."""
    chosen = models.weights.chosen
    return {
        "system": models.found.system.id,
        "root": models.found.root,
        "bench": {
            "weights": chosen.kind.value,
            "model": chosen.model.model.name if chosen.model else None,
            "real": _names(chosen.real),
            "random": _names(chosen.random),
        },
        "models": [_model_data(row, models.root) for row in models.weights.found],
    }


def _model_data(row: FoundModel, root: Path) -> dict[str, Any]:
    return {
        "name": row.model.name,
        "about": row.model.about,
        "runs": row.model.runs,
        "complete": row.is_complete,
        "components": [_component_data(part, root) for part in row.components],
    }


def _component_data(row: FoundComponent, root: Path) -> dict[str, Any]:
    part, folder = row.component, target_folder(row.component, root)
    return {
        "name": part.name,
        "huggingface": part.huggingface or None,
        "modelscope": part.modelscope or None,
        "by_hand": part.by_hand or None,
        "folder": str(folder) if folder else None,
        "alone": part.alone,
        "why_not": part.why_not or None,
        "patches": list(part.patches),
        "there": row.is_there,
        "files": [_file_data(file) for file in row.files],
    }


def _file_data(row: FoundFile) -> dict[str, Any]:
    return {
        "path": row.file.published,
        "about_megabytes": row.file.megabytes or None,
        "optional": row.file.optional,
        "at": str(row.at) if row.at else None,
        "place": row.place.value if row.place else None,
        "size": row.size or None,
        "problem": row.problem or None,
    }


def download_data(done: Download, *, dry_run: bool) -> dict[str, Any]:
    """Return what came, or would come."""
    at = {row.fetch: row for row in done.done}
    files = [
        {
            "component": fetch.component.name,
            "path": fetch.file.published,
            "size": fetch.size,
            "exact": fetch.is_exact,
            "folder": str(fetch.folder) if fetch.folder else None,
            "at": str(at[fetch].at) if fetch in at else None,
            "checked": at[fetch].checked if fetch in at else None,
        }
        for fetch in done.fetches
    ]
    by_hand = [
        {"component": row.component.name, "by_hand": row.component.by_hand or None}
        for row in done.by_hand
    ]
    return {
        "hub": done.hub or None,
        "dry_run": dry_run,
        "bytes": done.size,
        "files": files,
        "by_hand": by_hand,
    }


def show_models(models: SystemModels, directory: Path) -> None:
    """Print what a benchmark takes, the models that are meant, and the next command."""
    chosen = models.weights.chosen
    at = told(f"at {models.found.root}")
    print_lines([f"{models.found.system.name} {at}"])
    if not models.weights.found:
        print_lines(["  the catalogue lists no models of it"])
        return
    words = WORDS[chosen.kind].format(
        model=chosen.model.model.name if chosen.model else "",
        real=", ".join(_names(chosen.real)),
        random=", ".join(_names(chosen.random)),
    )
    print_lines(_wrapped(words, 2))
    for row in models.shown:
        print_lines(["", *_model_lines(row, models.root)])
    others = [row.model.name for row in models.weights.found if row not in models.shown]
    print_lines(["", *_next_lines(models, directory, others)])


def _model_lines(row: FoundModel, root: Path) -> Iterator[str]:
    there, size = sum(part.is_there for part in row.required), _size(_megabytes(row.required))
    about = f": {row.model.about}" if row.model.about else ""
    yield f"{row.model.name}{about}"
    yield f"  {there} of {len(row.required)} parts are there; all of them take about {size}"
    for part in row.components:
        yield from _component_lines(part, root)


def _component_lines(row: FoundComponent, root: Path) -> Iterator[str]:
    part = row.component
    size = f", about {_size(part.megabytes)}" if part.megabytes else ""
    for_patch = f" (for {', '.join(part.patches)})" if part.patches else ""
    yield f"  {'+' if row.is_there else '-'} {part.name}{for_patch}{size}"
    if row.is_there:
        yield from dict.fromkeys(f"      in {_where(file, root)}" for file in row.files if file.at)
        return
    broken = [file for file in row.missing if file.problem]
    yield from (f"      {file.at}: {file.problem}" for file in broken)
    absent = [file.file.published for file in row.missing if not file.problem]
    folder = next((name for name in part.folders if name != CACHE), "")
    to = f" (to {folder}/)" if folder else ""
    if absent:
        yield from _wrapped(f"missing{to}: {', '.join(absent)}", 6)
    hubs = [f"huggingface {part.huggingface}"] * bool(part.huggingface)
    hubs += [f"modelscope {part.modelscope}"] * bool(part.modelscope)
    yield from _wrapped(f"from {', '.join(hubs)}" if hubs else f"by hand: {part.by_hand}", 6)


def _where(row: FoundFile, root: Path) -> str:
    """The folder of a file: from the root in a checkout."""
    assert row.at is not None
    folder = row.at.parent
    return str(folder.relative_to(root)) if folder.is_relative_to(root) else str(folder)


def _next_lines(models: SystemModels, directory: Path, others: list[str]) -> Iterator[str]:
    if others:
        yield from _wrapped(f"More models, each with --model NAME: {', '.join(others)}", 0)
    missing = [part for row in models.wanted for part in row.required if not part.is_there]
    if any(part.component.huggingface or part.component.modelscope for part in missing):
        yield f"Fetch what is missing: {typed('ttsopt', 'models', directory, '--download')}"
    if missing:
        yield from _wrapped(
            "Without a network: copy the missing files, with the paths that stand here, into the folder after "
            f"`to`, below {models.root}: ttsopt finds them there.",
            0,
        )


def _wrapped(text: str, indent: int) -> list[str]:
    """Lines of at most 80 columns; a path or an id is not cut."""
    return wrapped(told(text), WIDTH, " " * indent, " " * indent)


def _megabytes(components: tuple[FoundComponent, ...]) -> float:
    return sum(row.component.megabytes for row in components)


def say_fetch(number: int, total: int, fetch: Fetch) -> None:
    """Say on standard error which file is next."""
    size = f"{'' if fetch.is_exact else 'about '}{_size(fetch.size / 10**6)}"
    say(f"{number}/{total} {fetch.file.published} ({size})", err=True)


def show_download(done: Download, models: SystemModels, *, dry_run: bool) -> None:
    """Print what came or would come, from where to where."""
    if not (done.fetches or done.by_hand):
        print_lines([f"{', '.join(row.model.name for row in models.wanted)}: all is there"])
        return
    verb = "would fetch" if dry_run else "fetched"
    if done.fetches:
        files = f"{len(done.fetches)} files, {_size(done.size / 10**6)}"
        print_lines([f"{verb} {files} from {done.hub}"])
    for fetch in done.fetches:
        folder = fetch.folder or "the hub's cache"
        print_lines([f"  {fetch.file.published} ({_size(fetch.size / 10**6)}) to {folder}"])
    for row in done.by_hand:
        how = row.component.by_hand or "it is not on this hub: try the other one with --hub"
        print_lines([f"  {row.component.name}, by hand: {how}"])


def _size(megabytes: float) -> str:
    return f"{megabytes / 1000:.1f} GB" if megabytes >= 1000 else f"{megabytes:.3g} MB"  # noqa: PLR2004


def _names(components: tuple[FoundComponent, ...]) -> list[str]:
    return [row.component.name for row in components]
