"""Content of every language that is nested beyond what any reader of it may follow."""

from __future__ import annotations

DEEP = {
    "json": b"[" * 100_000 + b"]" * 100_000,
    "json just read": b'{"a":' * 800 + b"1" + b"}" * 800,
    "toml": b"a = " + b"[" * 100_000 + b"]" * 100_000 + b"\n",
    "toml just read": b"a = " + b"[" * 300 + b"]" * 300 + b"\n",
    "toml dots": b"a" + b".a" * 5_000 + b" = 1\n",
    "yaml": b"[" * 100_000 + b"\n",
    "yaml laughs": b"a0: &a0 [x, x]\n"
    + b"".join(
        b"a%d: &a%d [%s]\n" % (n, n, b", ".join([b"*a%d" % (n - 1)] * 9)) for n in range(1, 12)
    ),
    "yaml chain": b"a0: &a0 {x: 1}\n"
    + b"".join(b"a%d: &a%d {<<: *a%d}\n" % (n, n, n - 1) for n in range(1, 3000)),
    "python": b"x = " + b"(" * 100_000 + b")" * 100_000 + b"\n",
    "python operators": b"x = " + b"-" * 20_000 + b"1\n",
    "python attributes": b"x = a" + b".b" * 20_000 + b"\n",
    "python calls": b"x = a" + b"()" * 2_000 + b"\n",
    "diff": b"--- a/x\n+++ b/x\n@@ -1 +1 @@\n-" + b"[" * 100_000 + b"\n+x\n",
}
