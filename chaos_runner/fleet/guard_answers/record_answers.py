"""What a host says of its own records: what is left, forgotten, or no longer halted."""

from __future__ import annotations

from chaos_runner.fleet.guard_answers.answer import Answer, KnownFault


class AuditAnswer(Answer):
    """What chaos-runner left on a host, if anything."""

    verbs = ("audit",)

    clean: bool = False
    """True only where all could be looked at, as root, and nothing was found."""
    residue: tuple[str, ...] = ()
    faults: tuple[KnownFault, ...] = ()


class ResumeAnswer(Answer):
    """That a host takes faults again."""

    verbs = ("resume",)


class ForgetAnswer(Answer):
    """That a host dropped what it knew of a finished run."""

    verbs = ("forget",)
