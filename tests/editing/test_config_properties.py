"""What holds for every config file: against data that is changed apart from the engine, by PyYAML and tomllib."""

from __future__ import annotations

import tomllib

import yaml
from config_documents import (
    Tree,
    changed,
    dotted,
    exact,
    paths,
    toml_lines,
    toml_text,
    trees,
    yaml_lines,
)
from examples import examples
from hypothesis import assume, given
from hypothesis import strategies as st

from ttsopt.domain.edits import SetToml, SetYaml
from ttsopt.domain.plan import Status
from ttsopt.editing.compose import compose
from ttsopt.editing.resolve import resolve

NEW = ["true", "3", "0.25", '"新 值: #"', "[1, 2]"]


def kept_but_for_the_splice(raw: bytes, out: bytes, start: int, end: int) -> bool:
    behind = len(raw) - end
    return out[:start] == raw[:start] and out[len(out) - behind :] == raw[end:]


@examples(100)
@given(
    st.data(),
    trees,
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
    st.sampled_from(["\n", "\r\n"]),
    st.booleans(),
)
def test_a_yaml_key_changes_and_nothing_else(
    data: st.DataObject, tree: Tree, codec: str, newline: str, ended: bool
) -> None:
    text = "\n".join(yaml_lines(data, tree, 0)) + "\n" * ended
    raw = text.replace("\n", newline).encode(codec)
    try:
        loaded = yaml.safe_load(raw)
    except yaml.YAMLError:
        assume(False)  # the layouts above do not all fit together
    # Nor do all that can be read mean what they were drawn from: two keys of one name, in a mapping too deep.
    assume(exact(loaded) == exact(tree))
    path, old = data.draw(st.sampled_from(list(paths(loaded))))
    new = data.draw(st.sampled_from(NEW))
    old_text = yaml.safe_dump(old, default_flow_style=True, allow_unicode=True, width=10**6)
    edit = SetYaml(key=dotted(path), old=(old_text.removesuffix("...\n"),), new=new)
    resolution = resolve("x.yaml", raw, [edit])
    if exact(old) == exact(yaml.safe_load(new)):
        assert resolution.answers[0].status is Status.ALREADY
        return
    assert resolution.answers[0].status is Status.APPLIED, (text, edit, resolution.answers)
    (splice,) = resolution.splices
    out = compose(raw, resolution.splices)
    assert exact(yaml.safe_load(out)) == exact(changed(loaded, path, yaml.safe_load(new)))
    assert kept_but_for_the_splice(raw, out, splice.start, splice.end)
    again = resolve("x.yaml", out, [edit])
    assert (again.answers[0].status, again.splices) == (Status.ALREADY, ())


@examples(100)
@given(st.data(), trees, st.sampled_from(["\n", "\r\n"]), st.booleans())
def test_a_yaml_key_is_added_and_nothing_else(
    data: st.DataObject, tree: Tree, newline: str, ended: bool
) -> None:
    text = "\n".join(yaml_lines(data, tree, 0)) + "\n" * ended
    raw = text.replace("\n", newline).encode()
    try:
        loaded = yaml.safe_load(raw)
    except yaml.YAMLError:
        assume(False)
    mappings = [path for path, value in paths({0: loaded}) if isinstance(value, dict) and value]
    path = (*data.draw(st.sampled_from(mappings))[1:], "added")
    edit = SetYaml(key=dotted(path), old=(), new="[1]", add=True)
    resolution = resolve("x.yaml", raw, [edit])
    if resolution.answers[0].status is Status.REFUSED:
        # A text that runs to the end of a file without a line end would gain one.
        assert not ended
        assert "|" in text
        return
    out = compose(raw, resolution.splices)
    assert exact(yaml.safe_load(out)) == exact(changed(loaded, path, [1]))
    assert b"\n" not in out.replace(b"\r\n", b"") or newline == "\n" or "\n" not in text
    assert resolve("x.yaml", out, [edit]).answers[0].status is Status.ALREADY


@examples(100)
@given(st.data(), trees, st.booleans(), st.sampled_from(["\n", "\r\n"]), st.booleans())
def test_a_toml_key_changes_and_nothing_else(
    data: st.DataObject, tree: Tree, bom: bool, newline: str, ended: bool
) -> None:
    text = "\n".join(toml_lines(data, tree)) + "\n" * ended
    raw = text.replace("\n", newline).encode("utf-8-sig" if bom else "utf-8")
    assert tomllib.loads(text) == tree
    path, old = data.draw(st.sampled_from(list(paths(tree))))
    new = data.draw(st.sampled_from(NEW))
    value = tomllib.loads(f"v = {new}")["v"]
    edit = SetToml(key=dotted(path), old=(toml_text(old),), new=new)
    resolution = resolve("x.toml", raw, [edit])
    if resolution.answers[0].status is Status.REFUSED:
        assert isinstance(old, dict)  # a table whose text is not in one place
        return
    out = compose(raw, resolution.splices)
    assert exact(tomllib.loads(out.decode("utf-8-sig"))) == exact(
        changed(tomllib.loads(text), path, value)
    )
    again = resolve("x.toml", out, [edit])
    assert (again.answers[0].status, again.splices) == (Status.ALREADY, ())
    for splice in resolution.splices:
        assert kept_but_for_the_splice(raw, out, splice.start, splice.end)
