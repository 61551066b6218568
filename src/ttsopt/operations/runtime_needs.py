"""Needs of patches towards the checkout's interpreter and GPU, and what is bad there; a benchmark alone looks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from packaging.requirements import Requirement

from ttsopt.domain.patch import Patch
from ttsopt.domain.system import KnownBad


def package_names(patches: Iterable[Patch], known_bad: Iterable[KnownBad] = ()) -> tuple[str, ...]:
    """The distributions that any of them asks for or warns of."""
    wanted = [text for patch in patches for text in patch.requires.packages]
    wanted += [one.package for one in known_bad]
    return tuple(sorted({Requirement(text).name for text in wanted}))


def bad_packages(known_bad: Iterable[KnownBad], packages: Mapping[str, str]) -> tuple[str, ...]:
    """A sentence for every package that is installed in a version known to be bad."""
    rows = ((Requirement(one.package), one.why) for one in known_bad)
    return tuple(
        f"{wanted.name} {packages[wanted.name]} is installed: {why}"
        for wanted, why in rows
        if wanted.name in packages
        and wanted.specifier.contains(packages[wanted.name], prereleases=True)
    )


def unmet_needs(
    patches: Iterable[Patch],
    packages: Mapping[str, str],
    gpus: Sequence[Mapping[str, object]],
) -> tuple[str, ...]:
    """A sentence for all that is not there; `packages` are versions by name, `gpus` as `Gpu.summary` has them."""
    return tuple(
        f"{patch.id} needs {what}"
        for patch in patches
        for what in (*_packages(patch, packages), *_capability(patch, gpus))
    )


def _packages(patch: Patch, packages: Mapping[str, str]) -> Iterator[str]:
    for text in patch.requires.packages:
        wanted = Requirement(text)
        there = packages.get(wanted.name)
        if there is None:
            yield f"{text}, which is not installed"
        elif not wanted.specifier.contains(there, prereleases=True):
            yield f"{text}; {there} is installed"


def _capability(patch: Patch, gpus: Sequence[Mapping[str, object]]) -> Iterator[str]:
    wanted = patch.requires.compute_capability
    if not wanted:
        return
    there = [str(gpu["compute_capability"]) for gpu in gpus if gpu.get("compute_capability")]
    if not any(_numbers(one) >= _numbers(wanted) for one in there):
        seen = f"the best here has {max(there, key=_numbers)}" if there else "none was seen here"
        yield f"a GPU of compute capability {wanted} or newer; {seen}"


def _numbers(capability: str) -> tuple[int, ...]:
    return tuple(int(part) for part in capability.split("."))
