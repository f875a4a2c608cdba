"""Users, roles and passwords, as services: on each engine."""

import json
from pathlib import Path
from typing import Any

import pytest
from account_site import ACTOR, PASSWORD, Site, open_account_site
from argon2 import PasswordHasher
from sqlalchemy import select, text, update

from shopdb.db import Database
from shopdb.errors import (
    ConflictError,
    InUseError,
    InvalidError,
    NotFoundError,
    NotSignedInError,
    PermissionDeniedError,
    StaleVersionError,
    TakenError,
)
from shopdb.models import ApiToken, ChangeRecord, Role, User
from shopdb.services import account, role
from shopdb.services.epoch import bump_auth_epoch, read_auth_epoch
from shopdb.services.password import check_new_password, is_password, new_password
from shopdb.services.permission import check_patterns, is_granted
from shopdb.services.principal import Principal
from shopdb.services.sign_in import check_password
from shopdb.services.token import create_token
from shopdb.services.username import check_username


@pytest.fixture
def site(database: Database, tmp_path: Path) -> Site:
    return open_account_site(database, tmp_path)


def create(site: Site, username: str, /, **values: Any) -> dict[str, Any]:
    with site.database.write() as session:
        return account.create_user(session, {"username": username, **values}, actor=ACTOR)


def change(site: Site, username: str, /, **changes: Any) -> dict[str, Any]:
    with site.database.write() as session:
        return account.update_user(session, site.ids[username], changes, actor=ACTOR)


@pytest.mark.parametrize(
    ("username", "why"),
    [
        ("", "1 to 80"),
        ("x" * 81, "1 to 80"),
        (" admin", "no spaces"),
        ("admin\u00a0", "no spaces"),
        ("two words", "no spaces"),
        ("a\0b", "letters, digits"),
        ("a\nb", "letters, digits"),
        ("a\u202eb", "letters, digits"),
        ("a\u200bdmin", "letters, digits"),
        ("a\u2028b", "letters, digits"),
        ("a/b", "letters, digits"),
        ("\x1b[31mred", "letters, digits"),
        ("<b>", "letters, digits"),
        ("\ud800x", "letters, digits"),
        ("-dash", "begin with a letter"),
        ("ａｄｍｉｎ", "write it as 'admin'"),
        ("a\u0301dmin", "write it as 'ádmin'"),
    ],
)
def test_a_username_that_could_be_taken_for_another_is_refused(username: str, why: str) -> None:
    with pytest.raises(InvalidError, match=why):
        check_username(username)


@pytest.mark.parametrize(
    "username", ["ada", "Ada.Lovelace", "o-neill_2", "jürgen", "田中", "ada@plant-2", "7"]
)
def test_names_of_people_and_scripts_are_usernames(username: str) -> None:
    assert check_username(username) == username


@pytest.mark.parametrize("username", ["admin", "Admin", "ADMIN"])
def test_a_username_is_unique_whatever_its_case(site: Site, username: str) -> None:
    with pytest.raises(TakenError, match="already, in upper or lower case"):
        create(site, username)


def test_a_username_with_an_accent_is_a_user_of_its_own(site: Site) -> None:
    create(site, "ádmin", password="quite another one")
    with pytest.raises(NotSignedInError, match="wrong"):
        check_password(site.database, "ádmin", PASSWORD, address="10.0.0.1")
    other = check_password(site.database, "ÁDMIN", "quite another one", address="10.0.0.1")
    assert other.user_id != site.ids["admin"]


@pytest.mark.parametrize("username", ["admin ", " admin", "admin\0", "admin\u0301"])
def test_signing_in_takes_no_name_that_only_looks_like_one(site: Site, username: str) -> None:
    with pytest.raises(NotSignedInError, match="wrong"):
        check_password(site.database, username, PASSWORD, address="10.0.0.1")


def test_signing_in_takes_a_name_in_any_case(site: Site) -> None:
    assert check_password(site.database, "ADMIN", PASSWORD, address=None).user_id == site.ids["admin"]


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("short", "5 characters long"),
        ("x" * 1001, "at most 1000"),
        ("Admin-2026", "is the username"),
        ("nul\0nul\0nul", "NUL"),
        (12345678, "Expected text"),
        (None, "Expected text"),
    ],
)
def test_a_poor_password_is_refused(password: Any, why: str) -> None:
    with pytest.raises(InvalidError, match=f"(?i){why}"):
        check_new_password(password, username="admin-2026")


def test_a_password_is_the_same_however_the_keyboard_composes_it(site: Site) -> None:
    create(site, "jo", password="pass\u00e9 compose\u0301")
    assert check_password(site.database, "jo", "passe\u0301 compos\u00e9", address=None).user_id


def test_made_up_passwords_differ_and_are_long() -> None:
    made = {new_password() for _ in range(50)}
    assert len(made) == 50 and min(map(len, made)) >= 24


def test_nobody_signs_in_without_a_password_of_his_own(site: Site) -> None:
    create(site, "robot")
    with pytest.raises(NotSignedInError, match="wrong"):
        check_password(site.database, "robot", "", address=None)
    assert not is_password(None, "anything at all")


def test_a_password_kept_with_old_parameters_is_kept_anew_at_the_next_sign_in(site: Site) -> None:
    old = PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1).hash(PASSWORD)
    with site.database.write() as session:
        session.connection().execute(update(User).where(User.username == "viewer").values(password_hash=old))
    check_password(site.database, "viewer", PASSWORD, address=None)
    with site.database.read() as session:
        kept = (
            session.connection().execute(select(User.password_hash).where(User.username == "viewer")).scalar()
        )
    assert kept is not None and kept != old and is_password(kept, PASSWORD)


@pytest.mark.parametrize("changes", [{"is_active": False}, {"is_admin": False}])
def test_the_last_administrator_stays(site: Site, changes: dict[str, bool]) -> None:
    with pytest.raises(ConflictError, match="last active administrator"):
        change(site, "admin", **changes)
    create(site, "second", is_admin=True)
    assert change(site, "admin", **changes)["version"] == 2


def test_the_last_administrator_is_not_deleted(site: Site) -> None:
    with site.database.write() as session, pytest.raises(ConflictError, match="last active administrator"):
        account.delete_user(session, site.ids["admin"], actor=ACTOR)


def test_a_deleted_user_takes_his_tokens_along(site: Site) -> None:
    with site.database.write() as session:
        create_token(session, site.ids["viewer"], {"name": "x"}, actor=ACTOR)
        account.delete_user(session, site.ids["viewer"], actor=ACTOR)
    with site.database.read() as session:
        assert session.connection().execute(select(ApiToken.id)).first() is None
        with pytest.raises(NotFoundError, match="no User"):
            account.get_user(session, site.ids["viewer"])


def test_a_change_of_an_older_version_is_refused(site: Site) -> None:
    change(site, "viewer", display_name="Vera")
    with site.database.write() as session, pytest.raises(StaleVersionError, match="at 2 now"):
        account.update_user(session, site.ids["viewer"], {"display_name": "Vero"}, actor=ACTOR, version=1)


def test_a_change_of_nothing_is_none(site: Site) -> None:
    assert change(site, "viewer", is_active=True, username="viewer")["version"] == 1


@pytest.mark.parametrize(
    "values",
    [
        {"id": 1},
        {"version": 9},
        {"password_hash": "x"},
        {"session_key": "x"},
        {"username_key": "x"},
        {"created_at": "2026-01-01T00:00:00Z"},
        {"last_sign_in_at": "2026-01-01T00:00:00Z"},
        {"is_superuser": True},
        {"is_admin": "yes"},
        {"is_admin": None},
        {"is_active": 1},
        {"roles": "Viewer"},
        {"roles": [999]},
        {"roles": [True]},
        {"roles": None},
        {"email": "nobody"},
        {"password": None},
        {"display_name": "a\0b"},
        {"display_name": "x" * 161},
        {"password": 5},
    ],
)
def test_values_that_nobody_sets_or_that_are_wrong_are_refused(site: Site, values: dict[str, Any]) -> None:
    with pytest.raises(InvalidError, match=str(list(values)[-1])):
        change(site, "viewer", **values)
    with site.database.read() as session:
        assert account.get_user(session, site.ids["viewer"])["version"] == 1


def test_no_secret_is_in_the_change_record_or_its_events(site: Site) -> None:
    create(site, "carl", password="canary-password", display_name="Carl")
    change(site, "viewer", password="canary-password-2")
    with site.database.write() as session:
        _, secret = create_token(session, site.ids["viewer"], {"name": "canary token"}, actor=ACTOR)
    with site.database.read() as session:
        keys = session.connection().execute(select(User.session_key, User.password_hash)).all()
        hashes = session.connection().execute(select(ApiToken.token_hash)).scalars().all()
        changes = session.connection().execute(select(ChangeRecord)).mappings().all()
        events = session.connection().execute(text("SELECT payload FROM events")).scalars().all()
    told = json.dumps([dict(c) for c in changes], default=str) + str(events)
    for canary in ["canary-password", secret, *hashes, *(k for pair in keys for k in pair if k)]:
        assert canary not in told
    assert any(c["fields"] == ["password"] and c["actor"] == "tester" for c in changes)


def test_rights_are_read_anew_only_once_a_change_is_committed(site: Site) -> None:
    before = read_auth_epoch(site.database)
    with pytest.raises(RuntimeError, match="halfway"), site.database.write() as session:
        bump_auth_epoch(session)
        raise RuntimeError("halfway")
    assert read_auth_epoch(site.database) == before
    change(site, "viewer", roles=[])
    assert read_auth_epoch(site.database) == before + 1


def test_only_an_administrator_changes_what_decides_over_rights() -> None:
    helper = Principal(user_id=9, username="helper", permissions=frozenset({"core.users.change"}))
    plain = {"id": 4, "is_admin": False, "roles": []}
    account.check_may_change(helper, {"display_name": "x", "password": "x"}, user=plain)
    for changes, user in (
        ({"is_admin": True}, plain),
        ({"roles": [1]}, plain),
        ({"password": "x"}, plain | {"is_admin": True}),
        ({"password": "x"}, plain | {"roles": [{"id": 1, "name": "Manager"}]}),
    ):
        with pytest.raises(Exception, match="Only an administrator"):
            account.check_may_change(helper, changes, user=user)


@pytest.mark.parametrize(
    ("patterns", "permission", "granted"),
    [
        (["*.view"], "printers.printers.view", True),
        (["*.view"], "printers.printers.change", False),
        (["printers.*"], "printers.printers.delete", True),
        (["printers.*"], "printersx.printers.view", False),
        (["printers.*.view"], "printers.supplies.view", True),
        (["*"], "usb.devices.delete", True),
        (["usb.devices.view"], "usb.devices.view", True),
        (["usb.devices.view"], "usb.devices.views", False),
        (["usb.devices.view"], "usbxdevices.view", False),
        (["*"], "core.users.view", False),
        (["*.change", "*.view", "core.*"], "core.users.change", False),
        (["core.*"], "core.roles.add", False),
        (["*.view"], "core.changes.view", False),
        (["core.*"], "core.assets.add", True),
        (["core.users.*"], "core.users.add", True),
        (["core.users.view"], "core.users.view", True),
        ([], "core.assets.view", False),
    ],
)
def test_patterns_grant_what_they_name(patterns: list[str], permission: str, granted: bool) -> None:
    assert is_granted(patterns, permission) is granted


@pytest.mark.parametrize(
    "patterns",
    [
        "*.view",
        None,
        ["no such"],
        ["*view"],
        ["a..b"],
        [""],
        ["A.b.c"],
        [7],
        ["core.assets.fly"],
        ["x" * 200],
    ],
)
def test_a_permission_that_nothing_asks_for_is_refused(patterns: Any) -> None:
    with pytest.raises(InvalidError, match="permission"):
        check_patterns(patterns, known={"core.assets.view"})


def test_a_role_keeps_the_permission_of_an_absent_plugin(site: Site) -> None:
    with site.database.write() as session:
        item = role.create_role(session, {"name": "Odd", "permissions": ["gone.things.view"]}, actor=ACTOR)
        changes = {"permissions": ["gone.things.view", "core.assets.view"]}
        kept = role.update_role(session, item["id"], changes, actor=ACTOR, known={"core.assets.view"})
    assert kept["permissions"] == ["core.assets.view", "gone.things.view"]


def test_a_role_in_use_is_not_deleted(site: Site) -> None:
    with site.database.write() as session:
        viewer = role.get_role_id(session, "VIEWER")
        with pytest.raises(InUseError, match="the role of 1 users"):
            role.delete_role(session, viewer, actor=ACTOR)
        role.delete_role(session, role.get_role_id(session, "Manager"), actor=ACTOR)


def test_role_names_are_unique_whatever_their_case(site: Site) -> None:
    with site.database.write() as session, pytest.raises(TakenError, match="already"):
        role.create_role(session, {"name": "vIEWER", "permissions": []}, actor=ACTOR)


def test_seeding_twice_changes_nothing(site: Site) -> None:
    with site.database.write() as session:
        viewer = session.get(Role, role.get_role_id(session, "viewer"))
        assert viewer is not None
        role.update_role(session, viewer.id, {"permissions": ["core.assets.view"]}, actor=ACTOR)
        role.seed_roles(session, actor=ACTOR)
        roles = role.list_roles(session)
    assert [r["name"] for r in roles] == ["Editor", "Manager", "Operator", "Viewer"]
    assert roles[-1]["permissions"] == ["core.assets.view"]


def test_nobody_puts_permissions_into_a_role_that_he_lacks(site: Database) -> None:
    holder = Principal(user_id=9, username="rolf", permissions=frozenset(["core.roles.*", "*.view"]))
    there = {"permissions": ["*.delete"]}
    for given in (["*.view"], ["core.roles.change"], ["core.assets.view"], ["*.delete"]):
        role.check_may_grant(holder, {"permissions": given}, role=there)
    for wanted in ("core.assets.add", "*", "core.users.*", "*.add"):
        with pytest.raises(PermissionDeniedError, match="only an administrator may put it"):
            role.check_may_grant(holder, {"permissions": [wanted]}, role=there)
    role.check_may_grant(Principal(user_id=1, username="admin", is_admin=True), {"permissions": ["*"]})
