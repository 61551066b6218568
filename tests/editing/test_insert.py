from __future__ import annotations

from collections.abc import Callable

import pytest

from ttsopt.domain.edits import EnsureImport, Insert
from ttsopt.domain.patch import Edit
from ttsopt.domain.plan import EditAnswer, Status
from ttsopt.editing.compose import compose_checked
from ttsopt.editing.resolve import resolve

Patched = Callable[..., bytes]
Answer = Callable[[str | bytes, Edit], EditAnswer]


def after(anchor: str, code: str, scope: str = "", pick: str = "last") -> Insert:
    return Insert(code=code, anchors=(anchor,), place="after", pick=pick, scope=scope)


def before(anchor: str, code: str, scope: str = "", pick: str = "first") -> Insert:
    return Insert(code=code, anchors=(anchor,), place="before", pick=pick, scope=scope)


@pytest.mark.parametrize(
    ("source", "edit", "expected"),
    [
        ("import torch\nx = 1\n", after("import torch", "y = 2"), "import torch\ny = 2\nx = 1\n"),
        ("x = 1\n", before("x = $_", "y = 2"), "y = 2\nx = 1\n"),
        ("x = 1", after("x = $_", "y = 2"), "x = 1\ny = 2"),
        ("x = 1\r\nz = 3", after("z = $_", "y = 2\ny += 1"), "x = 1\r\nz = 3\r\ny = 2\r\ny += 1"),
        ("x = 1\nx = 1\n", after("x = $_", "y = 2"), "x = 1\nx = 1\ny = 2\n"),
        ("x = 1\nx = 1\n", after("x = $_", "y = 2", pick="first"), "x = 1\ny = 2\nx = 1\n"),
        ("f(\n  1,\n)  # c\nz = 3\n", after("f($_)", "y = 2"), "f(\n  1,\n)  # c\ny = 2\nz = 3\n"),
        ("if a:\n\tb()\n", after("b()", "if c:\n    d()"), "if a:\n\tb()\n\tif c:\n\t\td()\n"),
        ("\ufeffif a:\r\n\tx = '🎙'", after("x = $_", "y = 2"), "\ufeffif a:\r\n\tx = '🎙'\r\n\ty = 2"),
        ("if f(a):\n    b()\nc()\n", after("f($_)", "y = 2"), "if f(a):\n    b()\ny = 2\nc()\n"),
    ],
)  # fmt: skip
def test_lines_are_laid_out_as_their_neighbours(
    patched: Patched, source: str, edit: Insert, expected: str
) -> None:
    assert patched(source, edit) == expected.encode()


def test_before_a_decorated_definition_means_before_its_decorators(patched: Patched) -> None:
    edit = before("@a\n@b(1)\ndef f(): pass", "y = 2")
    assert patched("@a\n@b(1)\ndef f(): pass\n", edit) == b"y = 2\n@a\n@b(1)\ndef f(): pass\n"


def test_first_anchor_that_is_there_counts(patched: Patched) -> None:
    edit = Insert(code="y = 2", anchors=("import c", "import b"), place="after", pick="last")
    assert patched("import a\nimport b\nx = 1\n", edit) == b"import a\nimport b\ny = 2\nx = 1\n"


@pytest.mark.parametrize(
    "source",
    ["a = 1; x = 1\n", "x = 1; a = 1\n", "if a: x = 1\n", "if a:\n    pass\nelif x:\n    pass\n"],
)
def test_refused_where_no_line_can_be_added(answer: Answer, source: str) -> None:
    anchor = "if x: pass" if "elif" in source else "x = 1"
    found = answer(source, before(anchor, "y = 2"))
    assert found.status is Status.REFUSED
    assert found.nearest


def test_already_where_all_statements_are(answer: Answer) -> None:
    edit = after("x = 1", "y = f(**k)\nz = 'a'")
    assert answer('x = 1\nz = "a"\ny = f(**k)\n', edit).status is Status.ALREADY
    assert answer('x = 1\nz = "a"\n', edit).status is Status.APPLIED


def test_absent_without_anchor_and_refused_near_one(answer: Answer) -> None:
    edit = after("x.threads = 1", "y = 2")
    assert answer("z = 1\n", edit).status is Status.ABSENT
    found = answer("z = 1\nx.threads = 4\n", edit)
    assert (found.status, found.line, found.nearest) == (Status.REFUSED, 2, "x.threads = 4")


def test_several_insertions_at_one_place_keep_the_order_of_the_edits(patched: Patched) -> None:
    edits = [after("import a", "z = 1"), after("import a", "b = z"), after("import a", "a.go(b)")]
    assert patched("import a\n", *edits) == b"import a\nz = 1\nb = z\na.go(b)\n"
    assert patched("import a", *edits) == b"import a\nz = 1\nb = z\na.go(b)"


def test_at_one_place_the_deeper_block_comes_first(patched: Patched) -> None:
    source = "if a:\n    x = 1\ny = 1\n"
    edits = [before("y = 1", "z = 3"), after("x = 1", "z = 2")]
    assert patched(source, *edits) == b"if a:\n    x = 1\n    z = 2\nz = 3\ny = 1\n"


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("import sys\n", "import os\nimport sys\n"),
        ("", "import os\n"),
        ("x = f()\nimport sys\n", "import os\nx = f()\nimport sys\n"),
        ("import sys; x = f()\n", "import os\nimport sys; x = f()\n"),
        ("# words\n", "import os\n# words\n"),
        ("x = 1", "import os\nx = 1"),
        ('"""Doc."""\nx = 1\n', '"""Doc."""\nimport os\nx = 1\n'),
        ('"""Doc."""', '"""Doc."""\nimport os'),
        ('"""Doc."""; import sys\nimport re\n', '"""Doc."""; import sys\nimport os\nimport re\n'),
        ("from __future__ import annotations", "from __future__ import annotations\nimport os"),
        (
            '"""D"""\nfrom __future__ import annotations\n\nimport sys\n',
            '"""D"""\nfrom __future__ import annotations\n\nimport os\nimport sys\n',
        ),
        ("#!/usr/bin/env python\nx = 1\n", "#!/usr/bin/env python\nimport os\nx = 1\n"),
        ("#!/bin/x\n# coding: latin-1\nx = 1\n", "#!/bin/x\n# coding: latin-1\nimport os\nx = 1\n"),
        ("# us\n# -*- coding: utf-8 -*-", "# us\n# -*- coding: utf-8 -*-\nimport os"),
        ("import sys; import re\n", "import os\nimport sys; import re\n"),
        ("try:\n    import os\nexcept E:\n    pass\n", "import os\ntry:\n    import os\nexcept E:\n    pass\n"),
    ],
)  # fmt: skip
def test_an_import_comes_before_the_others_and_behind_the_head(
    patched: Patched, source: str, expected: str
) -> None:
    assert patched(source, EnsureImport(statement="import os")) == expected.encode()


@pytest.mark.parametrize(
    ("there", "wanted", "status"),
    [
        ("import os", "import os", Status.ALREADY),
        ("import sys, os", "import os", Status.ALREADY),
        ("import os as o", "import os", Status.APPLIED),
        ("from a.b import c, d as e", "from a.b import c", Status.ALREADY),
        ("from a.b import c as d", "from a.b import c", Status.APPLIED),
        ("from .b import c", "from b import c", Status.APPLIED),
        ("def f():\n    import os", "import os", Status.APPLIED),
    ],
)
def test_an_import_that_gives_the_names_is_enough(
    answer: Answer, there: str, wanted: str, status: Status
) -> None:
    assert answer(f"{there}\n", EnsureImport(statement=wanted)).status is status


def test_an_import_that_two_patches_need_is_made_once_and_stays_for_the_other() -> None:
    raw = b"x = 1\nz = 1\n"
    os = EnsureImport(statement="import os")
    one = resolve("a.py", raw, [os, before("x = 1", "a = os")]).splices
    other = resolve("a.py", raw, [os, after("z = 1", "b = os")]).splices
    assert compose_checked("a.py", raw, [*one, *other]).count(b"import os") == 1
    assert compose_checked("a.py", raw, other) == b"import os\nx = 1\nz = 1\nb = os\n"


def test_at_one_place_an_import_comes_before_what_uses_it(patched: Patched) -> None:
    edits = [before("x = 1", "a = os"), EnsureImport(statement="import os")]
    assert patched("x = 1\n", *edits) == b"import os\na = os\nx = 1\n"
