"""Ask Kafka's own Java client how it reads something; its jars are those of the lab."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from chaos_runner.lab.images.kafka_layer import maven_jars

_PROGRAM = Path(__file__).with_name("Oracle.java")
_FLAGS = ["-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:-UsePerfData"]


class Oracle:
    """The program that answers, one line for each line."""

    def __init__(self, questions: IO[str], answers: IO[str]) -> None:
        self._questions, self._answers = questions, answers

    def properties(self, content: bytes) -> dict[str, str] | None:
        """Return the properties of a file's content as a client gets them; None: refused.

        Halves of letters that Java lets stand alone are kept.
        """
        words = self._ask("properties", content)
        if words[0] == "refused":
            return None
        assert words[0] == "properties", words
        pairs = [word.partition(":") for word in words[1:]]
        return {_text(name): _text(value) for name, _, value in pairs}

    def certificates(self, text: str) -> int | None:
        """Return how many certificates Java finds in a text; None when it refuses it."""
        words = self._ask("certificates", text.encode())
        return None if words[0] == "refused" else int(words[1])

    def _ask(self, what: str, asked: bytes) -> list[str]:
        self._questions.write(f"{what} {asked.hex()}\n")
        self._questions.flush()
        answer = self._answers.readline()
        assert answer, "the Java program has ended"
        return answer.split()


@contextmanager
def java_oracle() -> Iterator[Oracle]:
    """Start the program from its source, and end it."""
    jars = maven_jars(lambda _: None)
    command = ["java", *_FLAGS, "-cp", f"{jars}/*", str(_PROGRAM)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        yield Oracle(process.stdin, process.stdout)
        process.stdin.close()


def _text(word: str) -> str:
    return bytes.fromhex(word).decode("utf-16-be", "surrogatepass")
