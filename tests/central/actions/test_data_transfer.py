"""DataTransfer (1.6 §4.3, 2.x P02): kept, and UnknownVendorId where nobody handles the vendor."""

import pytest

from central.models import DataTransfer
from tests.support.handlers import Bench


@pytest.mark.parametrize(
    ("version", "data"), [("1.6", "text"), ("2.0.1", {"a": [1, None]}), ("2.1", 5), ("1.6", None)]
)
def test_a_vendors_message_is_kept(version, data, charge_point):
    request = {"vendorId": "acme", "messageId": "hello"} | ({} if data is None else {"data": data})
    answer = Bench(charge_point, version).call("DataTransfer", request)
    assert answer == {"status": "UnknownVendorId"}
    row = DataTransfer.objects.get()
    assert (row.vendor_id, row.vendor_message_id, row.data) == ("acme", "hello", data)
    assert row.status == "UnknownVendorId"
