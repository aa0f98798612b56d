"""`python -m wafa.jobs.cli`: how the supervisor starts its children, whatever is on the PATH."""

from wafa.jobs.cli import main

main(prog_name="wafa")
