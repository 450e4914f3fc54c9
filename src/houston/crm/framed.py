"""Pages that a CRM shows in a frame of its own: no script, one style, one origin around them."""

import base64
import hashlib
from collections.abc import Mapping
from html import escape
from typing import Final

from houston.crm.connector import Page

_STYLE: Final = """
:root { color-scheme: light }
body { font: 16px/1.5 system-ui, sans-serif; color: #1d2330; background: #fff; margin: 0; padding: 24px }
main { max-width: 34em }
h1 { font-size: 1.4em; margin: 0 0 .6em }
label { display: block; padding: .7em .9em; border: 1px solid #c9cfda; border-radius: 8px; margin: .5em 0 }
label:has(:checked) { border-color: #1a6dd4; background: #eef5ff }
input:focus-visible, button:focus-visible { outline: 3px solid #7db2f5; outline-offset: 2px }
button { font: inherit; padding: .6em 1.2em; border: 0; border-radius: 8px; background: #1a6dd4; color: #fff;
  margin: .8em .6em 0 0; min-height: 44px }
button.quiet { background: #e8ebf1; color: #1d2330 }
p.good, p.bad { padding: .7em .9em; border-radius: 8px; background: #e7f6ec; color: #0d4b25 }
p.bad { background: #fdecea; color: #7a1d14 }
small { color: #5a6373 }
"""
_HASH: Final = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()


def document(page: Page) -> bytes:
    head = '<meta charset="utf-8"><meta name="viewport" content="width=device-width">'
    title = escape(page.title)
    return (
        f'<!doctype html><html lang="{escape(page.language)}"><head>{head}<title>{title}</title>'
        f"<style>{_STYLE}</style></head><body><main><h1>{title}</h1>{page.body}</main></body></html>"
    ).encode()


def guards(page: Page) -> Mapping[str, str]:
    policy = (
        "default-src 'none'",
        f"style-src 'sha256-{_HASH}'",
        "form-action 'self'",
        "base-uri 'none'",
        f"frame-ancestors {page.framed_by}",
    )
    return {
        "content-security-policy": "; ".join(policy),
        "x-content-type-options": "nosniff",
        "referrer-policy": "no-referrer",
        "cache-control": "no-store",
    }
