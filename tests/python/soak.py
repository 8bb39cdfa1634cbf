"""Figures of the long tests: each leaves a line in the file $SOAK_FIGURES, if there is one.

`python -m harness reliability` puts them into docs/reliability.md.
"""

from __future__ import annotations

import json
import os


def record(what: str, **figures: float) -> None:
    print(what, figures)
    if path := os.environ.get("SOAK_FIGURES"):
        with open(path, "a", encoding="utf-8") as file:
            file.write(json.dumps({"what": what, **figures}) + "\n")
