"""YAML files whose values are changed, so that they are read to the end more often."""

from __future__ import annotations

import json
from collections.abc import Sequence
from random import Random

from chaos_runner.yaml_input.document import parse_document
from tests.unit.fuzz.mutations import Make, changed_data


def changed_yaml(whole: Sequence[str]) -> Make[str]:
    """Take the data of a YAML file, change it, and write it as JSON, which is YAML too."""
    data = changed_data([parse_document(text).data for text in whole])

    def make(random: Random) -> str:
        return json.dumps(data(random), ensure_ascii=random.random() < 0.5)

    return make
