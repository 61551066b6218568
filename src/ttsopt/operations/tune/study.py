"""The study that workers share: a queue of jobs and their outcomes in Optuna's storage, imported when it is used.

A trial is a job, which stands in it from the moment at which it is there. Of two trials of one job the one with
the lower number counts: so each job is run once, although nobody asks anybody before it is put in. A worker that
dies gives no sign of life any more; its trial fails, and the job is wanted again.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ttsopt.boundary.reading import MIB, amount, check_regular
from ttsopt.errors import CannotRunError, TtsoptError
from ttsopt.operations.tune.codec import job_text, measured_text, read_job, read_measured
from ttsopt.operations.tune.model import BROKEN, Job, Ledger, Measured

JOB, MEASURED, STOPPED = "job", "measured", "stopped"
LARGEST = 64 * MIB  # of a database file; a study of a system has less than one
MOST_TRIALS = 10_000
DEADLY = 3  # workers that died of a job until it counts as broken
ATTEMPTS = 5  # at making the tables: two workers that start at once get in each other's way
INSTALL = 'pip install "ttsopt[tune]"'
Work = Callable[[Job], Measured]


@dataclass(frozen=True, slots=True)
class Place:
    """Place where studies lie: the URL, the file that it stands for or None, its name for people.

    Workers give a sign of life every `heartbeat` seconds, and are dead `grace` seconds after the last.
    """

    url: str
    file: Path | None
    label: str
    heartbeat: int
    grace: int


@dataclass(frozen=True, slots=True)
class Study:
    """A study that is open."""

    place: Place
    trials: Any = field(repr=False)
    optuna: Any = field(repr=False)

    def ledger(self) -> Ledger:
        """Read all that is known.

        Raises:
            CannotRunError: The storage fails, or holds what is no study of ttsopt's.
        """
        with _told(self.place):
            rows = self.trials.get_trials(deepcopy=False)
        return _ledger(rows, self.place)

    def enqueue(self, job: Job) -> None:
        """Put a job in, for whoever takes it first."""
        with _told(self.place):
            self.trials.enqueue_trial({}, user_attrs={JOB: job_text(job)})

    def give_up_dead(self) -> None:
        """Fail the trials of workers that are dead: their jobs are wanted again."""
        with _told(self.place), _quiet():
            self.optuna.storages.fail_stale_trials(self.trials)

    def run_one(self, wanted: Callable[[Job], bool], work: Work) -> None:
        """Take the first job that waits, and do it if it is wanted and nobody else's.

        Raises:
            CannotRunError: As `ledger`.
            BaseException: As `work`; the job is wanted again then.
        """
        raised: list[BaseException] = []
        done: list[tuple[Job, Measured]] = []

        def objective(trial: Any) -> float:
            job = self._claimed(trial, wanted)
            try:
                done.append((job, work(job)))
            except BaseException as error:
                raised.append(error)
                with suppress(RuntimeError, ValueError):  # it was given up meanwhile
                    trial.set_user_attr(STOPPED, value=True)
                raise
            measured = done[0][1]
            trial.set_user_attr(MEASURED, measured_text(measured))
            if measured.is_broken:
                raise self.optuna.TrialPruned
            return measured.speedup

        with _told(self.place, raised), _quiet():
            try:
                self.trials.optimize(objective, n_trials=1)
            except (RuntimeError, ValueError):
                if raised:
                    raise raised[0] from None
                if not done:
                    raise
                self._add(*done[0])

    def _add(self, job: Job, measured: Measured) -> None:
        """Put in an outcome whose trial another worker gave up: this one only was silent for too long."""
        state = self.optuna.trial.TrialState
        attributes = {JOB: job_text(job), MEASURED: measured_text(measured)}
        row = self.optuna.trial.create_trial(
            state=state.PRUNED if measured.is_broken else state.COMPLETE,
            value=None if measured.is_broken else measured.speedup,
            user_attrs=attributes,
        )
        self.trials.add_trial(row)

    def _claimed(self, trial: Any, wanted: Callable[[Job], bool]) -> Job:
        text = trial.user_attrs.get(JOB)
        job: Job | None = _read(read_job, text, self.place) if text is not None else None
        if job is None or not wanted(job) or self._is_another_s(trial.number, text):
            raise self.optuna.TrialPruned
        return job

    def _is_another_s(self, number: int, text: str) -> bool:
        state = self.optuna.trial.TrialState
        for row in self.trials.get_trials(deepcopy=False):
            is_live = row.state in {state.WAITING, state.RUNNING} and row.number < number
            is_done = row.state.is_finished() and MEASURED in row.user_attrs
            if row.user_attrs.get(JOB) == text and row.number != number and (is_live or is_done):
                return True
        return False

    def close(self) -> None:
        """Let go of the storage."""
        storage = self.trials._storage  # noqa: SLF001 - Optuna has no door for it
        backend = getattr(storage, "_backend", storage)
        backend.remove_session()
        backend.engine.dispose()


def open_study(place: Place, name: str) -> Study:
    """Open a study, new or not.

    Raises:
        CannotRunError: Optuna is missing, or the storage cannot be opened.
    """
    optuna = _optuna()
    _check_file(place)
    for attempt in range(ATTEMPTS):
        try:
            with _told(place), _quiet():
                return Study(place, _opened(optuna, place, name), optuna)
        except CannotRunError:
            if attempt == ATTEMPTS - 1:
                raise
    raise AssertionError


def _opened(optuna: Any, place: Place, name: str) -> Any:
    arguments = {"timeout": 60} if place.file else {"connect_timeout": 10}
    storage = optuna.storages.RDBStorage(
        place.url,
        engine_kwargs={"connect_args": arguments},
        heartbeat_interval=place.heartbeat,
        grace_period=place.grace,
    )
    if place.file:
        place.file.chmod(0o600)
    return optuna.create_study(
        storage=storage, study_name=name, direction="maximize", load_if_exists=True
    )


def _optuna() -> Any:
    try:
        import optuna
    except ImportError as error:
        message = f"Optuna cannot be imported: {error}"
        raise CannotRunError("no-optuna", message, INSTALL) from error
    optuna.logging.set_verbosity(optuna.logging.CRITICAL)
    return optuna


def _check_file(place: Place) -> None:
    """See that a database is a regular file of a size that one of ttsopt's can have."""
    if place.file is None or not (place.file.exists() or place.file.is_symlink()):
        return
    try:
        status = place.file.lstat()
        check_regular(place.file, status)
    except OSError as error:
        raise _bad(place, str(error.strerror)) from error
    if status.st_size > LARGEST:
        raise _bad(place, f"it has more than {amount(LARGEST)}")


def _ledger(rows: list[Any], place: Place) -> Ledger:
    if len(rows) > MOST_TRIALS:
        raise _bad(place, f"it has more than {MOST_TRIALS} trials")
    known: dict[Job, Measured] = {}
    deaths: dict[Job, int] = {}
    pending: dict[str, set[Job]] = {"RUNNING": set(), "WAITING": set()}
    for row in sorted(rows, key=lambda one: one.number):
        if JOB not in row.user_attrs:
            continue
        job = _read(read_job, row.user_attrs[JOB], place)
        if not row.state.is_finished():
            pending[row.state.name].add(job)
        elif MEASURED in row.user_attrs:
            known.setdefault(job, _read(read_measured, row.user_attrs[MEASURED], place))
        elif row.state.name == "FAIL" and STOPPED not in row.user_attrs:
            deaths[job] = deaths.get(job, 0) + 1
    dead = {job for job, count in deaths.items() if count >= DEADLY and job not in known}
    why = f"{DEADLY} workers died while they measured it"
    known |= {job: Measured(BROKEN, distance=None, why=why) for job in dead}
    running, waiting = (frozenset(rows - known.keys()) for rows in pending.values())
    return Ledger(known, running, waiting)


def _read(reader: Callable[[object], Any], text: object, place: Place) -> Any:
    try:
        return reader(text)
    except ValueError as error:
        raise _bad(place, str(error)) from error


def _bad(place: Place, why: str) -> CannotRunError:
    hint = "Delete it, or name another one: --storage FILE."
    return CannotRunError("bad-study", f"{place.label} is no study of ttsopt's: {why}", hint)


@contextmanager
def _told(place: Place, own: list[BaseException] | None = None) -> Iterator[None]:
    """Turn what Optuna and SQLAlchemy raise into an error of ours; what was raised by `own` code stays."""
    try:
        yield
    except TtsoptError:
        raise
    except Exception as error:
        if own and error is own[0]:
            raise
        first = next(iter(str(error).splitlines()), "") or type(error).__name__
        message = f"{place.label}: {first}"
        hint = "See that it can be reached and written; what was measured before is kept there."
        raise CannotRunError("storage-failed", message, hint) from error


@contextmanager
def _quiet() -> Iterator[None]:
    """Without Optuna's word that heartbeats are an experiment of theirs."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
