"""Decode one token after the other with keys and values that stay where they are, as CUDA graphs.

A decoder's step launches some hundred small operations a token, and copies all keys and values to put one row
behind them. `Steps` keeps them in slots: buffers of a fixed size, in which a step writes one row at a position
that the device reads, and attends to all rows through a mask that hides those behind that position. Of fixed
shapes, it can be captured once a slot by ttsopt_graphs.py and be replayed for every later token, of every later
sentence.

The mask is no option: a row of zeros takes its part of the softmax, so that without one attention gets the weaker
the emptier its buffer is. Buffers are zeroed for each sentence: what is hidden is still multiplied, by zero, which
a NaN that an earlier sentence left would survive.

A sentence, or a batch of them, has a `Lease` of a slot while somebody holds it. Slots come in batches of powers
of two and in ROWS; who needs more rows moves on, who finds no slot (all are leased, no memory) decodes as shipped.
Laid out by ttsopt; needs Python 3.8, torch 2.1.
"""

import weakref

import torch

if __package__:
    from .ttsopt_graphs import LEAST_FREE, Graphs, is_as_shipped, may_replay
else:
    from ttsopt_graphs import LEAST_FREE, Graphs, is_as_shipped, may_replay

functional = torch.nn.functional
ROWS = (256, 512, 768, 1024, 1536, 2048, 3072, 4096)
ROOM = 64  # rows that are free at least when a sentence begins
MOST_BATCH = 64
MOST_SLOTS = 6


class Steps:
    """The slots of one model, and the step that they are decoded with.

    Args:
        step: Takes x (batch, 1, width), position (1,), bias (batch, heads or 1, 1, rows), keys and values (layers,
            batch, heads, rows, width of a head); writes the row at `position` of both; gives what the last layer
            gives, or whatever else of x alone.
        device: What captures; a CudaDevice of ttsopt_graphs.
        parameters: A function that gives the tensors that the step reads.
        what: Words for what is said.
        mask_heads: Heads of the masks that `advance` is given.
    """

    def __init__(self, step, device, parameters, what, mask_heads=1):
        self.step, self.device, self.parameters = step, device, parameters
        self.what, self.mask_heads = what, mask_heads
        self.slots = []  # the least recently leased first
        self.places = None
        self.is_trusted = None  # None until a step was compared

    def start(self, keys, values):
        """Return a Lease that holds keys and values, (batch, heads, rows, width) a layer; None without a slot."""
        if self.is_trusted is False or not may_replay() or not self.device.is_for(keys[0]):
            return None
        with self.device.lock:
            self._forget_what_moved()
            slot = self._slot(keys, keys[0].shape[2] + ROOM)
            return None if slot is None else Lease(slot, keys, values, keys[0].shape[2])

    def advance(self, lease, x, hidden=None):
        """Return the step's result for x (batch, 1, width), one row on; None where no slot has room for the row.

        `hidden` is true for rows (batch, heads or 1, 1, rows and the new one) that are not attended to.
        """
        if lease.rows == lease.slot.rows and not self._moved(lease):
            return None
        if hidden is not None:
            lease.slot.hidden[: lease.batch, :, :, : lease.rows + 1].copy_(hidden)
        missing = lease.slot.batch - x.shape[0]
        padded = functional.pad(x, (0, 0, 0, 0, 0, missing)) if missing else x
        position = torch.full((1,), lease.rows, dtype=torch.long, device=x.device)
        made = lease.slot.graphs(padded, position)
        lease.rows += 1
        return made[: lease.batch]

    def narrow(self, lease, keys, values):
        """Have the lease hold other sequences, (batch, heads, rows of the slot, width) a layer.

        False without a slot; the lease then holds nothing.
        """
        rows = lease.rows
        # Copies, for the slot may be the one that they lie in.
        keys, values = ([one[:, :, :rows].clone() for one in both] for both in (keys, values))
        with self.device.lock:
            lease.slot.owner = None
            slot = self._slot(keys, rows + 1)
            if slot is not None:
                lease.take(slot, keys, values, rows)
        return slot is not None

    def compare(self, made, wanted):
        """True if a step gave what the shipped one gives; otherwise it is said, and none is leased any more."""
        self.is_trusted = is_as_shipped(made, wanted, self.what)
        return self.is_trusted

    def _moved(self, lease):
        keys, values = lease.held()
        with self.device.lock:
            hidden = lease.slot.hidden[: lease.batch]
            slot = self._slot(keys, lease.rows + 1)
            if slot is not None:
                lease.take(slot, keys, values, lease.rows)
                slot.hidden[: lease.batch, :, :, : hidden.shape[3]] = hidden
        return slot is not None

    def _slot(self, keys, rows):
        """Return a slot that is free and zeroed; None if there is none."""
        batch, rows = _batch(keys[0].shape[0]), next((one for one in ROWS if one >= rows), None)
        if batch > MOST_BATCH or rows is None:
            return None
        wanted = (batch, rows, keys[0].dtype, keys[0].device)
        slot = next((one for one in self.slots if one.kind == wanted and one.is_free()), None)
        if slot is None:
            slot = self._new_slot(keys, batch, rows)
        else:
            self.slots.remove(slot)
        if slot is not None:
            self.slots.append(slot)
        return slot

    def _new_slot(self, keys, batch, rows):
        free = [one for one in self.slots if one.is_free()]
        while len(self.slots) >= MOST_SLOTS and free:
            self.slots.remove(free.pop(0))
        _, heads, _, width = keys[0].shape
        shape = (len(keys), batch, heads, rows, width)
        size = 2 * torch.Size(shape).numel() * keys[0].element_size()
        if len(self.slots) >= MOST_SLOTS or self.device.free_bytes() < size + LEAST_FREE:
            return None
        return _Slot(self, shape, keys[0])

    def _forget_what_moved(self):
        places = tuple(one.data_ptr() for one in self.parameters())
        if places != self.places:
            for slot in self.slots:
                slot.graphs.graphs.clear()  # a lease of it may live
            self.slots, self.places = [], places


class _Slot:
    """Buffers, and the graph that reads and writes them."""

    def __init__(self, steps, shape, like):
        self.step = steps.step
        _, self.batch, _, self.rows, _ = shape
        self.kind = (self.batch, self.rows, like.dtype, like.device)
        # Buffers of inference mode could not be written to outside of it.
        with torch.inference_mode(False):
            self.keys = torch.zeros(shape, dtype=like.dtype, device=like.device)
            self.values = torch.zeros_like(self.keys)
            seen = (self.batch, steps.mask_heads, 1, self.rows)
            self.hidden = torch.zeros(seen, dtype=torch.bool, device=like.device)
        self.graphs = Graphs(self.run, steps.device, tuple, steps.what, most=1)
        self.owner = None

    def is_free(self):
        """True if nobody holds a lease."""
        return self.owner is None or self.owner() is None

    def run(self, x, position):
        """Run the step on the buffers."""
        behind = torch.arange(self.rows, device=x.device) > position
        bias = torch.zeros(self.hidden.shape, dtype=x.dtype, device=x.device)
        bias = bias.masked_fill(self.hidden | behind, float("-inf"))
        return self.step(x, position, bias, self.keys, self.values)


class Lease:
    """A batch of sequences that is being decoded: its slot, their number and rows; freed with its last name."""

    def __init__(self, slot, keys, values, rows):
        self.slot = self.batch = self.rows = None
        self.take(slot, keys, values, rows)

    def take(self, slot, keys, values, rows):
        """Move to a slot, with a tensor (batch, heads, rows, width) a layer of keys and of values."""
        self.slot, self.batch, self.rows = slot, keys[0].shape[0], rows
        slot.owner = weakref.ref(self)
        slot.hidden.zero_()
        for buffer, given in ((slot.keys, keys), (slot.values, values)):
            buffer.zero_()
            for layer, one in zip(buffer, given):
                layer[: self.batch, :, :rows] = one

    def held(self):
        """Return copies of the keys and of the values: (batch, heads, rows, width) a layer."""
        both = (self.slot.keys, self.slot.values)
        return tuple(list(one[:, : self.batch, :, : self.rows].clone()) for one in both)

    def views(self):
        """Return the keys and values as they lie, with all rows of the slot."""
        both = (self.slot.keys, self.slot.values)
        return tuple(list(one[:, : self.batch]) for one in both)


def _batch(number):
    return 1 << max(0, number - 1).bit_length()
