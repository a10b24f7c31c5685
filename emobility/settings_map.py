"""Settings of the map: by default it is drawn without a background, and no other host is asked."""

from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

from emobility import env


def image_hosts(address: str) -> list[str]:
    """The origin that pages may load tiles from; raises ImproperlyConfigured for anything else."""
    if not address:
        return []
    parts = urlsplit(address)
    complete = all(each in address for each in ("{z}", "{x}", "{y}"))
    if parts.scheme not in ("http", "https") or not parts.hostname or not complete:
        raise ImproperlyConfigured("MAP_TILE_URL must look like https://tiles.example/{z}/{x}/{y}.png.")
    return [f"{parts.scheme}://{parts.netloc}"]


MAP_TILE_URL = env.text("MAP_TILE_URL")
"""Tiles of a background, like https://tiles.example/{z}/{x}/{y}.png; empty: none, no other host is asked."""
MAP_ATTRIBUTION = env.text("MAP_ATTRIBUTION")
"""What the owner of the tiles wants to stand below the map."""
MAP_IMAGE_HOSTS = image_hosts(MAP_TILE_URL)
"""For the content security policy."""
