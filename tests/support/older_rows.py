"""What `older_platform` has: a provider with two drivers, a bootstrap token, a key for REST."""

from datetime import UTC, datetime

from central.models import IdToken
from ocpi.services.bootstrap_tokens import bootstrap_token_issue
from registry.models import Organization
from registry.services.service_accounts import ServiceAccountValues, service_account_create
from registry.services.service_keys import service_key_issue
from tests.support.world import staff

CARD, APP = "04A1B2C3", "APP-1"


def fill() -> dict[str, str]:
    """Make the rows; answers the bootstrap token and the key."""
    now = datetime.now(UTC)
    ours = Organization.objects.create(
        name="Drivers BV", slug="drivers", is_default=True, ocpi_roles=["EMSP"]
    )
    IdToken.objects.create(organization=ours, uid=CARD, contract_id="NL-MSP-C1", whitelist="NEVER")
    IdToken.objects.create(organization=ours, uid=APP, token_type="Central", contract_id="NL-MSP-C2")
    admin = staff(ours, "admin")
    account = service_account_create(
        organization=ours,
        values=ServiceAccountValues(name="app", role="service", scopes=["inspect", "operate"]),
        actor=admin,
        now=now,
    )
    _, key = service_key_issue(account=account, actor=admin, now=now)
    return {"token_a": bootstrap_token_issue(organization=ours, now=now)[1], "key": key}
