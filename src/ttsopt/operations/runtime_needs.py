"""What patches need of the checkout's interpreter and of the GPU. Applying reads text alone: a benchmark looks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from packaging.requirements import Requirement

from ttsopt.domain.patch import Patch


def package_names(patches: Iterable[Patch]) -> tuple[str, ...]:
    """The distributions that any of them asks for."""
    wanted = (text for patch in patches for text in patch.requires.packages)
    return tuple(sorted({Requirement(text).name for text in wanted}))


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
