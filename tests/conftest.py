"""What holds for every test."""

from __future__ import annotations

from hypothesis import settings

# A busy machine makes any example slow now and then; how long one takes proves nothing here.
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")
