"""Spec of a benchmark over HTTP: loads, service levels, numbers of requests."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from ttsopt.bench.serve.request import Call
from ttsopt.domain.arrivals import Arrivals
from ttsopt.domain.limits import Limits
from ttsopt.domain.measurement import Utterance
from ttsopt.domain.recognition import RecogniserChoice

MIB = 1024 * 1024
# A minute of float32 at 48 kHz has 11 MiB. A block's answers are kept until it is over.
MOST_ANSWER, MOST_BLOCK = 64 * MIB, 1024 * MIB


@dataclass(frozen=True, slots=True)
class Load:
    """So many `clients`, each asking again when it was answered; or, where that is 0, `rate` requests a second."""

    clients: int = 0
    rate: float = 0.0

    @property
    def words(self) -> str:
        """It in words."""
        if self.clients:
            return f"{self.clients} client{'s' * (self.clients != 1)}"
        return f"{self.rate:.4g} requests/s"


@dataclass(frozen=True, slots=True)
class Slo:
    """A service level: the percentile of latency, or of the time to first audio, is below `seconds`."""

    asked: str
    percent: int
    seconds: float
    first_audio: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Sending:
    """Number of requests, and the way that they are sent.

    `requests` go to each side at each of `loads`, in `blocks` with two sides, from `workers` processes. `timeout`
    is in seconds for one request as a whole. `budget`: no new level of a ramp once so many seconds are spent.
    `recogniser` hears the answers of the first level. `resident`: servers that ttsopt starts stay up, one a side.
    """

    loads: tuple[Load, ...] = (Load(clients=1),)
    arrivals: Arrivals = Arrivals.POISSON
    requests: int = 100
    blocks: int = 5
    timeout: float = 60.0
    workers: int = 1
    budget: float = 600.0
    seed: int = 0
    slo: Slo | None = None
    limits: Limits = field(default_factory=Limits)
    recogniser: RecogniserChoice | None = None
    resident: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ServeSpec(Sending):
    """Requests, and how they are sent."""

    call: Call
    texts: tuple[Utterance, ...]
    warm_up: tuple[Utterance, ...] = ()


@dataclass(frozen=True, slots=True)
class Server:
    """A server that is up: its address, and how it is asked.

    Where they can be known: its CPU seconds so far, and the most memory that it ever held, in bytes.
    """

    url: str
    call: Call
    cpu_seconds: Callable[[], float] | None = None
    peak_memory: Callable[[], int] | None = None
