"""Generator of the embedded demo shop.

    python -m harness.generate --scale demo --seed 1 --out data/demo

Everything is made up. The same seed, scale and library versions give the same bytes.
"""

from harness.generate.command import main

__all__ = ["main"]
