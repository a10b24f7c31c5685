"""Why a session waits for a person, and what is worth knowing of it: codes and words."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class ReviewReason(models.TextChoices):
    """What does not add up: holds the bill."""

    NOT_AUTHORIZED = "not_authorized", _("Charged with a tag that was refused")
    CLOCK_UNSET = "clock_unset", _("The charge point's clock was not set")
    CLOCK_AHEAD = "clock_ahead", _("The charge point's clock is far ahead")
    CLOCK_JUMPED = "clock_jumped", _("The charge point's clock jumped: more time was told than passed")
    END_BEFORE_START = "end_before_start", _("Ended before it began")
    STOP_BELOW_START = "stop_below_start", _("The meter showed less at the end than at the start")
    STOP_BELOW_METER_VALUES = "stop_below_meter_values", _("The meter showed less at the end than before")
    START_REGISTER_ZERO = "start_register_zero", _("The meter was reported as 0 at the start, then really")
    START_REGISTER_NEGATIVE = "start_register_negative", _("The meter was negative at the start")
    IMPOSSIBLE_ENERGY = "impossible_energy", _("More energy than the connector can deliver")
    NO_REGISTER = "no_register", _("No meter reading")
    NO_STOP_BEFORE_BOOT = "no_stop_before_boot", _("The charge point restarted without reporting an end")
    NO_STOP_BEFORE_NEXT_START = (
        "no_stop_before_next_start",
        _("The next session began without an end of this one"),
    )
    CLOSED_BY_HAND = "closed_by_hand", _("Closed by hand: the charge point did not report an end")
    MISSING_EVENTS = "missing_events", _("Messages are missing")
    CHARGED_ON = "charged_on", _("Charged on: the charge point did not stop when the budget was used up")
    RESERVATION_USED = "reservation_used", _("Billed as expired, but a session used the reservation")
    UNKNOWN_TRANSACTION = "unknown_transaction", _("The end named an unknown transaction")


class Remark(models.TextChoices):
    """What is worth knowing: stops nothing."""

    CLOCK_SKEW = "clock_skew", _("The charge point's time differs from ours by more than 5 minutes")
    OFFLINE = "offline", _("Charged while the charge point was offline")
    MATCHED_BY_TIME = "matched_by_time", _("The end was matched by connector and time")
    OTHER_TAG_AT_END = "other_tag_at_end", _("Ended with another tag")
    SEQ_NO_REUSED = "seq_no_reused", _("A sequence number was used twice")
    EVENT_AFTER_END = "event_after_end", _("Messages came after the end")
    CURIOUS_SPEED = "curious_speed", _("Charged faster than 400 kW")
    FREE_CHARGING = "free_charging", _("Free charging: anybody could start")
    UNKNOWN_OFFLINE = "unknown_offline", _("Began offline with an unknown tag, accepted by the policy")
    CONNECTOR_OUT_OF_RANGE = "connector_out_of_range", _("The connector's number cannot exist")
    ENDED_THERE = "ended_there", _("The charge point says that it has ended, but did not report the end")
    RESERVATION_EXPIRED = "reservation_expired", _("A reservation that nobody came for: nothing was charged")
    BUDGET_REACHED = "budget_reached", _("Stopped by us: the budget of the tag's group was used up")
