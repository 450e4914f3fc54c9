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
    for name in sys.argv[1:] or SECTIONS:
        SECTIONS[name]()


if __name__ == "__main__":
    main()
