"""``python -m shopdb``."""

from shopdb.cli import main

main()
