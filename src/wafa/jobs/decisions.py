"""A told decision in a terminal."""

import click

from wafa.reports.decided import ToldDecision


def show_decision(told: ToldDecision) -> None:
    """Print what each rule grants with its arithmetic, then why the rest is not earned."""
    for rule in told.rules:
        click.secho(rule.name, bold=True)
        for sentence in rule.sentences:
            click.echo(f"  {sentence}")
        width = max((len(term.name) for term in rule.arithmetic), default=0)
        for term in rule.arithmetic:
            click.echo(f"    {term.name.ljust(width)}  {term.value}")
    for sentence in told.not_earned:
        click.echo(f"- {sentence}")
    if not told.rules and not told.not_earned:
        click.echo(told.nothing)
