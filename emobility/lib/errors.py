"""The domain errors: raised once by services, translated at each edge (REST, OCPP, OCPI, command line).

DomainError
 ├── NotFound        the thing is not there, or not visible to the actor
 ├── Conflict        the thing is in a state that forbids this
 ├── Forbidden       the actor may not do this
 ├── Unauthenticated the actor did not prove who it is
 ├── Invalid         a value is wrong; `fields` names which
 └── TooMany         a limit was reached; `retry_after` seconds
"""

from collections.abc import Mapping


class DomainError(Exception):
    """Base of everything a service refuses; `message` is fit for a person, `fields` maps field to fault."""

    code = "error"
    status = 400

    def __init__(self, message: str, fields: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.fields = dict(fields or {})


class NotFound(DomainError):
    """The object does not exist or must not be known to the actor."""

    code = "not_found"
    status = 404


class Conflict(DomainError):
    """The object's state forbids the operation."""

    code = "conflict"
    status = 409


class Forbidden(DomainError):
    """The actor is known and may not do this."""

    code = "forbidden"
    status = 403


class Unauthenticated(DomainError):
    """Credentials are missing, wrong, expired or revoked; one text for all of them."""

    code = "unauthenticated"
    status = 401


class Invalid(DomainError):
    """A value breaks a rule; `fields` names it."""

    code = "invalid"
    status = 400


class TooMany(DomainError):
    """A rate or queue limit was reached."""

    code = "too_many"
    status = 429

    def __init__(self, message: str, retry_after: int = 60) -> None:
        super().__init__(message)
        self.retry_after = retry_after
