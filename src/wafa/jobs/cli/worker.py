"""`wafa worker`: do what the queue and the clock ask for."""

import click
from procrastinate.contrib.django import app
from procrastinate.contrib.django.django_connector import DjangoConnector


@click.command()
@click.option("--concurrency", default=2, show_default=True, type=click.IntRange(1), help="Jobs at the same time.")
def command(concurrency: int) -> None:
    """Run jobs until told to stop."""
    assert isinstance(app.connector, DjangoConnector)
    with app.replace_connector(app.connector.get_worker_connector()) as worker_app:
        worker_app.run_worker(concurrency=concurrency)
