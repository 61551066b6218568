"""Project relative positions once, not all of them again for every token.

Laid out by ttsopt beside the file that uses it; needs Python 3.8 and torch. TTSOPT_KEPT_POSITIONS=0 in the
environment turns it off, at any time.

What relative attention projects is a stretch of one table of positions, longer by a row on each side for each
key that is added. A projected row depends on nothing but that table and the weight: rows are kept beside the
projection, and only those that are new are computed, some ahead of time. How a product rounds may depend on how
many rows it has, so results are close, not exact.

Left alone: gradients, tracing, compiling, projections with hooks, positions that are no stretch of a table,
stretches of more than MOST rows. Left alone, too, is a projection that was never asked for one stretch and then
for the same with a row more on each side, as from one token to the next: one that is asked once for a text or a
chunk would save little, and keep much.
"""

# ruff: noqa: SLF001 - torch's tracing, hooks and versions of tensors have no public names

import os
import weakref

import torch

SWITCH = "TTSOPT_KEPT_POSITIONS"
_OFF = {"0", "off", "no", "false"}
AHEAD = 64  # rows on a side that are computed before they are asked for
MOST = 8192  # rows that are kept of a projection: 32 MB of 1024 float32 numbers
AXES = 3

_kept = weakref.WeakKeyDictionary()
_asked = weakref.WeakKeyDictionary()  # projection -> first and end of the stretch before


class _Rows:
    """Projected rows (1, rows, width) of `table`, from row `first`.

    `held` are the tensors that they are made of: nothing else gets their addresses.
    """

    def __init__(self, stamp, held, table, first, rows):
        self.stamp, self.held, self.table, self.first, self.rows = stamp, held, table, first, rows

    def reaching(self, projection, first, end):
        """The same rows and those that lack from `first` to `end`, with some ahead on the sides that grow."""
        start, stop, size = self.first, self.first + self.rows.size(1), self.table.size(1)
        low = max(0, first - AHEAD) if first < start else start
        high = min(size, end + AHEAD) if end > stop else stop
        if (low, high) == (start, stop):
            return self
        parts = [self.rows]
        if low < start:
            parts.insert(0, projection(self.table[:, low:start]))
        if high > stop:
            parts.append(projection(self.table[:, stop:high]))
        return _Rows(self.stamp, self.held, self.table, low, torch.cat(parts, dim=1))


def projected(projection, positions):
    """`projection(positions)` of `positions` (1, rows, width), but for rounding; nobody may write to it."""
    table = _table_of(positions) if _can_be_kept(projection) else None
    if table is None:
        return projection(positions)
    first, rows = positions.storage_offset() // table.size(2), positions.size(1)
    kept = _kept.get(projection)
    if kept is None and not _grows(projection, first, first + rows):
        return projection(positions)
    held = (table, *projection.parameters(), *projection.buffers())
    stamp = _stamp(held)
    if kept is None or kept.stamp != stamp or _too_many(kept, first, rows):
        if rows > MOST:
            return projection(positions)
        kept = _Rows(stamp, held, table, first, projection(positions))
    else:
        kept = kept.reaching(projection, first, first + rows)
    _kept[projection] = kept
    return kept.rows[:, first - kept.first : first - kept.first + rows]


def _grows(projection, first, end):
    """True if this stretch is the one before and a row more on each side."""
    before = _asked.get(projection)
    _asked[projection] = (first, end)
    return before == (first + 1, end - 1)


def _too_many(kept, first, rows):
    low, high = min(kept.first, first), max(kept.first + kept.rows.size(1), first + rows)
    return high - low + 2 * AHEAD > MOST


def _can_be_kept(projection):
    if os.environ.get(SWITCH, "").strip().lower() in _OFF or torch.is_grad_enabled():
        return False
    if not isinstance(projection, torch.nn.Linear) or "forward" in vars(projection):
        return False
    compiler = getattr(getattr(torch, "compiler", None), "is_compiling", None)
    followed = torch._C._get_tracing_state() is not None or bool(compiler and compiler())
    return not (followed or projection._forward_hooks or projection._forward_pre_hooks)


def _table_of(positions):
    """All rows of the memory that `positions` are a stretch of; None where they are no stretch of rows."""
    if positions.dim() != AXES or positions.size(0) != 1 or not positions.numel():
        return None
    _, rows, width = positions.shape
    if positions.stride()[1:] != (width, 1) or positions.storage_offset() % width:
        return None
    size = _bytes_of(positions) // positions.element_size() // width
    if size <= rows:
        return None
    return positions.as_strided((1, size, width), (size * width, width, 1), 0)


def _bytes_of(tensor):
    if hasattr(tensor, "untyped_storage"):
        return tensor.untyped_storage().nbytes()
    return tensor.storage().size() * tensor.element_size()  # before torch 2.0


def _stamp(tensors):
    """Facts of which one changes when the results would; the first tensor is the table."""
    device = tensors[0].device
    stream = torch.cuda.current_stream(device).cuda_stream if device.type == "cuda" else None
    return tuple(map(_state, tensors)), _autocast(device.type), stream


def _state(tensor):
    version = 0 if tensor.is_inference() else tensor._version
    return (tensor.data_ptr(), tensor.dtype, tensor.device, tuple(tensor.shape), version)


def _autocast(kind):
    """The type that products are cast to, if any."""
    try:
        return torch.is_autocast_enabled(kind) and torch.get_autocast_dtype(kind)
    except TypeError:  # before torch 2.4
        if kind == "cpu":
            return torch.is_autocast_cpu_enabled() and torch.get_autocast_cpu_dtype()
        return torch.is_autocast_enabled() and torch.get_autocast_gpu_dtype()
