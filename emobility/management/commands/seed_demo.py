"""`manage.py seed_demo`: makes what is missing of the demo; may be repeated."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils.timezone import now

from emobility.demo_seed import seed_demo


class Command(BaseCommand):
    """Seed the demo organisation."""

    help = "Creates the demo organisation, its operator (password printed once), a site, id tokens, a tariff."

    def handle(self, *args: Any, **options: Any) -> None:
        """Tell what was made."""
        seeded = seed_demo(now=now())
        if seeded.password:
            self.stdout.write(
                f"\n  Login      {seeded.operator.username} / {seeded.password}   (shown only now)"
            )
        else:
            self.stdout.write(
                f"\n  Login      {seeded.operator.username} (password as shown at the first start)"
            )
