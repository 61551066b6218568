"""The commit that an update goes to: what the branch follows, or what the user names, fetched first."""

from __future__ import annotations

from dataclasses import dataclass

from ttsopt.checkout.update_record import BRANCH, SHOWN
from ttsopt.checkout.upstream.forward import fetch_from
from ttsopt.checkout.upstream.repository import Repository
from ttsopt.domain.typed_command import typed
from ttsopt.errors import RefusedError, UsageError


@dataclass(frozen=True, slots=True)
class Goal:
    """The branch (its full name), the commit that it stands at, and the one to go to: the same if it is there."""

    branch: str
    old: str
    new: str


def find_goal(repository: Repository, name: str, *, with_fetch: bool) -> Goal:
    """Fetch, and find the commit to go to: `name`, as a tag, a branch of the remote, or whatever git knows.

    Raises:
        UsageError: `name` is no commit.
        RefusedError: No branch is checked out, it follows none, or the commit cannot be reached by going forward.
        CannotRunError: Fetching fails, or git does.
    """
    branch = repository.branch()
    old = repository.commit("HEAD")
    if not branch.startswith(BRANCH) or not old:
        message = f"no branch is checked out in {repository.top}"
        hint = f"Check one out: {typed('git', '-C', repository.top, 'switch', 'BRANCH')}"
        raise RefusedError("no-branch", message, hint)
    upstream, remote = _followed(repository, branch)
    if not (name or upstream):
        short = branch.removeprefix(BRANCH)
        command = typed(
            "git", "-C", repository.top, "branch", f"--set-upstream-to={remote or 'origin'}/{short}"
        )
        message = f"{short} follows no branch of a remote"
        raise RefusedError(
            "no-upstream", message, f"Say which, `{command}`, or name one: --to REF."
        )
    if with_fetch and remote:
        fetch_from(repository, remote)
    new = (
        _named(repository, name, remote, with_fetch=with_fetch)
        if name
        else repository.commit(upstream)
    )
    if not new:
        message = f"{branch.removeprefix(BRANCH)} follows {upstream}, which is not there"
        raise RefusedError("no-upstream", message, "Name another one: --to REF.")
    return _forward(repository, Goal(branch, old, new), named=bool(name))


def _followed(repository: Repository, branch: str) -> tuple[str, str]:
    """The branch that a branch follows, and the remote to fetch from (empty: none)."""
    asked = "--format=%(upstream)%00%(upstream:remotename)"
    upstream, _, remote = repository.ask("for-each-ref", asked, branch).partition("\0")
    if remote == ".":  # a branch of this repository
        return upstream, ""
    remotes = repository.ask("remote").splitlines()
    others = ("origin", *remotes[:1]) if len(remotes) == 1 else ("origin",)
    return upstream, remote or next((one for one in others if one in remotes), "")


def _named(repository: Repository, name: str, remote: str, *, with_fetch: bool) -> str:
    unknown = UsageError(
        "unknown-commit", f"there is no commit {name!r}", "--to takes a tag, a branch or a commit."
    )
    if name.startswith("-"):
        raise unknown
    # The remote's branch first: of the same name here is, as a rule, the one that is checked out.
    places = (f"refs/tags/{name}", *([f"refs/remotes/{remote}/{name}"] if remote else []), name)
    found = next(filter(None, map(repository.commit, places)), "")
    if found or not (with_fetch and remote):
        if not found:
            raise unknown
        return found
    if repository.attempt("check-ref-format", "--allow-onelevel", name)[0]:
        raise unknown
    fetch_from(repository, remote, name)  # a tag that no fetched branch leads to
    return repository.commit("FETCH_HEAD")


def _forward(repository: Repository, goal: Goal, *, named: bool) -> Goal:
    if repository.is_ancestor(goal.old, goal.new):
        return goal
    if not repository.is_ancestor(goal.new, goal.old):
        raise RefusedError("diverged", _message(goal, "have diverged"), _recipe(repository))
    if named:
        raise RefusedError("not-forward", _message(goal, "are no way forward"), _recipe(repository))
    return Goal(goal.branch, goal.old, goal.old)  # there are commits here that the remote lacks


def _message(goal: Goal, how: str) -> str:
    short = goal.branch.removeprefix(BRANCH)
    return f"{short} at {goal.old[:SHOWN]} and {goal.new[:SHOWN]} {how}"


def _recipe(repository: Repository) -> str:
    first, last = (
        typed("ttsopt", "rollback", repository.top),
        typed("ttsopt", "reapply", repository.top),
    )
    return f"`{first}`, bring git where you want it, and `{last}`."
