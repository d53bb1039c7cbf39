"""The console: server-rendered pages for administrators. Works without JavaScript, and allows none."""

from __future__ import annotations

from web.console import actions, errors, pages, people, sign_in
from web.console.blueprint import blueprint

__all__ = ["blueprint"]

# Importing a module of pages registers them; naming it here says that this is why.
_REGISTERED = (actions, errors, pages, people, sign_in)
