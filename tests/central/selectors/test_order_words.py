"""What an order came to, in the words of the part that decided it."""

import pytest

from central.api.waiting import answer_of
from central.models import ChargePointStatus, Command
from central.ocpp.ordering import order_place
from central.selectors.words import answer_word
from central.services.command_delivery import command_answered
from tests.support.handlers import NOW

ACCEPTED, REFUSED = {"attributeStatus": "Accepted"}, {"attributeStatus": "UnknownVariable"}


@pytest.mark.parametrize(
    ("answer", "word"),
    [
        ({"status": "Occupied"}, "Occupied"),
        ({"setVariableResult": [ACCEPTED, REFUSED, REFUSED]}, "UnknownVariable"),
        ({"setMonitoringResult": [{"status": "Rejected"}, {"status": "Duplicate"}]}, "Rejected, Duplicate"),
        ({"getVariableResult": [ACCEPTED]}, "Accepted"),
        ({"listVersion": 3}, ""),
        (None, ""),
    ],
)
def test_the_charge_points_own_word(answer, word):
    assert answer_word(answer) == word


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("second", "told"),
    [
        ({"answer": {"status": "NotSupported"}}, "The charge point refused: NotSupported."),
        ({"answer": None, "error": "It is broken."}, "The order failed: It is broken."),
        ({"answer": {"status": "Accepted"}}, "The charge point refused: rejected."),
    ],
)
def test_an_order_of_several_parts_fails_in_the_words_of_the_one_that_failed(charge_point, second, told, rf):
    ChargePointStatus.objects.create(charge_point=charge_point, ocpp_version="1.6")
    variables = [{"name": "A", "value": "1"}, {"name": "B", "value": "1"}]
    params = {"variables": variables}
    order = order_place(charge_point=charge_point, order="configuration_set", params=params, now=NOW)
    Command.objects.update(state="sent")
    parts = Command.objects.order_by("pk").values_list("pk", flat=True)
    command_answered(command_id=parts[0], answer={"status": "Accepted"}, accepted=True, now=NOW)
    command_answered(command_id=parts[1], now=NOW, **second)
    assert answer_of(Command.objects.get(pk=order.pk), rf.get("/"))[1]["detail"] == told
