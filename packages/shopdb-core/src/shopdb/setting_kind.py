"""The types that a setting can have: how each is read from text and from TOML, and how it is said."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Any, Protocol
from urllib.parse import urlsplit

Network = IPv4Network | IPv6Network

MIN_SECRET_LENGTH = 32


class Kind(Protocol):
    """A type of setting. ``from_…`` raise ValueError, its text saying why where the reason isn't plain."""

    @property
    def expected(self) -> str:
        """What is right, to stand before "is expected"."""

    def from_text(self, text: str) -> Any:
        """The value of an environment variable."""

    def from_toml(self, raw: Any) -> Any:
        """The value of a key of ``shopdb.toml``."""

    def plain(self, value: Any) -> Any:
        """The value as JSON."""

    def example(self, name: str) -> str:
        """A line of ``shopdb.toml`` that is right."""


@dataclass(frozen=True)
class TextKind:
    """Text, checked by a function that raises ValueError or returns it in its usual form."""

    check: Callable[[str], str] = str.strip
    expected: str = "a text"

    def from_text(self, text: str) -> str:
        return self.check(text)

    def from_toml(self, raw: Any) -> str:
        if isinstance(raw, str):
            return self.check(raw)
        raise ValueError(f"it is a {type(raw).__name__}")

    def plain(self, value: str | None) -> str | None:
        return value

    def example(self, name: str) -> str:
        return f'{name} = "…"'


@dataclass(frozen=True)
class ChoiceKind:
    """One of a few words."""

    choices: tuple[str, ...]

    @property
    def expected(self) -> str:
        return " or ".join(repr(choice) for choice in self.choices)

    def from_text(self, text: str) -> str:
        if text.strip().lower() not in self.choices:
            raise ValueError
        return text.strip().lower()

    def from_toml(self, raw: Any) -> str:
        return self.from_text(raw if isinstance(raw, str) else "")

    def plain(self, value: str | None) -> str | None:
        return value

    def example(self, name: str) -> str:
        return f'{name} = "{self.choices[0]}"'


@dataclass(frozen=True)
class NumberKind:
    """A whole number in a range."""

    minimum: int
    maximum: int

    @property
    def expected(self) -> str:
        return f"a whole number from {self.minimum} to {self.maximum}"

    def from_text(self, text: str) -> int:
        if not re.fullmatch(r"-?[0-9]{1,18}", text.strip()):
            raise ValueError
        return self.from_toml(int(text))

    def from_toml(self, raw: Any) -> int:
        if not isinstance(raw, int) or isinstance(raw, bool) or not self.minimum <= raw <= self.maximum:
            raise ValueError
        return raw

    def plain(self, value: int | None) -> int | None:
        return value

    def example(self, name: str) -> str:
        return f"{name} = {self.minimum}"


@dataclass(frozen=True)
class FlagKind:
    """Yes or no."""

    expected: str = "true or false"

    def from_text(self, text: str) -> bool:
        word = text.strip().lower()
        if word in ("1", "true", "yes", "on"):
            return True
        if word in ("0", "false", "no", "off"):
            return False
        raise ValueError

    def from_toml(self, raw: Any) -> bool:
        if isinstance(raw, bool):
            return raw
        raise ValueError

    def plain(self, value: bool | None) -> bool | None:
        return value

    def example(self, name: str) -> str:
        return f"{name} = true"


@dataclass(frozen=True)
class WordsKind:
    """A list of names."""

    expected: str = "a list of names"

    def from_text(self, text: str) -> tuple[str, ...]:
        return tuple(word for word in re.split(r"[\s,]+", text) if word)

    def from_toml(self, raw: Any) -> tuple[str, ...]:
        if not isinstance(raw, list) or not all(isinstance(word, str) for word in raw):
            raise ValueError
        return tuple(raw)

    def plain(self, value: tuple[str, ...] | None) -> list[str]:
        return list(value or ())

    def example(self, name: str) -> str:
        return f'{name} = ["printers"]'


@dataclass(frozen=True)
class NetworksKind:
    """A list of IP networks; a lone address is the network of itself."""

    expected: str = "a list of networks such as 10.0.0.0/8"

    def from_text(self, text: str) -> tuple[Network, ...]:
        return tuple(ip_network(word) for word in re.split(r"[\s,]+", text) if word)

    def from_toml(self, raw: Any) -> tuple[Network, ...]:
        words = [raw] if isinstance(raw, str) else raw
        if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
            raise ValueError
        return self.from_text(",".join(words))

    def plain(self, value: tuple[Network, ...] | None) -> list[str]:
        return [str(network) for network in value or ()]

    def example(self, name: str) -> str:
        return f'{name} = ["10.0.0.0/8"]'


_DATABASES = re.compile(
    r"(sqlite(\+pysqlite)?|postgres(ql)?(\+psycopg)?|(mysql|mariadb)(\+pymysql)?)://.*", re.DOTALL
)


def check_database_url(text: str) -> str:
    """SQLite, PostgreSQL or MariaDB (also as ``mysql://``), with the drivers that core brings."""
    text = text.strip()
    if not _DATABASES.fullmatch(text):
        raise ValueError("core brings drivers for sqlite://, postgresql://, mysql:// and mariadb://")
    return re.sub(r"^postgres(?=[:+])", "postgresql", text)


def check_redis_url(text: str) -> str:
    """The address of a Redis."""
    if not text.strip().startswith(("redis://", "rediss://", "unix://")):
        raise ValueError("it begins with redis://, rediss:// or unix://")
    return text.strip()


def check_base_url(text: str) -> str:
    """An address of the web, without a slash at its end."""
    parts = urlsplit(text.strip())
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise ValueError("it is http:// or https:// and a host")
    return text.strip().rstrip("/")


def check_secret_key(text: str) -> str:
    """Long enough that nobody guesses it."""
    if len(text) < MIN_SECRET_LENGTH:
        raise ValueError(
            f"it has {len(text)} characters, {MIN_SECRET_LENGTH} are needed: openssl rand -hex 32"
        )
    return text
