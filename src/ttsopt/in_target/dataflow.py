"""Storages of tensors followed by number, and their values by value number or by content. Loaded by worker.py.

A storage is known by a weak reference of torch's own: its data is freed when nobody else wants it, and its address
is not given to another one as long as the reference is there.

Values. What an operation makes has a number: a hash of the operation, its arguments, and the numbers of what it
reads. What comes from outside (weights apart, which are known by their storage), and what is drawn at random, is
hashed by content and dropped.
"""

from __future__ import annotations

import ctypes
import hashlib
import os
from typing import Any, Dict, List, Optional, Tuple

MOST_HASHED = (
    256 * 2**20
)  # bytes of a tensor whose content is hashed; a larger one is taken for another each time
SMALL_WEIGHT = 2**18  # bytes
Geometry = Tuple[int, Tuple[int, ...], Tuple[int, ...], int]  # offset, shape, strides, item size


class Storage:
    """Facts of one storage. `value` None: its content has to be looked at.

    `is_constant`: weights and what is made of them and of plain numbers alone. `is_shared`: others than torch may
    read and write its memory (numpy, DLPack, an address).
    """

    __slots__ = (
        "address",
        "is_constant",
        "is_new",
        "is_shared",
        "number",
        "size",
        "value",
        "writes",
    )

    def __init__(self, number: int, address: int, size: int) -> None:
        self.number, self.address, self.size = number, address, size
        self.value: Optional[bytes] = None
        self.is_constant = self.is_shared = self.is_new = False
        self.writes = 0


class Storages:
    """All storages that recorded calls met, and regions of them."""

    def __init__(self, torch: Any) -> None:
        self._torch = torch
        # Before anything is put in their place: these are watched in recorded calls.
        self._untyped, self._data_ptr = torch.Tensor.untyped_storage, torch.Tensor.data_ptr
        self._known: Dict[int, Storage] = {}
        self._count = 0
        self._contents: Dict[Tuple[int, int, Geometry], bytes] = {}
        self._regions: Dict[Geometry, int] = {}
        self.regions: List[Tuple[int, int, int]] = []  # first and last byte + 1, distinct bytes

    def of(self, tensor: Any) -> Optional[Storage]:
        """The storage of a tensor; None where it has none that can be followed (sparse, packed)."""
        try:
            raw = self._untyped(tensor)
            address = raw._cdata  # noqa: SLF001 - as torch.multiprocessing tells storages apart
        except (RuntimeError, NotImplementedError):
            return None
        found = self._known.get(address)
        if found is None:
            raw._weak_ref()  # noqa: SLF001
            self._count += 1
            found = self._known[address] = Storage(self._count - 1, address, int(raw.nbytes()))
            # Memory of somebody else's: made of a numpy array, or of a file.
            found.is_shared = not raw.resizable()
        found.size = max(found.size, int(raw.nbytes()))
        return found

    def keep_weights(self) -> None:
        """Take the parameters and buffers of all modules for constants."""
        import gc

        module, parameter = self._torch.nn.Module, self._torch.nn.Parameter
        for one in gc.get_objects():
            # By type, for lazy modules (transformers) import when they are asked for their class.
            if issubclass(type(one), parameter):
                self._keep({"": one}, is_weight=True)
            if issubclass(type(one), module):
                for name in ("_parameters", "_buffers"):
                    self._keep(vars(one).get(name) or {}, is_weight=name == "_parameters")

    def _keep(self, tensors: Dict[str, Any], is_weight: bool) -> None:
        for tensor in tensors.values():
            storage = None if tensor is None else self.of(tensor)
            if storage is not None and (is_weight or not storage.is_shared) and not storage.writes:
                if not storage.is_constant:
                    storage.value = self._of_weight(tensor, storage)
                storage.is_constant, storage.is_shared = True, False

    def _of_weight(self, tensor: Any, storage: Storage) -> bytes:
        """A small weight by its content, for modules may have equal filters; a larger one by its storage."""
        is_small = storage.size <= SMALL_WEIGHT and self.covers(tensor, storage)
        return self._content(tensor) if is_small else b"weight %d" % storage.number

    def forget_freed(self) -> None:
        """Forget the storages that are gone, and their contents."""
        storage_class = self._torch.UntypedStorage
        for address in list(self._known):
            if storage_class._expired(address):  # noqa: SLF001
                storage_class._free_weak_ref(address)  # noqa: SLF001
                del self._known[address]
        alive = {storage.number for storage in self._known.values()}
        self._contents = {key: one for key, one in self._contents.items() if key[0] in alive}

    def end_call(self) -> List[int]:
        """Return the numbers of the storages that outlive the call; begin anew with regions."""
        self.forget_freed()
        self._regions, self.regions = {}, []
        for storage in self._known.values():
            storage.is_new = False
        return [storage.number for storage in self._known.values()]

    def region(self, tensor: Any) -> int:
        """The number of the region that a tensor has of its storage."""
        geometry = _geometry(tensor)
        if geometry not in self._regions:
            self._regions[geometry] = len(self.regions)
            self.regions.append(_bytes_of(geometry))
        return self._regions[geometry]

    def covers(self, tensor: Any, storage: Storage) -> bool:
        """True if a tensor is its whole storage."""
        first, end, distinct = self.regions[self.region(tensor)]
        return distinct == end - first >= storage.size

    def value(self, tensor: Any, storage: Optional[Storage]) -> bytes:
        """Bytes that tell the values of a tensor from others."""
        if storage is None:
            return os.urandom(8)
        place = _geometry(tensor)
        if storage.value is not None and not storage.is_shared:
            text = "%s %s" % (place, tensor.dtype)
            return storage.value + text.encode() + _marks(tensor)
        key = (storage.number, storage.writes, place)
        if storage.is_shared or key not in self._contents:
            self._contents[key] = self._content(tensor) + _marks(tensor)
        return self._contents[key]

    def _content(self, tensor: Any) -> bytes:
        about = "%s %s" % (tuple(tensor.shape), tensor.dtype)
        size = tensor.numel() * tensor.element_size()
        if size > MOST_HASHED:
            return os.urandom(8)
        plain = tensor.detach().resolve_conj().resolve_neg().cpu().contiguous()
        data = (ctypes.c_char * size).from_address(self._data_ptr(plain)) if size else b""
        return hashlib.blake2b(data, digest_size=12, key=about.encode()[:64]).digest()


def _geometry(tensor: Any) -> Geometry:
    return (
        tensor.storage_offset(),
        tuple(tensor.shape),
        tuple(tensor.stride()),
        tensor.element_size(),
    )


def _bytes_of(geometry: Geometry) -> Tuple[int, int, int]:
    """First byte, last byte + 1, and the number of distinct bytes at most: an expanded dimension counts once."""
    offset, shape, strides, item = geometry
    if 0 in shape:
        return offset * item, offset * item, 0
    length, distinct = 1, 1
    for size, stride in zip(shape, strides):
        length += (size - 1) * stride
        distinct *= size if stride else 1
    return offset * item, (offset + length) * item, min(distinct, length) * item


def _marks(tensor: Any) -> bytes:
    """Bits that change what is read of the same bytes."""
    if not tensor.dtype.is_complex:
        return b"n" if tensor.is_neg() else b""
    return b"%d%d" % (tensor.is_conj(), tensor.is_neg())
