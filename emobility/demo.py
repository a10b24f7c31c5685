"""Names that the demo's seed and its fleet of charge points share."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DemoChargePoint:
    """A simulated charge point: power in kW, lengths in seconds, its connector as OCPI names it."""

    cp_id: str
    version: str
    id_tag: str
    power_kw: float
    session_seconds: float
    pause_seconds: float
    connector: tuple[str, str, str]

    def metadata(self) -> dict[str, object]:
        """What it tells the Registry of itself."""
        standard, form, power_type = self.connector
        return {
            "demo": True,
            "power_kw": self.power_kw,
            "connector_standard": standard,
            "connector_format": form,
            "connector_power_type": power_type,
        }


CPO_SLUG, EMSP_SLUG = "demo-cpo", "demo-emsp"
OPERATOR = "operator"
SITE_NAME = "Demo site"
DEMO_ID_TAGS = ("DEMO-TAG-1", "DEMO-TAG-2")
DEMO_CHARGE_POINTS = (
    DemoChargePoint(
        "DEMO-AC-1", "1.6", DEMO_ID_TAGS[0], 11.0, 45.0, 8.0, ("IEC_62196_T2", "SOCKET", "AC_3_PHASE")
    ),
    DemoChargePoint(
        "DEMO-DC-2", "2.0.1", DEMO_ID_TAGS[1], 50.0, 25.0, 12.0, ("IEC_62196_T2_COMBO", "CABLE", "DC")
    ),
)
