"""`make bench`: everything that is measured, or the sections that are named."""

import sys
from collections.abc import Callable

from bench.charge import charge
from bench.console import paint, streams
from bench.linked import linked
from bench.many import idle, queue
from bench.sections import accept, kill, latency, life
from bench.webhooks import webhooks

SECTIONS: dict[str, Callable[[], None]] = {
    "accept": accept,
    "life": life,
    "latency": latency,
    "idle": idle,
    "queue": queue,
    "charge": charge,
    "linked": linked,
    "webhooks": webhooks,
    "streams": streams,
    "paint": paint,
    "kill": kill,
}


def main() -> None:
    chosen = sys.argv[1:] or list(SECTIONS)
    unknown = [name for name in chosen if name not in SECTIONS]
    if unknown:
        sys.exit(f"No such section: {', '.join(unknown)}. Choose of: {', '.join(SECTIONS)}.")
    for name in chosen:
        SECTIONS[name]()


if __name__ == "__main__":
    main()
