"""Add the SNMP v3 user of a printer."""

import sqlalchemy as sa
from alembic import op

from shopdb.db import Str

revision = "printers_0002"
down_revision = "printers_0001"

_COLUMNS = {
    "snmp_username": 32,
    "snmp_security_level": 12,
    "snmp_auth_protocol": 12,
    "snmp_auth_password": 120,
    "snmp_priv_protocol": 12,
    "snmp_priv_password": 120,
}


def upgrade() -> None:
    """Add the columns, empty."""
    for name, length in _COLUMNS.items():
        op.add_column("printers_printer", sa.Column(name, Str(length)))
