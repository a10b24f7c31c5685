"""How a charge point stays enrolled: its secret in a file, its token fresh, with as few calls as possible."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from central.monitor.credentials import Credentials, credentials_load, credentials_save
from central.monitor.http import Denied
from central.monitor.registry_client import RegistryClient

log = logging.getLogger(__name__)

TOKEN_MARGIN = timedelta(minutes=5)
CONFLICT, UNAUTHORIZED = 409, 401


@dataclass(frozen=True, slots=True)
class Identity:
    """What a charge point says of itself at the Registry."""

    cp_id: str
    location: str
    metadata: dict[str, Any] = field(default_factory=dict)
    enrolment_token: str = ""


class Enrolment:
    """The charge point `identity` at the Registry; `path` is its credential file.

    A stored token is used until shortly before its end, then the stored secret gives a new one; only without
    a secret, or with one that the Registry refuses, is the charge point registered.
    """

    def __init__(
        self, identity: Identity, registry: RegistryClient, path: Path, clock: Callable[[], datetime]
    ) -> None:
        self._identity, self._registry, self._path, self._clock = identity, registry, path, clock
        self._known: Credentials | None = None

    def ensure(self) -> Credentials:
        """Credentials with a good token; raises Unreachable, Denied, CredentialsUnreadable."""
        known = self._known or self._stored()
        if known is None or not known.has_token(self._clock(), TOKEN_MARGIN):
            log.info("Registering %s with EV_Registry...", self._identity.cp_id)
            known = self._register() if known is None else self._prove(known)
            credentials_save(self._path, known)
            log.info("✓ CP %s registered with EV_Registry", self._identity.cp_id)
        self._known = known
        return known

    def forget_token(self) -> None:
        """The token was refused: get a new one next time."""
        if self._known is not None:
            self._known = replace(self._known, token="", token_expires_at=None)

    def _stored(self) -> Credentials | None:
        stored = credentials_load(self._path)
        return stored if stored is not None and stored.cp_id == self._identity.cp_id else None

    def _prove(self, known: Credentials) -> Credentials:
        try:
            return self._authenticate(known)
        except Denied as error:
            if error.status != UNAUTHORIZED:
                raise
        log.warning("The stored credentials of %s are refused; registering", known.cp_id)
        return self._register(refused=known)

    def _register(self, refused: Credentials | None = None) -> Credentials:
        identity = self._identity
        try:
            return self._registry.register(
                identity.cp_id, identity.location, identity.metadata, identity.enrolment_token
            )
        except Denied as error:
            # Somebody else may have enrolled it and stored the secret since we looked.
            stored = self._stored()
            if error.status != CONFLICT or stored is None or stored == refused:
                raise
            return self._authenticate(stored)

    def _authenticate(self, known: Credentials) -> Credentials:
        fresh = self._registry.authenticate(known.cp_id, known.credentials)
        log.info("CP %s authenticated successfully", known.cp_id)
        return fresh
