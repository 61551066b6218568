"""Operations by their schemas: what they write, draw at random, and let Python see. Loaded by worker.py."""

from __future__ import annotations

from typing import Any, Dict, List, Tuple

# Bits of a row. USED: it counts as used whatever becomes of its results. WAIT: Python waits for its result.
USED, RANDOM, WAIT, COPY, GRADIENT, CONSTANT, OPAQUE, VIEW = (1 << bit for bit in range(8))
# A row of Python's: it read values (`numpy()`), and took no time of its own.
SEEN = 1 << 8
# Without it, all that it does is to give memory.
FACTORY = 1 << 9

# Namespaces of which schemas are the whole truth; custom operations may do anything.
TRUSTED = ("aten", "prims")
# Shapes of results depend on values, and Python sees shapes.
BY_VALUE = {
    "nonzero",
    "masked_select",
    "unique_dim",
    "unique_consecutive",
    "unique_dim_consecutive",
    "_unique",
    "_unique2",
    "argwhere",
    "bincount",
    "repeat_interleave",
    "nonzero_numpy",
    "histc",
}
# They give their first argument new contents, and read nothing of the old ones.
OVERWRITES = {"copy_", "fill_", "zero_", "normal_", "uniform_", "exponential_", "random_"}
# They change what a tensor is, not what it holds.
REBINDS = {"set_", "resize_", "resize_as_", "_resize_output_"}
# They change how a tensor lies on its storage, and write nothing.
RESHAPES = {
    "detach_",
    "squeeze_",
    "unsqueeze_",
    "t_",
    "transpose_",
    "swapaxes_",
    "swapdims_",
    "as_strided_",
}
COPIES = {"clone", "_to_copy", "contiguous", "to"}
PLAIN = (bool, int, float, complex, str, bytes, type(None))
DRAWS = {
    "bernoulli",
    "bernoulli_",
    "cauchy_",
    "dropout",
    "exponential_",
    "geometric_",
    "log_normal_",
    "multinomial",
    "native_dropout",
    "normal",
    "normal_",
    "poisson",
    "rand",
    "rand_like",
    "randint",
    "randint_like",
    "randn",
    "randn_like",
    "random_",
    "randperm",
    "rrelu_with_noise",
    "uniform_",
}


class Operation:
    """Facts of one overload of an operation.

    `writes`: (position, name, is it an `out=`) of arguments that it writes.
    """

    __slots__ = (
        "by_value",
        "draws",
        "is_copy",
        "is_custom",
        "name",
        "overwrites",
        "rebinds",
        "writes",
    )

    def __init__(self, func: Any) -> None:
        schema = func._schema  # noqa: SLF001
        space, _, base = schema.name.partition("::")
        self.name = str(func)
        self.writes: List[Tuple[int, str, bool]] = [
            (position, argument.name, bool(getattr(argument, "is_out", argument.kwarg_only)))
            for position, argument in enumerate(schema.arguments)
            if argument.alias_info is not None
            and argument.alias_info.is_write
            and base not in RESHAPES
        ]
        self.is_custom = space not in TRUSTED
        self.overwrites, self.rebinds = base in OVERWRITES, base in REBINDS
        self.is_copy = base in COPIES
        self.draws = base in DRAWS or _seeded(func)
        # `repeat_interleave(x, 2)`: a plain number says how often.
        self.by_value = base in BY_VALUE and schema.overload_name != "self_int"

    def written(self, args: Tuple[Any, ...], kwargs: Dict[str, Any]) -> List[Tuple[Any, bool]]:
        """The arguments that a call writes, and for each whether nothing of its old contents is read."""
        found = []
        for position, name, is_out in self.writes:
            given = args[position] if position < len(args) else kwargs.get(name)
            replaced = is_out or (self.overwrites and position == 0)
            rows = given if isinstance(given, (list, tuple)) else (given,)
            found += [(one, replaced) for one in rows if one is not None]
        return found


def _seeded(func: Any) -> bool:
    import torch

    tag = getattr(getattr(torch, "Tag", None), "nondeterministic_seeded", None)
    return tag is not None and tag in getattr(func, "tags", ())


def has_number(torch: Any, value: Any) -> bool:
    """True if a result holds something that Python sees at once: a number, a bool."""
    if isinstance(value, (list, tuple)):
        return any(has_number(torch, one) for one in value)
    return value is not None and not isinstance(value, torch.Tensor)


def tensors_of(torch: Any, value: Any, found: List[Any]) -> str:
    """Collect the tensors in arguments or results; return the rest as text, in which a tensor is its place."""
    if isinstance(value, torch.Tensor):
        found.append(value)
        return "<%d>" % (len(found) - 1)
    if isinstance(value, (list, tuple)):
        return "[%s]" % ",".join([tensors_of(torch, one, found) for one in value])
    if isinstance(value, dict):
        rows = ["%s=%s" % (name, tensors_of(torch, one, found)) for name, one in value.items()]
        return "{%s}" % ",".join(rows)
    plain = (*PLAIN, torch.dtype, torch.device, torch.layout, torch.memory_format)
    # Of a storage, repr would print every byte.
    return repr(value) if isinstance(value, plain) else "%s %d" % (type(value).__name__, id(value))
