"""Names that the demo's seed and its fleet of charge points share."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DemoChargePoint:
    """A simulated charge point of the demo; power in kW."""

    cp_id: str
    version: str
    id_tag: str
    power_kw: float


CPO_SLUG, EMSP_SLUG = "demo-cpo", "demo-emsp"
OPERATOR = "operator"
SITE_NAME = "Demo site"
DEMO_ID_TAGS = ("DEMO-TAG-1", "DEMO-TAG-2")
DEMO_CHARGE_POINTS = (
    DemoChargePoint("DEMO-AC-1", "1.6", DEMO_ID_TAGS[0], 11.0),
    DemoChargePoint("DEMO-DC-2", "2.0.1", DEMO_ID_TAGS[1], 50.0),
)
