"""What holds for every test."""

from __future__ import annotations

import signal

from hypothesis import settings

# A busy machine makes any example slow now and then; how long one takes proves nothing here.
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")

# Who starts the tests in the background may have them ignore signals (nohup, a shell's `&`), and
# programs that they start would ignore them, too.
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGHUP, signal.SIG_DFL)
