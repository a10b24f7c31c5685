"""More ways in which a scripted partner misbehaves: halves of answers, late ones."""

import time

from tests.support.partner import Fault, Handler, Recorded


def half_answer(handler: Handler, request: Recorded) -> None:
    """Store, then break off in the middle of the answer."""
    handler.server.partner.store(request)
    handler.send_response(201)
    handler.send_header("Content-Length", "500")
    handler.end_headers()
    handler.wfile.write(b'{"status_code": 1000, "timest')
    handler.wfile.flush()
    handler.drop()


def slow(seconds: float) -> Fault:
    """Store, and answer late."""

    def fault(handler: Handler, request: Recorded) -> None:
        time.sleep(seconds)
        handler.say(handler.server.partner.answer(request))

    return fault
