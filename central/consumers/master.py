"""`/master`: orders to one, some or all charge points, observing them, broadcasts (docs/live.md)."""

from functools import partial
from typing import Any

import structlog
from asgiref.typing import ASGIReceiveCallable, ASGISendCallable

from central.consumers import live_reading
from central.consumers.live_hub import hub
from central.consumers.live_socket import LiveSocket
from central.consumers.master_requests import Placed, confirmed, observed, ordered
from emobility.lib.api import UNKEEPABLE
from emobility.lib.clock import utc_now
from emobility.lib.errors import DomainError
from registry.models import User
from registry.rights import Right, may

log = structlog.get_logger(__name__)


class MasterSocket(LiveSocket):
    """One open console."""

    rights = (Right.OPERATE, Right.INSPECT)
    protocols = ("emobility.master",)
    hears_broadcasts = True
    kind = "master"

    async def opened(self) -> None:
        """Hear broadcasts from now on."""
        await hub().join(self)
        self.tell({"type": "welcome", "user": self.user.get_username(), "at": utc_now().isoformat()})

    def closed(self) -> None:
        """Forget what it waited for; commands go on."""
        hub().leave(self)
        hub().orders.forget(self)
        hub().tail.forget(self)

    def renewed(self, user: User) -> None:
        """Who may no longer inspect observes no longer, though he may still order."""
        super().renewed(user)
        if not may(user, Right.INSPECT):
            hub().tail.forget(self)

    async def heard(self, content: dict[str, Any]) -> None:
        """One request; a refusal is an answer of its own."""
        kinds = {
            "order": self._order,
            "confirm": self._confirm,
            "observe": self._observe,
            "unobserve": self._unobserve,
            "ping": self._ping,
        }
        kind = kinds.get(content["type"])
        ref = content.get("ref")
        try:
            if kind is None:
                self.fault("invalid", f"Types: {', '.join(kinds)}.", ref)
            else:
                await kind(content, ref)
        except DomainError as error:
            self.fault(error.code, error.message, ref, error.fields)
        except UNKEEPABLE:
            self.fault("invalid", "A value holds what cannot be kept, such as the character 0.", ref)
        except live_reading.OUTAGES as error:
            log.warning("live.request_failed", error=repr(error)[:200])
            self.fault("unavailable", "The database does not answer.", ref)

    async def _order(self, content: dict[str, Any], ref: Any) -> None:
        self._placed(await live_reading.run(partial(ordered, self.user, content, utc_now())), ref)

    async def _confirm(self, content: dict[str, Any], ref: Any) -> None:
        self._placed(await live_reading.run(partial(confirmed, self.user, content, utc_now())), ref)

    def _placed(self, placed: Placed, ref: Any) -> None:
        self.tell({**placed.answer, "ref": ref})
        if placed.command is not None:
            hub().orders.expect(self, ref, placed.command.pk, placed.command.outcome)
        if placed.bulk_id is not None:
            hub().orders.expect_bulk(self, ref, placed.bulk_id)

    async def _observe(self, content: dict[str, Any], ref: Any) -> None:
        wish = await live_reading.run(partial(observed, self.user, content))
        await hub().tail.observe(self, wish)
        self.tell({"type": "observing", "ref": ref})

    async def _unobserve(self, content: dict[str, Any], ref: Any) -> None:
        hub().tail.forget(self)
        self.tell({"type": "observing_ended", "ref": ref})

    async def _ping(self, content: dict[str, Any], ref: Any) -> None:
        self.tell({"type": "pong", "ref": ref, "at": utc_now().isoformat()})


async def master_application(scope: Any, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
    """The ASGI application behind `/master`."""
    await MasterSocket(scope, receive, send).run()
