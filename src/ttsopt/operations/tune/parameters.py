"""Values for the parameters of chosen patches: the space that is searched, and the next point in it by Optuna.

Optuna sees outcomes that were decoded and checked, in a study of its own in memory; what is stored are jobs alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ttsopt.catalog.parameters import of_kind, taken
from ttsopt.domain.effect import Effect
from ttsopt.domain.patch import Parameter, Patch, Scalar
from ttsopt.operations.tune.model import Chosen, Job, Kind, Ledger, Measured, PatchSet, Task
from ttsopt.operations.tune.race import Selected, added_distance, is_too_far

NUMBER = "a number"  # in the place of a word such as `auto`
LOGARITHMIC = 50  # a range whose ends are further apart is searched by ratio
ATTEMPTS = 20  # points that were tried already, in a row, until the space counts as searched


@dataclass(frozen=True, slots=True)
class Dimension:
    """A parameter of a chosen patch. `default` is its value in the set that others are compared with."""

    patch: str
    parameter: Parameter
    default: Scalar

    @property
    def name(self) -> str:
        """As `--set` has it."""
        return f"{self.patch}.{self.parameter.name}"


def searched(
    patch: Patch, given: Mapping[str, object], *, is_limited: bool
) -> tuple[Parameter, ...]:
    """Return the parameters of a patch that have a range or choices, but for those that the user gave a value.

    Fewer steps are always faster: those of a lossy patch are searched only where the distance to the original's
    output is limited.
    """
    if patch.effect is Effect.LOSSY and not is_limited:
        return ()
    return tuple(row for row in patch.parameters if row.name not in given and _has_values(row))


def _has_values(row: Parameter) -> bool:
    has_range = row.minimum is not None and row.maximum is not None
    return bool(row.choices) or row.kind == "bool" or (row.kind in {"int", "float"} and has_range)


def space_of(task: Task, chosen: PatchSet) -> tuple[Dimension, ...]:
    """Return what is searched of a set."""
    return tuple(
        Dimension(one.patch, row, dict(one.values).get(row.name, row.default))
        for one in chosen
        for row in task.candidate(one.patch).searched
    )


def tried(task: Task, chosen: PatchSet, ledger: Ledger) -> dict[Job, Measured]:
    """Return the outcomes of other values for a set, as far as these are values that it takes."""
    space = space_of(task, chosen)
    return {
        job: row
        for job, row in ledger.known.items()
        if is_search_of(job, chosen) and is_of_space(job, space)
    }


def is_search_of(job: Job, chosen: PatchSet) -> bool:
    """True if a job tries other values for a set."""
    return job.kind is Kind.SEARCH and job.before == chosen and not job.turn


def best_values(task: Task, found: Selected, ledger: Ledger) -> PatchSet:
    """Return the set with the values that were fastest with a verdict, or as it is."""
    rows = {
        job: row
        for job, row in tried(task, found.chosen, ledger).items()
        if row.is_faster and not _is_out(task, found, row)
    }
    return max(rows, key=lambda job: rows[job].speedup).after if rows else found.chosen


def _is_out(task: Task, found: Selected, row: Measured) -> bool:
    return row.is_broken or is_too_far(task, added_distance(found.distance, row.distance))


def is_of_space(job: Job, space: Sequence[Dimension]) -> bool:
    """True if the sides of a job differ by values in this space alone, and they are such as the patches take."""
    known = {row.name: row.parameter for row in space}
    new, old = _by_name(job.after), _by_name(job.before)
    others = [{name: row[name] for name in row if name not in known} for row in (old, new)]
    has_patches = [one.patch for one in job.before] == [one.patch for one in job.after]
    values = [(known[name], new[name]) for name in new if name in known]
    is_taken = all(of_kind(row, value) and taken(row, value) for row, value in values)
    return has_patches and others[0] == others[1] and is_taken


def _by_name(patches: PatchSet) -> dict[str, Scalar]:
    return {f"{one.patch}.{name}": value for one in patches for name, value in one.values}


def draw(task: Task, found: Selected, ledger: Ledger) -> Job | None:
    """Return a point that nobody tried, by the Tree-structured Parzen Estimator; None if there seems to be none.

    The seed is the benchmark's, and moves with the points that are known: a search that was interrupted goes on
    as if it had not been. What breaks, or is too far from the original, is as good as endlessly slow.
    """
    chosen, space = found.chosen, space_of(task, found.chosen)
    outcomes = tried(task, chosen, ledger)
    known = {
        job: 0.0 if _is_out(task, found, row) else row.speedup for job, row in outcomes.items()
    }
    pending = {job for job in ledger.taken if is_search_of(job, chosen)}
    seed = task.spec.bench.seed + 1000 * (len(known) + len(pending))
    distributions = {name: one for row in space for name, one in _distributions(row).items()}
    study = _study_in_memory(space, distributions, known, seed)
    for _ in range(ATTEMPTS):
        trial = study.ask(distributions)
        values = {row.name: _value(row, trial.params) for row in space}
        job = Job(Kind.SEARCH, chosen, with_values(chosen, space, values))
        if job.after != chosen and job not in known and job not in pending:
            return job
        study.tell(trial, known.get(job, 1.0))
    return None


def with_values(
    chosen: PatchSet, space: Sequence[Dimension], values: Mapping[str, Scalar]
) -> PatchSet:
    """Return a set with other values; one that is by default is not written down."""
    rows = []
    for one in chosen:
        own = dict(one.values)
        for row in space:
            if row.patch == one.patch:
                own[row.parameter.name] = values[row.name]
                if values[row.name] == row.parameter.default:
                    del own[row.parameter.name]
        rows.append(Chosen(one.patch, tuple(sorted(own.items()))))
    return tuple(rows)


def _study_in_memory(
    space: Sequence[Dimension],
    distributions: Mapping[str, Any],
    known: Mapping[Job, float],
    seed: int,
) -> Any:
    import optuna

    sampler = optuna.samplers.TPESampler(seed=seed, n_startup_trials=5)
    study = optuna.create_study(direction="maximize", sampler=sampler)
    rows = [(with_defaults(space, job.after), speedup) for job, speedup in known.items()]
    rows.append(({row.name: row.default for row in space}, 1.0))
    for values, speedup in rows:
        params = {name: value for row in space for name, value in _params(row, values).items()}
        chosen = {name: distributions[name] for name in params}
        trial = optuna.trial.create_trial(params=params, distributions=chosen, value=speedup)
        study.add_trial(trial)
    return study


def with_defaults(space: Sequence[Dimension], patches: PatchSet) -> dict[str, Scalar]:
    """Return the value of every dimension in a set."""
    own = _by_name(patches)
    return {row.name: own.get(row.name, row.parameter.default) for row in space}


def _choices(row: Parameter) -> tuple[Scalar, ...]:
    return row.choices or ((False, True) if row.kind == "bool" else ())


def _is_number(row: Dimension, value: Scalar) -> bool:
    return not _choices(row.parameter) and value not in row.parameter.named


def _params(row: Dimension, values: Mapping[str, Scalar]) -> dict[str, Scalar]:
    """A value as Optuna has it: a word such as `auto` and a number are two parameters."""
    value = values[row.name]
    number = {row.name: value} if _is_number(row, value) or _choices(row.parameter) else {}
    if not row.parameter.named:
        return number
    return {f"{row.name}?": NUMBER if number else value, **number}


def _distributions(row: Dimension) -> dict[str, Any]:
    from optuna.distributions import (
        CategoricalDistribution,
        FloatDistribution,
        IntDistribution,
    )

    parameter, found = row.parameter, {}
    if parameter.named:
        found[f"{row.name}?"] = CategoricalDistribution((*parameter.named, NUMBER))
    if _choices(parameter):
        return {**found, row.name: CategoricalDistribution(_choices(parameter))}
    low, high = parameter.minimum or 0, parameter.maximum or 0
    log = low > 0 and high / low >= LOGARITHMIC
    if parameter.kind == "int":
        return {**found, row.name: IntDistribution(int(low), int(high), log=log)}
    return {**found, row.name: FloatDistribution(low, high, log=log)}


def _value(row: Dimension, params: Mapping[str, Any]) -> Scalar:
    word = params.get(f"{row.name}?", NUMBER)
    value: Scalar = params[row.name] if word == NUMBER else word
    if not isinstance(value, float):
        return value
    low, high = row.parameter.minimum or 0.0, row.parameter.maximum or 0.0
    return min(max(float(f"{value:.3g}"), low), high)
