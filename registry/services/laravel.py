"""The Laravel CMS as the first webhook of the default organisation, made from two settings."""

from datetime import datetime
from typing import Final

from django.db import transaction

from registry.models import Organization, WebhookEndpoint
from registry.services.organizations import organization_default
from registry.services.webhook_endpoints import Made, Wish, webhook_change, webhook_create
from registry.services.webhook_secrets import headers_of

ORIGIN: Final = "laravel"
NAME: Final = "Laravel CMS"
ACTOR: Final = "settings"


def laravel_webhook_ensure(*, url: str, key: str, now: datetime) -> Made | None:
    """Make or change the webhook so that it is what the settings say; None where it was so already.

    Without an address nothing is done: a webhook that was made once stays until a person deletes it. Kinds,
    places and the pause are the person's. Raises Invalid for an address that may not be.
    """
    if not url:
        return None
    organization = organization_default(now)
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    with transaction.atomic():
        # Processes that start together take turns here.
        Organization.objects.select_for_update().get(pk=organization.pk)
        endpoint = WebhookEndpoint.objects.filter(origin=ORIGIN).first()
        if endpoint is None:
            return webhook_create(
                organization=organization,
                wish=Wish(NAME, url, headers=headers),
                actor=ACTOR,
                origin=ORIGIN,
                now=now,
            )
        if (endpoint.url, headers_of(endpoint)) == (url, headers):
            return None
        wish = Wish(
            name=endpoint.name,
            url=url,
            kinds=endpoint.kinds,
            sites=list(endpoint.sites.all()),
            groups=list(endpoint.groups.all()),
            charge_points=list(endpoint.charge_points.all()),
            headers=headers,
            is_active=endpoint.is_active,
        )
        changed = webhook_change(endpoint=endpoint, wish=wish, actor=ACTOR, now=now)
    return Made(changed, "")
