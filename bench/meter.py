"""What a process and its children have cost: processor seconds and memory."""

from dataclasses import dataclass

import psutil


@dataclass(frozen=True)
class Cost:
    """Processor seconds of Houston's own process, and of the PostgreSQL under it."""

    python: float
    postgres: float

    @property
    def both(self) -> float:
        return self.python + self.postgres

    def since(self, earlier: "Cost") -> "Cost":
        return Cost(self.python - earlier.python, self.postgres - earlier.postgres)


def cost(pid: int) -> Cost:
    """Up to now. Children of PostgreSQL that have ended are counted with their parent."""
    process = psutil.Process(pid)
    own = process.cpu_times()
    postgres = 0.0
    for child in process.children(recursive=True):
        try:
            times = child.cpu_times()
        except psutil.NoSuchProcess:
            continue
        postgres += times.user + times.system
        if child.ppid() == pid:
            postgres += times.children_user + times.children_system
    return Cost(own.user + own.system, postgres)


def resident_bytes(pid: int) -> int:
    return int(psutil.Process(pid).memory_info().rss)
