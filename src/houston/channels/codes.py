"""The code that a channel shows, as text and as a picture. It is a secret: whoever uses it has the number."""

from datetime import datetime
from functools import lru_cache
from io import BytesIO
from typing import Final

import segno

from houston.channels.store import Channel
from houston.channels.views import CodeView
from houston.transports.transport import PairingWay

_DRAWN_MAX: Final = 64
"""Drawing takes longer than all else of a request, and a page asks for the same code every other second."""


def live_code(channel: Channel, now: datetime) -> CodeView | None:
    """The code that is good now, if there is one."""
    code, until, state = channel.qr_code, channel.qr_until, channel.state
    if code is None or until is None or until <= now:
        return None
    way, svg = (PairingWay.CODE, None) if state.types_code else (PairingWay.QR, _svg(code))
    return CodeView(way, code, svg, until, number=state.code_number, of=state.code_of)


@lru_cache(maxsize=_DRAWN_MAX)
def _svg(code: str) -> str:
    """Black on white with a quiet zone, whatever the page around it looks like: phones need both."""
    drawing = BytesIO()
    segno.make(code, error="m", micro=False).save(
        drawing, kind="svg", scale=4, border=4, dark="#000", light="#fff", xmldecl=False
    )
    return drawing.getvalue().decode()
