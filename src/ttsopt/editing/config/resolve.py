"""Edits of a YAML or TOML file: what each finds, as answers and as splices of the file's own bytes."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import PurePath
from typing import TYPE_CHECKING

from ttsopt.domain.patch import Edit
from ttsopt.domain.plan import EditAnswer, Splice, Status
from ttsopt.editing.config.operations import CONFIG_OPERATIONS
from ttsopt.editing.config.parse import is_toml, parse_config
from ttsopt.editing.config.text import Change, ConfigText, Look, key_parts
from ttsopt.editing.resolution import Resolution
from ttsopt.editing.unparsable import PatternError, within_depth

if TYPE_CHECKING:
    from ttsopt.editing.config.toml_edit import TomlSource
    from ttsopt.editing.config.yaml_source import YamlSource


def resolve_config(path: str, raw: bytes, edits: Sequence[Edit]) -> Resolution:
    """Resolve edits against a config file's original bytes; no edit sees what another one puts in.

    Raises:
        UnparsableError: The file is not of the language that its name says.
        PatternError: An edit is none for such a file, or its key or a value is wrong in itself.
    """
    with within_depth():
        source = parse_config(path, raw)
        rows = [(edit, _look(path, source, edit)) for edit in edits]
    answers = tuple(_answer(edit, look) for edit, look in rows)
    changes = [
        look.change
        for (_, look), answer in zip(rows, answers, strict=True)
        if look.change and answer.status is Status.APPLIED
    ]
    return Resolution(answers, _splices(source.config, changes))


def holds_key(path: str, raw: bytes, key: str) -> bool:
    """Return True if a config file has a dotted key.

    Raises:
        UnparsableError: The file is not of the language that its name says.
        PatternError: It is no dotted key.
    """
    parts = key_parts(key)
    with within_depth():
        if is_toml(path):
            from ttsopt.editing.config.toml_edit import holds_toml_key, parse_toml

            return holds_toml_key(parse_toml(raw), parts)
        from ttsopt.editing.config.yaml_edit import holds_yaml_key
        from ttsopt.editing.config.yaml_source import parse_yaml

        return holds_yaml_key(parse_yaml(raw), parts)


def _look(path: str, source: YamlSource | TomlSource, edit: Edit) -> Look:
    operation = CONFIG_OPERATIONS.get(type(edit))
    if operation is None or operation.toml != is_toml(path):
        raise PatternError(f"no edit for {PurePath(path).name}: {edit.describe()}")
    return operation.look(source, edit)


def _answer(edit: Edit, look: Look) -> EditAnswer:
    """The look as an answer; a key is in one place, so that any other number expected is a refusal."""
    answer = partial(EditAnswer, what=edit.describe(), looked_for=edit.looked_for(), line=look.line)
    wanted = edit.minimum <= 1 and (edit.maximum is None or edit.maximum >= 1)
    if look.status in {Status.APPLIED, Status.ALREADY} and not wanted:
        reason = "found 1 place, and a key is never in any other number of them"
        return answer(Status.REFUSED, reason=reason)
    return answer(look.status, reason=look.reason, nearest=look.nearest, difference=look.difference)


def _splices(config: ConfigText, changes: Sequence[Change]) -> tuple[Splice, ...]:
    """Changes as splices; keys that are added at one place come as one, in the order of their edits."""
    added: dict[int, str] = {}
    for change in dict.fromkeys(changes):
        if change.start == change.end:
            added[change.start] = added.get(change.start, "") + change.text
    joined = [Change(start, start, text) for start, text in added.items()]
    others = [change for change in changes if change.start != change.end]
    return tuple(sorted({config.splice(change) for change in [*joined, *others]}))
