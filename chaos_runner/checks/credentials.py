"""The credentials of an HTTP request: named by a variable or a file, never written themselves."""

from __future__ import annotations

import base64
import os
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, model_validator

from chaos_runner.errors import UsageError
from chaos_runner.faults.values import Matching
from chaos_runner.files import read_limited
from chaos_runner.yaml_input.written_model import WrittenModel

VariableName = Annotated[
    str, Matching(r"[A-Za-z_][A-Za-z0-9_]{0,99}", "the name of a variable", "MONITORING_TOKEN")
]
FileName = Annotated[str, Field(min_length=1, max_length=4096)]


class Authorization(WrittenModel):
    """Where the secret of an `Authorization` header comes from; it is read each time anew."""

    scheme: Literal["bearer", "basic"] = "bearer"
    """`bearer`: the secret is a token; `basic`: it is `user:password`."""
    env: VariableName | None = None
    """The environment variable that holds the secret."""
    file: FileName | None = None
    """The file whose text is the secret; a relative path counts from the experiment's file."""

    @model_validator(mode="after")
    def _one_place(self) -> Authorization:
        if (self.env is None) == (self.file is None):
            raise ValueError("found no place of the secret, or two; allowed is one of env, file")
        return self

    def named(self) -> str:
        """Return in words where the secret is."""
        return f"the variable {self.env}" if self.env is not None else f"the file {self.file}"

    def header(self, directory: Path) -> str:
        """Return the value of the header; raise UsageError where there is no secret."""
        secret = self._secret(directory)
        if not secret or not secret.isprintable() or not secret.isascii():
            raise UsageError(f"{self.named()} holds no secret that a header can carry")
        if self.scheme == "basic":
            return "Basic " + base64.b64encode(secret.encode()).decode()
        return f"Bearer {secret}"

    def _secret(self, directory: Path) -> str:
        if self.env is not None:
            return os.environ.get(self.env, "").strip()
        path = directory / Path(self.file or "").expanduser()
        try:
            return read_limited(path).decode("utf-8", "replace").strip()
        except OSError as error:
            raise UsageError(f"{self.named()} cannot be read: {error.strerror}") from error
