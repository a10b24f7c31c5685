"""One exception for each OCPI status code, what a peer may do to us, how domain errors are told to partners.

OcpiError                       HTTP  OCPI
 ├── BodyUnreadable             400   2001   the body is not JSON
 ├── TokenUnknown               401   2000   no token, an unknown one, or one that opens less
 ├── AccessRefused              403   2000   known, and not allowed
 ├── ObjectUnknown              404   2000
 │    ├── LocationUnknown       404   2003
 │    └── TokenObjectUnknown    404   2004
 ├── MethodRefused              405   2000   also: registered already, not registered (OCPI 2.2.1 §7.2)
 ├── ClientFault                200   2000
 │    ├── ParametersInvalid     200   2001
 │    └── InformationMissing    200   2002
 └── ServerFault                200   3000
      ├── PeerUnusable          200   3001
      ├── VersionUnsupported    200   3002
      └── EndpointsMissing      200   3003
PeerError                       what happened when we asked a partner
 ├── PeerUnreachable            nothing was sent
 ├── PeerSilent                 it may have arrived: time-out, broken or unreadable answer, 5xx
 ├── PeerRefused                a clear refusal, with both codes
 └── PeerBusy                   429: nothing was done, ask again later
"""

from collections.abc import Mapping
from datetime import timedelta

from emobility.lib import errors


class OcpiError(errors.DomainError):
    """Base of what is answered to partners; elsewhere it counts as a conflict."""

    code = "ocpi"
    status = 409
    http_status = 200
    status_code = 2000


class BodyUnreadable(OcpiError):
    """The body is not JSON."""

    http_status, status_code = 400, 2001


class BodyTooLarge(OcpiError):
    """The body is larger than what we read."""

    http_status, status_code = 413, 2001


class TokenUnknown(OcpiError):
    """No token, an unknown one, or one that does not open this."""

    http_status = 401


class AccessRefused(OcpiError):
    """The partner is known and not allowed to do this."""

    http_status = 403


class ObjectUnknown(OcpiError):
    """The object is not there, or not the partner's."""

    http_status = 404


class LocationUnknown(ObjectUnknown):
    """A location that we do not know."""

    status_code = 2003


class TokenObjectUnknown(ObjectUnknown):
    """A driver's token that we do not know."""

    status_code = 2004


class MethodRefused(OcpiError):
    """The method is not allowed here, or not in this state of the registration; `allowed` are (RFC 9110)."""

    http_status = 405

    def __init__(self, message: str, *allowed: str) -> None:
        super().__init__(message)
        self.allowed = allowed


class ClientFault(OcpiError):
    """The partner did something wrong."""


class ParametersInvalid(ClientFault):
    """A parameter or field is missing or wrong; `fields` names it."""

    status_code = 2001


class InformationMissing(ClientFault):
    """The request says too little."""

    status_code = 2002


class ServerFault(OcpiError):
    """Something went wrong on our side."""

    status_code = 3000


class PeerUnusable(ServerFault):
    """The partner's own interface cannot be used."""

    status_code = 3001


class VersionUnsupported(ServerFault):
    """No version that both sides speak."""

    status_code = 3002


class EndpointsMissing(ServerFault):
    """Endpoints that we need are not there."""

    status_code = 3003


class TooManyRequests(OcpiError):
    """A limit was reached."""

    http_status = 429


TRANSLATED: Mapping[type[errors.DomainError], type[OcpiError]] = {
    errors.NotFound: ObjectUnknown,
    errors.Conflict: ClientFault,
    errors.Forbidden: AccessRefused,
    errors.Unauthenticated: TokenUnknown,
    errors.Invalid: ParametersInvalid,
    errors.TooMany: TooManyRequests,
}


def translate(error: errors.DomainError) -> OcpiError:
    """A domain error as a partner is told."""
    if isinstance(error, OcpiError):
        return error
    kind = next((TRANSLATED[base] for base in type(error).__mro__ if base in TRANSLATED), ClientFault)
    return kind(error.message, error.fields)


def status_in(version: str, status_code: int) -> int:
    """A status code as a version has it: 2.1.1 knows neither 2004 nor the hub's 4xxx."""
    if version != "2.1.1" or status_code < 2004 or 3000 <= status_code < 4000:
        return status_code
    return 2000 if status_code == 2004 else 3000 if status_code >= 4000 else status_code


def legacy_status(error: OcpiError) -> int:
    """A refusal in the numbers of document 002: invalid request, not authorised, not found, server error."""
    if error.http_status in {401, 403}:
        return 2001
    if error.http_status == 404:
        return 2002
    return 3000 if error.status_code >= 3000 else 1001


class PeerError(Exception):
    """A request of ours that did not end well; `arrived` says whether the partner may have acted on it."""

    arrived = False
    transport = True

    def __init__(self, message: str, http_status: int | None = None, status_code: int | None = None) -> None:
        super().__init__(message)
        self.message, self.http_status, self.status_code = message, http_status, status_code
        self.location = ""


class PeerUnreachable(PeerError):
    """No connection, or an address that our rules forbid: nothing was sent."""


class PeerSilent(PeerError):
    """Sent, and no answer that can be read: it may have arrived."""

    arrived = True


class PeerRefused(PeerError):
    """The partner answered and refused."""

    transport = False


class PeerBusy(PeerError):
    """The partner wants fewer requests; `patience` is how long it asks us to wait."""

    transport = False

    def __init__(self, message: str, patience: timedelta) -> None:
        super().__init__(message, 429)
        self.patience = patience
