"""Those who come back as they came before: a password, a profile that was seen, no certificate to look at.

After an outage of ours all of them knock at the same moment, so they are let in together. Everybody else is
looked at alone (authentication.admit), whoever fails here first of all.
"""

from collections.abc import Sequence
from typing import Final

from django.conf import settings

from central.consumers.authentication import CP_ID, Knock, admit, basic_credentials, profile_shown
from central.ocpp.crossing import Crossing
from central.services.prepared import Prepared
from central.services.security_profiles import HIGHEST
from emobility.lib.clock import utc_now
from registry.models import ChargePoint
from registry.services.authentication import Login, logins_prove


def _admit(knocks: Sequence[Knock], alone: bool) -> Sequence[ChargePoint | None]:
    now = utc_now()
    if alone:
        return [admit(knock, now) for knock in knocks]
    ids = sorted({knock.cp_id for knock in knocks if CP_ID.fullmatch(knock.cp_id)})
    known = {row.cp_id: row for row in _known.rows(cp_ids=ids)}
    logins = [_login(knock, known.get(knock.cp_id)) for knock in knocks]
    plain = [login for login in logins if login is not None]
    proved = dict(zip(map(id, plain), logins_prove(plain, now=now), strict=True))
    return [login.charge_point if login and proved[id(login)] else None for login in logins]


def _login(knock: Knock, known: ChargePoint | None) -> Login | None:
    """The usual login; None where anything about it is not usual."""
    if known is None or not (knock.secure or settings.OCPP_ALLOW_PLAINTEXT):
        return None
    profile = profile_shown(knock, known)
    if profile == HIGHEST or profile != known.security_profile or settings.REGISTRY_REQUIRE_CERTIFICATE:
        return None
    scheme, _, value = knock.authorization.partition(" ")
    user, secret = basic_credentials(value.strip()) if scheme.lower() == "basic" else ("", b"")
    if user != knock.cp_id or not secret:
        return None
    return Login(known, secret, knock.address, knock.fingerprint)


_known: Final = Prepared(lambda cp_ids: ChargePoint.objects.filter(cp_id__among=cp_ids).order_by())

admission: Final = Crossing(_admit, reads=True)
"""The charge point that proved itself. Raises Refused."""
