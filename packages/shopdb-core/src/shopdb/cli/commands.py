"""The names of core's commands and where each one is.

The names are reserved: no plugin may have one.
"""

from __future__ import annotations

from typing import Final

COMMANDS: Final[dict[str, str]] = {
    "check": "shopdb.cli.check:check",
    "db": "shopdb.cli.db:db",
    "demo": "shopdb.cli.demo:demo",
    "doctor": "shopdb.cli.check:doctor",
    "export": "shopdb.cli.sheet:export_command",
    "import": "shopdb.cli.sheet:import_command",
    "init": "shopdb.cli.init:init",
    "job": "shopdb.cli.job:job",
    "plugin": "shopdb.cli.plugin:plugin",
    "serve": "shopdb.cli.serve:serve",
    "settings": "shopdb.cli.settings:settings",
    "token": "shopdb.cli.token:token",
    "user": "shopdb.cli.user:user",
    "worker": "shopdb.cli.worker:worker",
}
"""Name -> ``module:attribute`` of a click command."""

RESERVED: Final = frozenset(COMMANDS) | {"apply", "bundle", "lock", "plan", "rollback"}
"""What no plugin may be called on the command line, commands to come among them."""
