"""How far a charge point has come on its way to us: step by step, with what would help where it stopped."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from central.models import ChargePointStatus, Connector, Refusal
from central.models.charge_point_status import BootStatus
from central.models.knock import RefusalReason
from registry.models import ChargePoint

DONE, BUSY, WAIT, BAD = "good", "busy", "mute", "bad"
LONG: Final = timedelta(minutes=2)
SECURE: Final = 2
"""From this security profile on the way is encrypted."""
EXPECTED_VERSION: Final = "expected_version"
"""Key in a charge point's metadata: the version that the person who connected it chose."""
_ADVICE: Final = {
    RefusalReason.WRONG_PASSWORD: _(
        "Type the password again, without spaces. If it is lost, make a new one here."
    ),
    RefusalReason.NO_PASSWORD: _("Set the password in the charge point; without one it is not let in."),
    RefusalReason.WRONG_USER: _("The user name must be the charge point's id, letter by letter."),
    RefusalReason.WRONG_TOKEN: _("It shows a token that is not its own: give it the password instead."),
    RefusalReason.BAD_CERTIFICATE: _(
        "Its client certificate was not signed for this id, has ended or was revoked. It needs a new one, or"
        " a lower security profile and its password."
    ),
    RefusalReason.NO_TLS: _("It comes without TLS: its address must begin with wss://."),
    RefusalReason.LOWER_PROFILE: _(
        "It comes with less security than agreed: its address must begin with wss://, or lower the security"
        " profile."
    ),
    RefusalReason.DEREGISTERED: _(
        "It is deregistered here; its id cannot be used again without enrolling it."
    ),
    RefusalReason.TOO_OFTEN: _("It tried too often with wrong credentials and has to wait for a minute."),
    RefusalReason.NO_VERSION: _(
        "It offers no OCPP version that is spoken here: choose OCPP-J 1.6, 2.0.1 or 2.1."
    ),
}
_OF_WAY: Final = frozenset({RefusalReason.NO_TLS, RefusalReason.LOWER_PROFILE})
_OF_VERSION: Final = frozenset({RefusalReason.NO_VERSION})
_OF_PASSWORD: Final = frozenset(RefusalReason) - _OF_WAY - _OF_VERSION
_FARTHER: Final = {
    _OF_WAY: frozenset({RefusalReason.WRONG_PASSWORD, RefusalReason.WRONG_USER}) | _OF_VERSION,
    _OF_PASSWORD: _OF_VERSION,
    _OF_VERSION: frozenset[RefusalReason](),
}
"""Who is refused for these had passed that step: encryption is looked at first, the version last."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step: how it stands in a tone and a word, since when, and what would help."""

    key: str
    title: Any
    tone: str
    word: Any
    at: datetime | None = None
    advice: Any = ""


@dataclass(frozen=True, slots=True)
class _Seen:
    """What is known of a charge point's way to us."""

    charge_point: ChargePoint
    live: ChargePointStatus | None
    refusals: Sequence[Refusal]
    now: datetime

    @property
    def connected_at(self) -> datetime | None:
        return self.live.connected_at if self.live else None

    def refused(self, reasons: frozenset[RefusalReason]) -> Refusal | None:
        """The latest refusal at a step, unless the charge point came farther since."""
        refusal = self.latest(reasons)
        passed = self.passed(reasons)
        return None if refusal is None or (passed is not None and passed > refusal.last_seen) else refusal

    def latest(self, reasons: frozenset[RefusalReason]) -> Refusal | None:
        """The latest refusal for one of these reasons."""
        rows = [row for row in self.refusals if row.reason in reasons]
        return max(rows, key=lambda row: row.last_seen, default=None)

    def passed(self, reasons: frozenset[RefusalReason]) -> datetime | None:
        """When the charge point last came farther than this step: it connected, or was refused later on."""
        farther = self.latest(_FARTHER[reasons])
        times = (self.connected_at, farther.last_seen if farther else None)
        return max((at for at in times if at is not None), default=None)


def connect_steps(charge_point: ChargePoint, now: datetime) -> list[Step]:
    """The way of a charge point from the first knock to its first status; three statements."""
    live = ChargePointStatus.objects.filter(charge_point=charge_point).first()
    seen = _Seen(charge_point, live, list(Refusal.objects.filter(charge_point=charge_point)), now)
    return [_heard(seen), _tls(seen), _password(seen), _version(seen), _boot(seen), _status(seen)]


def is_connected(steps: Sequence[Step]) -> bool:
    """True where nothing is left to do."""
    return all(step.tone == DONE for step in steps)


def _heard(seen: _Seen) -> Step:
    title = _("It knocks at our door")
    times = [row.last_seen for row in seen.refusals]
    if seen.connected_at is not None:
        times.append(seen.connected_at)
    if times:
        return Step("heard", title, DONE, _("heard"), max(times))
    advice = _(
        "Check the address, the network and the SIM card. Where TLS itself fails nothing arrives here: then"
        " the charge point does not trust our certificate (install the CA), or its clock is wrong."
    )
    late = seen.now - seen.charge_point.registered_at > LONG
    return Step("heard", title, BUSY, _("not heard yet"), None, advice if late else "")


def _tls(seen: _Seen) -> Step:
    title = _("The way is encrypted (TLS)")
    refusal = seen.refused(_OF_WAY)
    if refusal is not None:
        return _refused("tls", title, refusal)
    if seen.connected_at is None and not seen.refusals:
        return Step("tls", title, WAIT, _("waiting"))
    if _comes_by_tls(seen):
        return Step("tls", title, DONE, _("wss"))
    if seen.charge_point.security_profile >= SECURE:
        at = max(row.last_seen for row in seen.refusals)
        return Step("tls", title, BAD, _("without TLS"), at, _ADVICE[RefusalReason.NO_TLS])
    return Step("tls", title, DONE, _("none, as agreed"))


def _comes_by_tls(seen: _Seen) -> bool:
    """As it came last: refused, which was noted, or let in, for which its security profile speaks."""
    knocked = seen.latest(frozenset(RefusalReason))
    if knocked is None or (seen.connected_at is not None and seen.connected_at > knocked.last_seen):
        return seen.charge_point.security_profile >= SECURE
    return knocked.secure


def _password(seen: _Seen) -> Step:
    title = _("It proves who it is")
    refusal = seen.refused(_OF_PASSWORD)
    if refusal is not None:
        return _refused("password", title, refusal)
    proved = seen.passed(_OF_PASSWORD) or seen.charge_point.last_authenticated
    if proved is None:
        return Step("password", title, WAIT, _("waiting"))
    return Step("password", title, DONE, _("right password"), proved)


def _version(seen: _Seen) -> Step:
    title = _("We speak the same OCPP")
    refusal = seen.refused(_OF_VERSION)
    if refusal is not None:
        offer = refusal.offered or str(_("nothing"))
        advice = _("It offers: {offer}. {advice}").format(
            offer=offer, advice=_ADVICE[RefusalReason.NO_VERSION]
        )
        return Step("version", title, BAD, _("no version in common"), refusal.last_seen, advice)
    if seen.live is None or not seen.live.ocpp_version or seen.connected_at is None:
        return Step("version", title, WAIT, _("waiting"))
    spoken = seen.live.ocpp_version
    expected = seen.charge_point.metadata.get(EXPECTED_VERSION, "")
    other = expected and expected != spoken
    hint: Any = _("It was expected to speak OCPP {version}.").format(version=expected) if other else ""
    return Step("version", title, DONE, f"OCPP {spoken}", seen.connected_at, hint)


def _boot(seen: _Seen) -> Step:
    title = _("It says what it is (BootNotification)")
    live = seen.live
    if live is None or not live.boot_status:
        on_line = live is not None and live.is_online
        return Step("boot", title, BUSY if on_line else WAIT, _("waiting"))
    name = f"{live.vendor} {live.model}".strip()
    if live.boot_status == BootStatus.ACCEPTED:
        return Step("boot", title, DONE, name or _("booted"), live.booted_at)
    if live.boot_status == BootStatus.REJECTED:
        return Step("boot", title, BAD, _("rejected"), live.booted_at)
    if live.accepted_at is not None:
        advice = _("It asks again within a minute, and serves from then on.")
        return Step("boot", title, BUSY, _("accepted, boots again"), live.accepted_at, advice)
    waits = _("{name} waits for somebody to accept it.").format(name=name or seen.charge_point.cp_id)
    return Step("boot", title, BUSY, _("pending"), live.booted_at, waits)


def _status(seen: _Seen) -> Step:
    title = _("It reports its connectors (StatusNotification)")
    plugs = Connector.objects.filter(charge_point=seen.charge_point).exclude(status="")
    found = list(plugs.order_by("pk").values_list("status", "status_at")[:20])
    if not found:
        return Step("status", title, WAIT, _("waiting"))
    words = ", ".join(sorted({status for status, _at in found}))
    return Step("status", title, DONE, words, max((at for _status_, at in found if at), default=None))


def _refused(key: str, title: Any, refusal: Refusal) -> Step:
    word = _("{reason} ({count})").format(reason=refusal.get_reason_display(), count=refusal.count)
    return Step(key, title, BAD, word, refusal.last_seen, _ADVICE[RefusalReason(refusal.reason)])
