"""What a server has loaded is there for good: looking for garbage in it again and again finds none.

Python does so in the middle of some request, every so many, and that one waits a tenth of a second for it.
"""

from __future__ import annotations

import gc

from django.urls import get_resolver


def leave_out_what_is_loaded() -> None:
    """From now on only what is made later is looked through. To be called once all is loaded, before any request."""
    # Loads what the first request would: every address with its view.
    _ = get_resolver().url_patterns
    gc.collect()
    gc.freeze()
