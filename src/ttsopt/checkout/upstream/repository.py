"""Facts that the git repository of a checkout tells: commits, trees, the index; nothing is written.

Answers are taken from plumbing commands that run no filter, no hook and no program of the repository's own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ttsopt.boundary.git import run_git
from ttsopt.domain.typed_command import typed
from ttsopt.errors import CannotRunError, RefusedError

SUBMODULE = "160000"
LINK = "120000"
EXECUTABLE = "100755"
SECONDS = 60.0
AT_ONCE = 200  # arguments of one command line
COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
# Settings by which a repository's own configuration would have a fetch or a merge start a program.
_PROGRAMS = re.compile(
    r"core\.(sshcommand|gitproxy|askpass|alternaterefscommand)|credential\.(.*\.)?helper"
    r"|remote\..*\.(uploadpack|receivepack|vcs)|gpg\.(.*\.)?program",
    re.IGNORECASE,
)
_UNFINISHED = {
    "MERGE_HEAD": "a merge",
    "CHERRY_PICK_HEAD": "a cherry-pick",
    "REVERT_HEAD": "a revert",
    "rebase-merge": "a rebase",
    "rebase-apply": "a rebase",
}


@dataclass(frozen=True, slots=True)
class Entry:
    """A file of a commit or of the index: its mode and object id as git prints them.

    `size` in bytes is known of a commit's; `skipped` (not checked out) of the index's.
    """

    mode: str
    id: str
    size: int = field(default=0, compare=False)
    skipped: bool = field(default=False, compare=False)


Tree = Mapping[str, Entry]


@dataclass(frozen=True, slots=True)
class Repository:
    """A repository whose work tree is the folder `top`.

    `programs` are settings of its own configuration by which git would start programs of others: with any, nothing
    is fetched.
    """

    top: Path
    git_folder: Path
    programs: tuple[str, ...] = ()

    def ask(self, *arguments: str) -> str:
        """Return what git prints.

        Raises:
            CannotRunError: There is no git, or it fails.
        """
        return _text(self.read(*arguments)).strip("\n")

    def read(self, *arguments: str, network: bool = False, seconds: float = SECONDS) -> bytes:
        """The same as bytes; with `network`, remotes may be reached unless `programs` are named.

        Raises:
            CannotRunError: As `ask`.
        """
        status, output, said = self.attempt(*arguments, network=network, seconds=seconds)
        if status:
            name = next(word for word in arguments if not word.startswith("-") and "=" not in word)
            message = f"git {name} fails in {self.top}: {said or f'status {status}'}"
            raise CannotRunError(
                "git-failed", message, "Put that right, and run the command again."
            )
        return output

    def attempt(
        self,
        *arguments: str,
        environment: Mapping[str, str] | None = None,
        network: bool = False,
        seconds: float = SECONDS,
    ) -> tuple[int, bytes, str]:
        """Return git's exit status, what it prints, and what it says on standard error.

        Raises:
            CannotRunError: There is no git, or it takes longer than `seconds`.
        """
        allowed = network and not self.programs
        try:
            done = run_git(
                self.top, *arguments, environment=environment, network=allowed, seconds=seconds
            )
        except OSError as error:
            message = f"git cannot be run in {self.top}: {error}"
            raise CannotRunError("no-git", message, "Install git, or wait for it.") from error
        return done.returncode, done.stdout, _text(done.stderr).strip()

    def commit(self, name: str) -> str:
        """Return the id of the commit that a name stands for; empty where it stands for none."""
        asked = ("rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
        status, output, _ = self.attempt(*asked)
        found = _text(output).strip()
        return found if status == 0 and COMMIT.fullmatch(found) else ""

    def branch(self) -> str:
        """Return the full name of the branch that is checked out; empty without one."""
        status, output, _ = self.attempt("symbolic-ref", "--quiet", "HEAD")
        return _text(output).strip() if status == 0 else ""

    def setting(self, name: str) -> str:
        """Return a value of git's configuration; empty where it is not set."""
        status, output, _ = self.attempt("config", "--get", name)
        return _text(output).strip("\n") if status == 0 else ""

    def is_ancestor(self, old: str, new: str) -> bool:
        """True if one commit leads to another, or is the same."""
        return self.attempt("merge-base", "--is-ancestor", old, new)[0] == 0

    def tree(self, commit: str) -> dict[str, Entry]:
        """Return the files of a commit by their paths from the top."""
        # With the size: a partial clone may have to ask its remote for that.
        listed = _rows(self.read("ls-tree", "-r", "-l", "-z", commit, network=True))
        found = {}
        for head, _, path in (row.partition("\t") for row in listed):
            mode, _, name, size = head.split()
            found[path] = Entry(mode, name, int(size) if size.isdecimal() else 0)
        return found

    def index(self) -> dict[str, Entry]:
        """Return the files of the index; one that is in conflict has an empty id."""
        rows = (row.partition("\t") for row in _rows(self.read("ls-files", "-s", "-t", "-z")))
        found = {}
        for head, _, path in rows:
            tag, mode, name, stage = head.split()
            found[path] = Entry(mode, name if stage == "0" else "", skipped=tag == "S")
        return found

    def blob(self, name: str) -> bytes:
        """Return the bytes of a stored file, as they are stored."""
        return self.read("cat-file", "blob", name, network=True)

    def filtered(self, paths: Sequence[str]) -> Iterator[tuple[str, str]]:
        """Give the files that a filter is set for, as the attributes in the work tree have it, with its name."""
        for start in range(0, len(paths), AT_ONCE):
            some = paths[start : start + AT_ONCE]
            rows = _rows(self.read("check-attr", "-z", "filter", "--", *some))
            for path, _, value in zip(rows[::3], rows[1::3], rows[2::3], strict=True):
                if value not in {"unspecified", "unset"}:
                    yield path, value

    def refuse_busy(self) -> None:
        """Check that git is in the middle of nothing.

        Raises:
            RefusedError: It is.
        """
        for name, what in _UNFINISHED.items():
            if (self.git_folder / name).exists():
                message = f"{what} is unfinished in {self.top}"
                hint = f"See `{typed('git', '-C', self.top, 'status')}`; end it first."
                raise RefusedError("git-busy", message, hint)
        lock = self.git_folder / "index.lock"
        if lock.exists():
            message = f"git is at work in {self.top}, or was stopped: {lock} is there"
            hint = "If no git is running there, delete that file; then run the command again."
            raise RefusedError("git-busy", message, hint)


def open_repository(top: Path) -> Repository:
    """Return the repository whose work tree begins at a folder.

    Raises:
        RefusedError: There is none, or it begins elsewhere.
        CannotRunError: There is no git.
    """
    probe = Repository(top, top / ".git", programs=("not known yet",))
    asked = ("rev-parse", "--show-toplevel", "--absolute-git-dir")
    status, output, said = probe.attempt(*asked)
    lines = _text(output).splitlines()
    if status or len(lines) != len(asked) - 1 or Path(lines[0]).resolve() != top:
        where = f": {said}" if said else f": its work tree begins at {lines[0]}" if lines else ""
        message = f"{top} is not the top of a git checkout{where}"
        hint = "Roll back, put the new version there, and `ttsopt reapply`."
        raise RefusedError("no-repository", message, hint)
    listed = probe.read("config", "--show-scope", "--includes", "-z", "--list")
    return Repository(top, Path(lines[1]), tuple(_programs(_rows(listed))))


def _programs(rows: Sequence[str]) -> Iterator[str]:
    """Settings that name programs and are the repository's own, not the user's."""
    for scope, setting in zip(rows[::2], rows[1::2], strict=False):
        name = setting.partition("\n")[0]
        if scope in {"local", "worktree"} and _PROGRAMS.fullmatch(name):
            yield name


def _rows(data: bytes) -> list[str]:
    return _text(data).split("\0")[:-1]


def _text(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")
