"""Lets ``python -m radar`` do what the command ``radar`` does."""

from radar.cli import main

main()
