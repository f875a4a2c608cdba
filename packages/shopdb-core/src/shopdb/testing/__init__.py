"""What plugin authors test with.

`SnmpAgent` and `Recording` stand in for a device that speaks SNMP.
"""

from shopdb.testing.recording import Recording
from shopdb.testing.snmp_agent import Lie, Manner, SnmpAgent

__all__ = ["Lie", "Manner", "Recording", "SnmpAgent"]
