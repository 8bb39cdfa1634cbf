"""`python -m harness <command>`: generate, publish, oracle, ..."""

import sys
from importlib import import_module

COMMANDS = {
    "generate": ("harness.generate", "write a made-up shop, of any size, in the input contract"),
    "build": ("harness.build", "dbt build, and what to do where it stops on a fault"),
    "load": ("harness.load", "load a shop into the raw tables of another engine than DuckDB"),
    "publish": ("harness.publish", "put the tested tables where readers open them"),
    "dashboard": ("harness.dashboard", "write the page that leaders open"),
    "oracle": ("harness.oracle", "recompute the KPIs in Python and compare them with the marts"),
    "contract": ("harness.contract", "print the input contract as a table"),
    "benchmark": ("harness.benchmark", "time the attribution and the forecast on large facts"),
    "reliability": ("harness.reliability", "bring the figures in docs/reliability.md up to date"),
    "kpis": ("harness.kpis", "bring the table of KPIs in README.md up to date"),
}


def main(argv: list[str]) -> int:
    if not argv or argv[0] not in COMMANDS:
        print("usage: python -m harness <command> [options]\n", file=sys.stderr)
        for name, (_, purpose) in COMMANDS.items():
            print(f"  {name:11} {purpose}", file=sys.stderr)
        return 2
    return import_module(COMMANDS[argv[0]][0]).main(argv[1:]) or 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
