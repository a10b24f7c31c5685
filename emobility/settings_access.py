"""How callers of REST say who they are, and the optional OAuth2 server for machine clients."""

from typing import Any

from emobility import env

OAUTH2_ENABLED = env.boolean("OAUTH2_ENABLED", default=False)
OAUTH2_APPS = ["oauth2_provider"] if OAUTH2_ENABLED else []
OAUTH2_PROVIDER: dict[str, Any] = {
    "ACCESS_TOKEN_EXPIRE_SECONDS": 60 * env.integer("ACCESS_TOKEN_EXPIRE_MINUTES", 30, minimum=1),
    "SCOPES": {"api": "what the service account may"},
    "DEFAULT_SCOPES": ["api"],
}
API_AUTHENTICATION = [
    "registry.api.machines.ApiKeyAuthentication",
    "registry.api.machines.ServiceTokenAuthentication",
    # Before the tokens of people, who would refuse its tokens: both are Bearers.
    *(["registry.api.oauth2.ApplicationAuthentication"] if OAUTH2_ENABLED else []),
    "registry.api.people.PersonAuthentication",
    "rest_framework.authentication.SessionAuthentication",
]
