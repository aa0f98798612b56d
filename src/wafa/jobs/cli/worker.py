"""`wafa worker`: do what the queue and the clock ask for."""

import asyncio
import signal

import click
from django.db import connection
from procrastinate import App
from procrastinate.contrib.django import app
from procrastinate.contrib.django.django_connector import DjangoConnector

from wafa.jobs.tasks import INSIDE, OUTSIDE, start_what_waits


@click.command()
@click.option("--concurrency", default=2, show_default=True, type=click.IntRange(1), help="Jobs at once in each lane.")
def command(concurrency: int) -> None:
    """Run jobs until told to stop.

    There are two lanes: a store that does not answer keeps one of them busy, and never the booking of orders.
    """
    assert isinstance(app.connector, DjangoConnector)
    start_what_waits()  # a worker that was killed may have been the one to do it
    connection.close()
    with app.replace_connector(app.connector.get_worker_connector()) as worker_app:
        asyncio.run(_run_lanes(worker_app, concurrency))


async def _run_lanes(worker_app: App, concurrency: int) -> None:
    """Run until a signal comes or a lane fails; then let the jobs that run come to their end."""
    async with worker_app.open_async():
        lanes = [
            asyncio.create_task(
                worker_app.run_worker_async(
                    queues=[queue], name=queue, concurrency=concurrency, install_signal_handlers=False
                )
            )
            for queue in (INSIDE, OUTSIDE)
        ]

        def stop() -> None:
            for lane in lanes:
                lane.cancel()

        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, stop)
        await asyncio.wait(lanes, return_when=asyncio.FIRST_COMPLETED)
        stop()
        for ended in await asyncio.gather(*lanes, return_exceptions=True):
            if isinstance(ended, Exception):
                raise ended
