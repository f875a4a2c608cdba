"""Every error that ShopDB raises on purpose, in one tree.

ShopDBError
├── SettingsError              a setting is missing, of the wrong type, or unsafe
│   └── SiteNotFoundError      no shopdb.toml where one was looked for
├── RequestError               what a caller asked can't be done; carries a message per field
│   ├── MalformedRequestError  not JSON, not a CSV, not the announced encoding        400
│   ├── NotSignedInError                                                              401
│   ├── PermissionDeniedError                                                         403
│   ├── NotFoundError                                                                 404
│   ├── ConflictError                                                                 409
│   │   ├── TakenError         a value that must be unique belongs to another item
│   │   └── InUseError         something still refers to the item
│   ├── StaleVersionError      the item has changed since it was read                 412
│   ├── InvalidError           a value is wrong, unknown, over-long                   422
│   ├── VersionRequiredError   a change without If-Match                              428
│   └── TooManyRequestsError                                                          429
├── PluginError                carries a Problem: code, stage, message, remedy
├── MigrationError             a schema can't be brought to its head
├── DatabaseUnavailableError   the database doesn't answer
└── OutboundError              a device or server could not be asked
    ├── OutboundRefusedError   the address guard refuses the address
    ├── OutboundTimeoutError   no answer by the deadline
    ├── OutboundSecurityError  the device refuses who asks, or an answer isn't proved to be the device's
    └── OutboundProtocolError  an answer that is not of the protocol
        └── OutboundReportedError  an answer that says: an error
"""

from collections.abc import Mapping, Sequence
from typing import Any


class ShopDBError(Exception):
    """Root of the tree. ``str(error)`` is a sentence for people: what was wrong, what to do."""


class SettingsError(ShopDBError):
    """A setting is missing, of the wrong type, or unsafe.

    Args:
        message: Names the setting, what it is, and what is expected.
        remedy: A sentence, or a command as it is typed; ends the text of the error.
    """

    def __init__(self, message: str, remedy: str = ""):
        super().__init__(f"{message} {remedy}".strip())
        self.message = message
        self.remedy = remedy


class SiteNotFoundError(SettingsError):
    """No ``shopdb.toml`` was found."""


class RequestError(ShopDBError):
    """A caller asked what can't be done.

    Args:
        message: One sentence for people.
        errors: Messages by field name; for bulk requests a list of ``{"index", "field", "message"}``.
    """

    status = 400
    title = "Bad request"

    def __init__(self, message: str, *, errors: Mapping[str, Sequence[str]] | Sequence[Any] | None = None):
        super().__init__(message)
        self.errors = errors


class MalformedRequestError(RequestError):
    """The body can't be read: not JSON, not CSV, not the announced encoding."""

    status, title = 400, "Malformed request"


class NotSignedInError(RequestError):
    """No valid credentials came with the request."""

    status, title = 401, "Not signed in"


class PermissionDeniedError(RequestError):
    """The person is known and lacks the permission."""

    status, title = 403, "Permission denied"


class NotFoundError(RequestError):
    """No item of that id, or none that the person may know of."""

    status, title = 404, "Not found"


class ConflictError(RequestError):
    """The request is sound but collides with what is there."""

    status, title = 409, "Conflict"


class TakenError(ConflictError):
    """A value that must be unique belongs to another item."""


class InUseError(ConflictError):
    """Something still refers to the item."""


class StaleVersionError(RequestError):
    """The item has changed since the caller read it.

    Args:
        current: The version that is stored now.
    """

    status, title = 412, "Changed since you read it"

    def __init__(self, message: str, *, current: int | None = None):
        super().__init__(message)
        self.current = current


class InvalidError(RequestError):
    """A value is wrong, unknown, missing or too long."""

    status, title = 422, "Invalid"


class VersionRequiredError(RequestError):
    """A change came without ``If-Match``."""

    status, title = 428, "Version required"


class TooManyRequestsError(RequestError):
    """Too many attempts in too short a time.

    Args:
        retry_after_s: When the next one is taken, for ``Retry-After``.
    """

    status, title = 429, "Too many requests"

    def __init__(self, message: str, *, retry_after_s: int = 10):
        super().__init__(message)
        self.retry_after_s = retry_after_s


class PluginError(ShopDBError):
    """A plugin can't be used. ``problem`` is the `shopdb.plugins.problems.Problem` that says why."""

    def __init__(self, problem: Any):
        super().__init__(problem.sentence)
        self.problem = problem


class MigrationError(ShopDBError):
    """A package's schema can't be brought to its head.

    Args:
        problems: Where several packages were to be migrated, the reason for each that was not, by name.
        applied: What was done for the others; `shopdb.migrations.Applied`.
    """

    def __init__(
        self, message: str, *, problems: Mapping[str, str] | None = None, applied: Sequence[Any] = ()
    ):
        super().__init__(message)
        self.problems = dict(problems or {})
        self.applied = list(applied)


class DatabaseUnavailableError(ShopDBError):
    """The database doesn't answer."""


class OutboundError(ShopDBError):
    """A device or server could not be asked."""


class OutboundRefusedError(OutboundError):
    """The address guard refuses the address."""


class OutboundTimeoutError(OutboundError):
    """No answer came by the deadline."""


class OutboundSecurityError(OutboundError):
    """The device does not take the user, its protection or its secrets, or its answer could not be believed.

    Args:
        report: The counter of SNMPv3 by which the device says so, such as ``wrongDigests``; empty where we say it.
    """

    def __init__(self, message: str, *, report: str = ""):
        super().__init__(message)
        self.report = report


class OutboundProtocolError(OutboundError):
    """What came back is not an answer of the protocol."""


class OutboundReportedError(OutboundProtocolError):
    """The device answered that it could not do what was asked."""
