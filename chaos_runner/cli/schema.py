"""`chaos-runner schema`: the JSON Schema of an experiment."""

from __future__ import annotations


def schema() -> None:
    """Print the JSON Schema of an experiment file, for editors and other programs."""
    from chaos_runner.experiment.schema import schema_text

    print(schema_text(), end="")
