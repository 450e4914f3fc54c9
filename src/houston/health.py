"""Is Houston alive, is it of use, and how is it doing: for those who keep it running."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Final
from uuid import UUID

from litestar import Response, Router, get
from litestar.di import NamedDependency
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from houston.channels.state import FAULTS_MAX, recent_faults
from houston.channels.status import status as read_status
from houston.channels.supervisor import Supervisor
from houston.kernel import feed
from houston.kernel.clock import Clock
from houston.kernel.db import LOST, Database, Row
from houston.kernel.node import Node
from houston.messages import store_reading
from houston.messages.sender import Sender

_PLAIN: Final = "text/plain; charset=utf-8"


@get("/health/live", summary="The process answers", media_type=_PLAIN, tags=["operations"])
async def live() -> str:
    return "alive\n"


@get("/health/ready", summary="Houston can do its work", media_type=_PLAIN, tags=["operations"])
async def ready(database: NamedDependency[Database], node: NamedDependency[Node]) -> Response[str]:
    """503 while the database does not answer or this node's lease has run out."""
    try:
        async with database.single() as tx:
            await tx.execute("select 1")
    except LOST:
        return Response("the database does not answer\n", status_code=503, media_type=_PLAIN)
    if not node.may_act():
        return Response("this node's lease has run out\n", status_code=503, media_type=_PLAIN)
    return Response("ready\n", media_type=_PLAIN)


@get("/metrics", summary="Figures for Prometheus", tags=["operations"])
async def metrics(
    database: NamedDependency[Database],
    supervisor: NamedDependency[Supervisor],
    sender: NamedDependency[Sender],
    node: NamedDependency[Node],
    clock: NamedDependency[Clock],
) -> Response[bytes]:
    """Of this node and of the channels that it holds."""
    held = list(supervisor.held)
    async with database.single() as tx:
        queues = await store_reading.queues(tx, held)
    behind = await feed.lag(database)
    registry = CollectorRegistry()
    channels = _of_channels(supervisor, sender, queues, clock.now())
    registry.register(_Families([*_of_node(node, len(held), behind), *channels]))
    return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)


class _Families:
    """What was measured for this one answer, in the shape that the library asks for."""

    def __init__(self, families: list[Metric]) -> None:
        self._families = families

    def collect(self) -> Iterable[Metric]:
        return self._families


def _of_node(node: Node, held: int, behind: int) -> Iterator[Metric]:
    leases = GaugeMetricFamily("houston_leases", "Channels that this node holds")
    leases.add_metric([], held)
    nodes = GaugeMetricFamily("houston_nodes", "Nodes that are alive")
    nodes.add_metric([], node.others + 1)
    lag = GaugeMetricFamily("houston_feed_lag", "Facts behind the slowest follower of the feed")
    lag.add_metric([], behind)
    yield from (leases, nodes, lag)


def _of_channels(
    supervisor: Supervisor, sender: Sender, queues: Mapping[UUID, Row], now: datetime
) -> Iterator[Metric]:
    status = GaugeMetricFamily(
        "houston_channel_status", "1 for the status shown", labels=["channel", "status"]
    )
    length = GaugeMetricFamily("houston_queue_length", "Messages that wait", labels=["channel"])
    age = GaugeMetricFamily(
        "houston_queue_oldest_seconds", "Age of the oldest that waits", labels=["channel"]
    )
    sent = CounterMetricFamily("houston_messages_sent", "Sent by this node", labels=["channel"])
    failed = CounterMetricFamily(
        "houston_messages_failed", "Failed for good at this node", labels=["channel"]
    )
    outdated = GaugeMetricFamily(
        "houston_library_outdated",
        "1 for a channel whose library WhatsApp no longer accepts: update Houston",
        labels=["channel"],
    )
    faults = GaugeMetricFamily(
        "houston_channel_faults",
        f"Ends of the link for unknown causes in the last ten minutes: an alarm from {FAULTS_MAX} on",
        labels=["channel"],
    )
    for channel, held in supervisor.held.items():
        name, queue, tally = str(channel), queues.get(channel), sender.tallies.get(channel)
        status.add_metric([name, read_status(held.state).value], 1)
        outdated.add_metric([name], held.state.outdated)
        faults.add_metric([name], recent_faults(held.state, now))
        length.add_metric([name], 0 if queue is None else queue["length"])
        age.add_metric(
            [name], 0 if queue is None else (queue["now"] - queue["since"]).total_seconds()
        )
        sent.add_metric([name], 0 if tally is None else tally.sent)
        failed.add_metric([name], 0 if tally is None else tally.failed)
    yield from (status, outdated, faults, length, age, sent, failed)


health_api = Router("/", route_handlers=[live, ready, metrics])
