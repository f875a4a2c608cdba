"""SNMPv3 against net-snmp's agent: proof by a program that knows nothing of ours."""

import asyncio
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import replace
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest

from shopdb.errors import OutboundError, OutboundSecurityError, OutboundTimeoutError
from shopdb.outbound import (
    AddressGuard,
    AuthProtocol,
    PrivProtocol,
    SecurityLevel,
    SnmpSession,
    SnmpTarget,
    SnmpUser,
)

SNMPD = shutil.which("snmpd", path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin")
pytestmark = pytest.mark.skipif(SNMPD is None, reason="net-snmp's snmpd is not installed")

LOOPBACK = AddressGuard([ip_network("127.0.0.0/8")])
SYSTEM, NAME = "1.3.6.1.2.1.1", "1.3.6.1.2.1.1.5.0"
AUTH_PASSWORD, PRIV_PASSWORD = "maple syrup, 2 jugs", "pancakes!"
USERS = {
    "open": SnmpUser("open"),
    **{f"a-{auth}": SnmpUser(f"a-{auth}", SecurityLevel.AUTH, auth, AUTH_PASSWORD) for auth in AuthProtocol},
    **{
        f"p-{auth}-{priv}": SnmpUser(
            f"p-{auth}-{priv}", SecurityLevel.PRIV, auth, AUTH_PASSWORD, priv, PRIV_PASSWORD
        )
        for auth in AuthProtocol
        for priv in PrivProtocol
    },
}
ACCESS = {SecurityLevel.NONE: "noauth", SecurityLevel.AUTH: "auth", SecurityLevel.PRIV: "priv"}
ANY = USERS["p-SHA-256-AES-128"]


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """An snmpd on a free port of the loopback, with every user; its files are in a folder of its own."""
    folder = tmp_path_factory.mktemp("snmpd")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        number = int(taken.getsockname()[1])
    lines = [f"agentAddress udp:127.0.0.1:{number}", "sysName press-7"]
    for user in USERS.values():
        auth = f' {user.auth.replace("SHA-1", "SHA")} "{user.auth_password}"' if user.auth else ""
        priv = f' {user.priv} "{user.priv_password}"' if user.priv else ""
        lines += [f"createUser {user.name}{auth}{priv}", f"rouser {user.name} {ACCESS[user.level]}"]
    (folder / "snmpd.conf").write_text("\n".join(lines) + "\n")
    with (folder / "log").open("w") as log:
        command = [
            SNMPD or "",
            "-f",
            "-Lo",
            "-C",
            "-c",
            str(folder / "snmpd.conf"),
            "-p",
            str(folder / "pid"),
        ]
        environ = {**os.environ, "SNMP_PERSISTENT_DIR": str(folder), "MIBS": ""}
        process = subprocess.Popen(command, stdout=log, stderr=log, env=environ)
        try:
            _await_answer(number, process, folder / "log")
            yield number
        finally:
            process.terminate()
            process.wait(10)


def _await_answer(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + 20
    while process.poll() is None and time.monotonic() < until:
        try:
            get(port, USERS["open"], timeout_s=0.3, tries=1)
        except OutboundError:
            time.sleep(0.1)
        else:
            return
    pytest.fail(f"snmpd did not answer:\n{log.read_text()[-3000:]}")


def get(port: int, user: SnmpUser, *oids: str, context: str = "", **options: Any) -> dict[str, Any]:
    async def converse() -> dict[str, Any]:
        target = SnmpTarget("127.0.0.1", port, "3", user=user, context=context)
        async with SnmpSession(target, guard=LOOPBACK, **{"timeout_s": 2, **options}) as session:
            return await session.get(*(oids or (NAME,)))

    return asyncio.run(converse())


@pytest.mark.parametrize("name", list(USERS))
def test_every_pair_of_protocols_is_understood(port: int, name: str) -> None:
    assert get(port, USERS[name]) == {NAME: b"press-7"}


def test_a_walk_gives_the_whole_of_the_system_group(port: int) -> None:
    async def walk(target: SnmpTarget) -> dict[str, Any]:
        async with SnmpSession(target, guard=LOOPBACK) as session:
            return await session.walk(SYSTEM)

    rows = asyncio.run(walk(SnmpTarget("127.0.0.1", port, "3", user=ANY)))
    assert rows[NAME] == b"press-7"
    assert len(rows) > 10


REFUSED = {
    "unknownUserNames": replace(ANY, name="nobody"),
    "wrongDigests": replace(ANY, auth_password="not the password"),
    "unsupportedSecLevels": replace(
        USERS["open"], level=SecurityLevel.AUTH, auth=AuthProtocol.MD5, auth_password="x" * 8
    ),
}


@pytest.mark.parametrize("report", REFUSED)
def test_what_it_refuses_is_told_with_host_and_remedy(port: int, report: str) -> None:
    user = REFUSED[report]
    with pytest.raises(OutboundSecurityError, match=f"127.0.0.1:{port} .*{user.name!r}") as told:
        get(port, user)
    assert told.value.report == report
    assert (user.auth_password or "-----") not in str(told.value)


def test_a_wrong_encryption_password_is_told_as_such(port: int) -> None:
    with pytest.raises(OutboundError, match="encryption") as told:
        get(port, replace(ANY, priv_password="not the password"), timeout_s=0.5)
    assert "not the password" not in str(told.value)


def test_a_context_that_it_passes_over_in_silence_is_among_what_to_check(port: int) -> None:
    with pytest.raises(OutboundTimeoutError, match="that it has a context 'elsewhere'"):
        get(port, ANY, context="elsewhere", timeout_s=0.5)
