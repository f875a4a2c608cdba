"""Create network gear, its ports and links, and the plan of addresses."""

from collections.abc import Iterator

import sqlalchemy as sa
from alembic import op

from shopdb.db import Str, Text, UtcDateTime

revision = "network_0001"
down_revision = None


def upgrade() -> None:
    """Create the seven tables, those that others refer to first."""
    _create_device()
    _create_interface()
    _create_link()
    _create_mac()
    _create_vlan()
    _create_prefix()
    _create_address()


def _item_columns() -> Iterator[sa.Column[object]]:
    yield sa.Column("id", sa.Integer(), nullable=False)
    yield sa.Column("version", sa.Integer(), nullable=False)
    yield sa.Column("created_at", UtcDateTime(), nullable=False)
    yield sa.Column("updated_at", UtcDateTime(), nullable=False)


def _create_device() -> None:
    op.create_table(
        "network_device",
        sa.Column("kind", Str(20)),
        sa.Column("firmware", Str(120)),
        sa.Column("port_count", sa.Integer()),
        sa.Column("rack", Str(60)),
        sa.Column("management_notes", Text()),
        sa.Column("host", Str(253)),
        sa.Column("snmp_version", Str(2), nullable=False),
        sa.Column("snmp_port", sa.Integer(), nullable=False),
        sa.Column("snmp_community", Str(120)),
        sa.Column("snmp_context", Str(60)),
        sa.Column("snmp_username", Str(32)),
        sa.Column("snmp_security_level", Str(12)),
        sa.Column("snmp_auth_protocol", Str(12)),
        sa.Column("snmp_auth_password", Str(120)),
        sa.Column("snmp_priv_protocol", Str(12)),
        sa.Column("snmp_priv_password", Str(120)),
        sa.Column("asset_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["asset_id"], ["assets.id"], name="fk_network_device_asset_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("asset_id", name="pk_network_device"),
    )


def _create_interface() -> None:
    op.create_table(
        "network_interface",
        sa.Column("device_id", sa.Integer(), nullable=False),
        sa.Column("if_index", sa.Integer(), nullable=False),
        sa.Column("name", Str(120), nullable=False),
        sa.Column("alias", Str(255)),
        sa.Column("admin_status", Str(20), nullable=False),
        sa.Column("oper_status", Str(20), nullable=False),
        sa.Column("speed_bps", sa.BigInteger()),
        sa.Column("mac", Str(17)),
        sa.Column("mode", Str(10)),
        sa.Column("vlan", sa.Integer()),
        *_item_columns(),
        sa.ForeignKeyConstraint(
            ["device_id"], ["assets.id"], name="fk_network_interface_device_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_network_interface"),
        sa.UniqueConstraint("device_id", "if_index", name="uq_network_interface_device_id_if_index"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_network_interface_device_id", "network_interface", ["device_id"])
    op.create_index("ix_network_interface_mac", "network_interface", ["mac"])


def _create_link() -> None:
    op.create_table(
        "network_link",
        sa.Column("device_id", sa.Integer(), nullable=False),
        sa.Column("local_if_index", sa.Integer(), nullable=False),
        sa.Column("protocol", Str(10), nullable=False),
        sa.Column("remote_id", sa.Integer()),
        sa.Column("remote_name", Str(160)),
        sa.Column("remote_port", Str(160)),
        sa.Column("cable", Str(80)),
        sa.Column("notes", Text()),
        *_item_columns(),
        sa.ForeignKeyConstraint(
            ["device_id"], ["assets.id"], name="fk_network_link_device_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["remote_id"], ["assets.id"], name="fk_network_link_remote_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_network_link"),
        sa.UniqueConstraint(
            "device_id",
            "local_if_index",
            "protocol",
            "remote_id",
            "remote_name",
            "remote_port",
            name="uq_network_link_ends",
        ),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_network_link_device_id", "network_link", ["device_id"])
    op.create_index("ix_network_link_remote_id", "network_link", ["remote_id"])


def _create_mac() -> None:
    op.create_table(
        "network_mac",
        sa.Column("mac", Str(17), nullable=False),
        sa.Column("device_id", sa.Integer(), nullable=False),
        sa.Column("if_index", sa.Integer(), nullable=False),
        sa.Column("vlan", sa.Integer()),
        sa.Column("last_seen", UtcDateTime()),
        *_item_columns(),
        sa.ForeignKeyConstraint(
            ["device_id"], ["assets.id"], name="fk_network_mac_device_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_network_mac"),
        sa.UniqueConstraint("device_id", "mac", "vlan", name="uq_network_mac_device_id_mac_vlan"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_network_mac_device_id", "network_mac", ["device_id"])
    op.create_index("ix_network_mac_last_seen", "network_mac", ["last_seen"])
    op.create_index("ix_network_mac_mac", "network_mac", ["mac"])


def _create_vlan() -> None:
    op.create_table(
        "network_vlan",
        sa.Column("vid", sa.Integer(), nullable=False),
        sa.Column("name", Str(120), nullable=False),
        sa.Column("name_key", Str(360)),
        sa.Column("location_id", sa.Integer()),
        sa.Column("description", Str(255)),
        *_item_columns(),
        sa.ForeignKeyConstraint(
            ["location_id"], ["locations.id"], name="fk_network_vlan_location_id", ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_network_vlan"),
        sa.UniqueConstraint("location_id", "name_key", name="uq_network_vlan_location_id_name_key"),
        sa.UniqueConstraint("location_id", "vid", name="uq_network_vlan_location_id_vid"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_network_vlan_location_id", "network_vlan", ["location_id"])


def _create_prefix() -> None:
    op.create_table(
        "network_prefix",
        sa.Column("prefix", Str(43), nullable=False),
        sa.Column("prefix_key", Str(36)),
        sa.Column("description", Str(255)),
        sa.Column("status", Str(20), nullable=False),
        sa.Column("vlan_id", sa.Integer()),
        sa.Column("location_id", sa.Integer()),
        sa.Column("gateway", Str(39)),
        sa.Column("parent_id", sa.Integer()),
        sa.Column("notes", Text()),
        *_item_columns(),
        sa.ForeignKeyConstraint(
            ["location_id"], ["locations.id"], name="fk_network_prefix_location_id", ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["parent_id"], ["network_prefix.id"], name="fk_network_prefix_parent_id", ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["vlan_id"], ["network_vlan.id"], name="fk_network_prefix_vlan_id", ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_network_prefix"),
        sa.UniqueConstraint("prefix_key", name="uq_network_prefix_prefix_key"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_network_prefix_location_id", "network_prefix", ["location_id"])
    op.create_index("ix_network_prefix_parent_id", "network_prefix", ["parent_id"])
    op.create_index("ix_network_prefix_vlan_id", "network_prefix", ["vlan_id"])


def _create_address() -> None:
    op.create_table(
        "network_address",
        sa.Column("address", Str(39), nullable=False),
        sa.Column("address_key", Str(33)),
        sa.Column("asset_id", sa.Integer()),
        sa.Column("dns_name", Str(253)),
        sa.Column("mac", Str(17)),
        sa.Column("role", Str(20)),
        sa.Column("status", Str(20), nullable=False),
        sa.Column("interface_id", sa.Integer()),
        sa.Column("prefix_id", sa.Integer()),
        sa.Column("description", Str(255)),
        *_item_columns(),
        sa.ForeignKeyConstraint(
            ["asset_id"], ["assets.id"], name="fk_network_address_asset_id", ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["interface_id"],
            ["network_interface.id"],
            name="fk_network_address_interface_id",
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["prefix_id"], ["network_prefix.id"], name="fk_network_address_prefix_id", ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_network_address"),
        sa.UniqueConstraint("address_key", name="uq_network_address_address_key"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_network_address_asset_id", "network_address", ["asset_id"])
    op.create_index("ix_network_address_interface_id", "network_address", ["interface_id"])
    op.create_index("ix_network_address_mac", "network_address", ["mac"])
    op.create_index("ix_network_address_prefix_id", "network_address", ["prefix_id"])
