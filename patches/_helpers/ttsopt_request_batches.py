"""Take steps that several threads ask of one model at the same time as one batch, each thread handed its own part.

Laid out by ttsopt beside the file that uses it; needs Python 3.8 alone. TTSOPT_REQUEST_BATCHES is read at every
step: 0 takes one step at a time, a number up to so many rows in a batch (8 without it).
"""

import os
import sys
import threading
import time

SWITCH = "TTSOPT_REQUEST_BATCHES"
MOST = 8
WAIT = 0.02  # seconds that a batch waits for a thread that took the last step, and has not asked for its next
_OFF = {"0", "off", "no", "false"}

__ttsopt_fallbacks__ = []  # what fell back and why: ttsopt's benchmark reads it


class Batches:
    """Members are the threads that ask for steps. When all have asked, the one that joined first takes them.

    Nobody is held up for longer than `wait` seconds by a member that does not ask: it is then no member until it
    asks again. There is no thread of its own, so nothing is to be shut down; one member waits for none.

    `run(steps)` returns a result for each; `rows(step)` says how many rows of a batch a step has. A batch has at
    most `most()` rows, or one step. Where there are more, those take turns. A batch that fails is taken step by
    step, and so are all later ones: only the step that cannot be taken raises its error, in the thread that asked.
    """

    def __init__(
        self,
        run,
        rows=None,
        most=None,
        wait=WAIT,
        clock=time.monotonic,
        condition=threading.Condition,
    ):
        self._run, self._rows, self._most = run, rows or (lambda _: 1), most or most_rows
        self._wait, self._clock, self._condition = wait, clock, condition
        self._lock, self._own = threading.Lock(), threading.local()
        self._members, self._busy, self._free_since, self._turns = [], False, clock(), 0
        self._singly = False

    def ask(self, step):
        """Return the result of a step, taken with those of other threads."""
        with self._lock:
            member = self._joined()
            member.ask(step, self._clock())
            try:
                self._wake()
                while member.waits:
                    self._wait_or_lead(member)
            except BaseException:  # an interrupt: the others go on
                member.waits = False
                self._part(member)
                raise
        return member.result()

    def leave(self):
        """Say that this thread asks for no further step: nobody waits for it any more."""
        member = getattr(self._own, "member", None)
        if member is not None:
            with self._lock:
                self._part(member)

    def _joined(self):
        if not hasattr(self._own, "member"):
            self._own.member = _Member(self._condition(self._lock))
        if self._own.member not in self._members:
            self._members.append(self._own.member)
        return self._own.member

    def _part(self, member):
        if member in self._members:
            self._members.remove(member)
        self._wake()

    def _leader(self):
        return next((one for one in self._members if one.waits), None)

    def _wake(self):
        leader = self._leader()
        if leader is not None and not self._busy:
            leader.wake.notify()

    def _wait_or_lead(self, member):
        if self._busy or self._leader() is not member:
            member.wake.wait()
            return
        asked = [one for one in self._members if one.waits]
        left = max(min(one.since for one in asked), self._free_since) + self._wait - self._clock()
        if left > 0 and len(asked) < len(self._members):
            member.wake.wait(left)
        else:
            self._members = asked
            self._take(self._chosen(asked))

    def _chosen(self, asked):
        """Those that took no step for longest, up to the rows of a batch."""
        chosen, rows = [], 0
        for member in sorted(asked, key=lambda one: one.turn):
            rows += self._rows(member.step)
            if chosen and (self._singly or rows > self._most()):
                break
            chosen.append(member)
        return chosen

    def _take(self, chosen):
        """Take the steps with the lock given back meanwhile, and hand out the results."""
        self._busy, outcomes = True, ()
        self._lock.release()
        try:
            outcomes = self._outcomes([one.step for one in chosen])
        finally:
            self._lock.acquire()
            self._busy, self._free_since = False, self._clock()
            self._turns += 1
        for member, outcome in zip(chosen, outcomes):
            member.answer(outcome, self._turns)
        self._wake()

    def _outcomes(self, steps):
        if len(steps) > 1:
            try:
                return [(result, None) for result in self._run(steps)]
            except Exception as error:  # noqa: BLE001 - whatever it is, each may do alone
                self._singly = True
                _say(error)
        return [self._alone(step) for step in steps]

    def _alone(self, step):
        try:
            return self._run([step])[0], None
        except Exception as error:  # noqa: BLE001 - raised where it was asked for
            return None, error


class _Member:
    """A thread, the step that it waits for, and what came of it."""

    def __init__(self, wake):
        self.wake, self.waits, self.step, self.since, self.turn = wake, False, None, 0.0, 0
        self._outcome = None, None

    def ask(self, step, now):
        self.waits, self.step, self.since = True, step, now

    def answer(self, outcome, turn):
        self.waits, self.step, self._outcome, self.turn = False, None, outcome, turn
        self.wake.notify()

    def result(self):
        (result, error), self._outcome = self._outcome, (None, None)
        if error is not None:
            raise error
        return result


def most_rows():
    """Rows of a batch at most, as the environment has it."""
    said = os.environ.get(SWITCH, "").strip().lower()
    if said in _OFF:
        return 1
    return int(said) if said.isdigit() else MOST


def _say(error):
    text = "a batch of requests failed (%s: %s): they are spoken one at a time" % (
        type(error).__name__,
        error,
    )
    __ttsopt_fallbacks__.append(text)
    sys.stderr.write("ttsopt: " + text + "\n")
