"""Where the program begins, as `chaos-runner` and as `python -m chaos_runner`."""

from __future__ import annotations

import signal


def main() -> None:
    """Run the command line; a signal that comes while it is read in ends it as any later one."""
    signal.pthread_sigmask(signal.SIG_BLOCK, (signal.SIGINT, signal.SIGTERM, signal.SIGHUP))
    from chaos_runner.cli.main import main as run

    run()


if __name__ == "__main__":
    main()
