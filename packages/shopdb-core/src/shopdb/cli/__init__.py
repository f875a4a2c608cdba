"""The command line: ``shopdb``.

`main` answers ``--version`` by itself; everything else is built by `shopdb.cli.root`, which imports the
module of a command only when that command is called.
"""

from __future__ import annotations

import sys

from shopdb import __version__


def main() -> None:
    """Run ``shopdb`` with the arguments of the process, and end it: 0 done, 1 failed, 2 wrong usage."""
    arguments = sys.argv[1:]
    if arguments == ["--version"]:
        print(f"shopdb-core {__version__}")
        return
    from shopdb.cli.root import run

    raise SystemExit(run(arguments))
