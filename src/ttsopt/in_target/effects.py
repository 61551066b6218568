"""The facts of a row: what an operation did to storages and values. Loaded by worker.py."""

from __future__ import annotations

import hashlib
from typing import Any, Dict, List, Tuple

import _ttsopt_operations as operations
from _ttsopt_dataflow import Storage, Storages
from _ttsopt_rows import Reads, Writes

NO_KEY = -1
# How a write leaves a region: parts of the old content may stay, none of it stays, the storage is new.
CHANGED, REPLACED, MADE = 0, 1, 2
Facts = Dict[str, Any]


class Effects:
    """Tells the effects of operations on the storages that it knows."""

    def __init__(self, torch: Any, storages: Storages) -> None:
        self.torch, self.storages = torch, storages
        self._operations: Dict[Any, operations.Operation] = {}

    def share(self, value: Any) -> Reads:
        """Leave the memory of all tensors in `value` to others; return their regions."""
        tensors: List[Any] = []
        operations.tensors_of(self.torch, value, tensors)
        reads = []
        for tensor in tensors:
            storage = self.storages.of(tensor)
            if storage is not None:
                storage.is_shared = not storage.is_constant
                reads.append((storage.number, self.storages.region(tensor)))
        return reads

    def before(self, func: Any, args: Tuple[Any, ...], kwargs: Dict[str, Any]) -> Facts:
        """Facts that have to be known before the operation changes anything."""
        if func not in self._operations:
            self._operations[func] = operations.Operation(func)
        operation = self._operations[func]
        given: List[Any] = []
        text = operations.tensors_of(self.torch, (args, kwargs), given)
        written = operation.written(args, kwargs)
        replaced = {id(one) for one, replaces in written if replaces}
        # `copy_(x, x)` reads what it writes; `add(x, y, out=x)` is another tensor each time.
        read = [one for one in given if id(one) not in replaced or _often(one, given)]
        storages = [self.storages.of(one) for one in read]
        values = [self.storages.value(one, of) for one, of in zip(read, storages)]
        parts = [operation.name.encode(), text.encode("utf-8", "replace"), *values]
        gradient = self.torch.is_grad_enabled() and any(one.requires_grad for one in given)
        return {
            "operation": operation,
            "read": list(zip(read, storages)),
            "written": written,
            "key": hashlib.blake2b(b"\0".join(parts), digest_size=16).digest(),
            "gradient": gradient,
            "by_value": operation.by_value or _by_mask(self.torch, operation.name, given),
        }

    def row(self, before: Facts, returned: Any) -> Facts:
        """The facts of a row once the operation is done: data flow, bits, key."""
        region, read = self.storages.region, before["read"]
        results: List[Any] = []
        operations.tensors_of(self.torch, returned, results)
        made = [(one, self.storages.of(one)) for one in results]
        followed = all(of is not None for _, of in (*read, *made))
        constant = all(of is not None and of.is_constant for _, of in read)
        reads = [(of.number, region(one)) for one, of in read if of is not None]
        if before["operation"].is_custom:  # it may write what its schema does not say
            self.share([one for one, _ in read])
        writes, is_whole = self._writes(before, constant)
        mentioned = {row[0] for row in (*reads, *writes)}
        fresh = [(one, of) for one, of in made if of is not None and of.number not in mentioned]
        is_view = bool(made) and not fresh and not writes and followed
        flags = self._flags(before, returned, is_used=not followed, is_view=is_view)
        flags |= operations.CONSTANT * constant
        flags |= operations.FACTORY * (not reads and not writes)
        flags |= operations.COPY * (bool(fresh) and self._is_copy(before, fresh[0][0]))
        for place, (one, of) in enumerate(fresh):
            self._make(of, before, place, constant)
            writes.append((of.number, region(one), MADE))
        keyed = not flags & (operations.RANDOM | operations.VIEW) and is_whole
        return {
            "flags": flags,
            "reads": [] if is_view else reads,
            "writes": writes,
            "key": number(before["key"]) if keyed else NO_KEY,
            "bytes": sum(self.storages.regions[place][2] for _, place, _ in writes),
        }

    def _writes(self, before: Facts, constant: bool) -> Tuple[Writes, bool]:
        """Writes in place; and True if each one is to the whole of a storage that this call made."""
        rows, is_whole, operation = [], True, before["operation"]
        for tensor, replaces in before["written"]:
            storage = self.storages.of(tensor)
            if storage is None:
                before["by_value"] = True  # nobody can follow it: it counts as used
                continue
            whole = self.storages.covers(tensor, storage)
            old = b"" if whole else storage.value
            storage.writes += 1
            unknown = operation.draws or operation.rebinds or operation.is_custom or old is None
            storage.value = None if unknown else _mixed(old or b"", before["key"], tensor)
            kept = constant and not unknown and (whole or storage.is_constant)
            storage.is_constant = kept
            is_whole = is_whole and whole and storage.is_new
            how = REPLACED if replaces else CHANGED
            rows.append((storage.number, self.storages.region(tensor), how))
        return rows, is_whole

    def _make(self, storage: Storage, before: Facts, place: int, constant: bool) -> None:
        unknown = before["operation"].draws or before["operation"].is_custom
        storage.is_new, storage.writes, storage.is_constant = True, 0, constant and not unknown
        storage.value = None if unknown else before["key"] + b"/%d" % place

    def _flags(self, before: Facts, returned: Any, *, is_used: bool, is_view: bool) -> int:
        operation = before["operation"]
        told = operations.has_number(self.torch, returned) or before["by_value"]
        is_used = is_used or told or operation.is_custom or operation.rebinds
        leaves = operation.is_copy and _leaves_device(before, returned)
        return int(
            operations.USED * is_used
            | operations.WAIT * (told or leaves)
            | operations.RANDOM * (operation.draws and not is_view)
            | operations.GRADIENT * before["gradient"]
            | operations.VIEW * (is_view and not told)
        )

    def _is_copy(self, before: Facts, result: Any) -> bool:
        """True if the result is the first input over again: same type, device and layout."""
        if not before["operation"].is_copy or not before["read"]:
            return False
        source = before["read"][0][0]
        facts = [(one.dtype, one.device, one.shape, one.stride()) for one in (source, result)]
        return bool(facts[0] == facts[1])


def number(key: bytes) -> int:
    """Sixty-two bits of a key: that two of a million are alike by accident has a chance of one in ten million."""
    digest = hashlib.blake2b(key, digest_size=8).digest()
    return int.from_bytes(digest, "little") >> 2


def _mixed(old: bytes, key: bytes, tensor: Any) -> bytes:
    place = repr((tensor.storage_offset(), tuple(tensor.shape), tuple(tensor.stride())))
    return hashlib.blake2b(b"\0".join((old, key, place.encode())), digest_size=16).digest()


def _often(tensor: Any, given: List[Any]) -> bool:
    return sum(tensor is other for other in given) > 1


def _by_mask(torch: Any, name: str, given: List[Any]) -> bool:
    """True if a tensor is indexed by a mask: how many rows come out depends on it."""
    masks = (torch.bool, torch.uint8)
    return name.startswith("aten.index.") and any(one.dtype in masks for one in given[1:])


def _leaves_device(before: Facts, returned: Any) -> bool:
    """True if a copy goes from a device to the host."""
    if not before["read"] or not hasattr(returned, "device"):
        return False
    return bool(before["read"][0][0].device.type != "cpu" == returned.device.type)
