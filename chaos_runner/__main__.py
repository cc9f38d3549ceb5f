"""Let `python -m chaos_runner` do what `chaos-runner` does."""

from chaos_runner.cli.main import main

main()
