"""What plugin authors test with.

`SiteUnderTest` is a whole site with plugins in this process; the fixture ``shopdb_site`` makes them.
`ENGINES` are the databases that such a site stands on: ``@pytest.fixture(params=ENGINES)``.
`SnmpAgent` and `Recording` stand in for a device that speaks SNMP.
"""

from shopdb.testing.database import ENGINES
from shopdb.testing.recording import Recording
from shopdb.testing.site import SiteUnderTest
from shopdb.testing.snmp_agent import Manner, SnmpAgent
from shopdb.testing.snmp_answer import Lie
from shopdb.testing.snmp_engine import V3Lie

__all__ = ["ENGINES", "Lie", "Manner", "Recording", "SiteUnderTest", "SnmpAgent", "V3Lie"]
