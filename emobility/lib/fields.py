"""Model fields that all rooms share: text encrypted at rest with a key ring that rotates."""

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.core.exceptions import FieldError, ImproperlyConfigured
from django.db import models

if TYPE_CHECKING:
    TextFieldBase = models.TextField[str, str]
else:
    TextFieldBase = models.TextField

DEVELOPMENT_KEY = "ZGV2ZWxvcG1lbnQtb25seS1rZXktMDEyMzQ1Njc4OWE="


@lru_cache(maxsize=4)
def key_ring(keys: tuple[str, ...]) -> MultiFernet:
    """The Fernet keys, newest first: the first encrypts, all decrypt. Raises ImproperlyConfigured."""
    try:
        return MultiFernet([Fernet(key) for key in keys])
    except ValueError as error:
        raise ImproperlyConfigured(
            "FIELD_ENCRYPTION_KEYS must be Fernet keys (32 bytes, url-safe base64)."
        ) from error


def _ring() -> MultiFernet:
    return key_ring(tuple(settings.FIELD_ENCRYPTION_KEYS) or (DEVELOPMENT_KEY,))


def seal(text: str) -> str:
    """Ciphertext of a secret that has to stand inside of something else, such as an order's parameters."""
    return _ring().encrypt(text.encode()).decode()


def unseal(sealed: str) -> str:
    """The secret again. Raises cryptography's InvalidToken where the key is gone."""
    return _ring().decrypt(sealed.encode()).decode()


class EncryptedTextField(TextFieldBase):
    """Text that only this platform can read; a wrong key raises instead of giving ciphertext back."""

    def get_prep_value(self, value: Any) -> Any:
        """Ciphertext for the database; None and '' stay as they are."""
        return value if value in (None, "") else _ring().encrypt(str(value).encode()).decode()

    def from_db_value(self, value: Any, *_: Any) -> Any:
        """Clear text from the database."""
        return value if value in (None, "") else _ring().decrypt(value.encode()).decode()

    def get_lookup(self, lookup_name: str) -> Any:
        """Only `isnull` makes sense on ciphertext."""
        if lookup_name != "isnull":
            raise FieldError("Encrypted fields cannot be searched.")
        return super().get_lookup(lookup_name)
