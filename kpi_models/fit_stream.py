"""The fit of int_clv_fitted as a filter: customers in, parameters out, `\\N` for null.

Tab-separated.

For engines whose dbt adapter has no Python models and whose SQL has script transformations (Spark's
`select transform`). The names of the columns are the arguments; the first is the customer. A
row without one says only that there are no more: it makes a shop without customers a row.
"""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType

import numpy as np

NULL = r"\N"


def main(names: list[str]) -> int:
    from kpi_models import clv  # not before it is known where the package is (below)

    lines = (line.rstrip("\n").split("\t") for line in sys.stdin)
    # in one order, as in int_clv_fitted.py: sums and with them the fit repeat to the last digit
    rows = sorted(row for row in lines if row[0] != NULL)
    columns = {}
    for place, name in enumerate(names[1:], start=1):
        missing = [row[place] == NULL for row in rows]
        values = [0.0 if row[place] == NULL else float(row[place]) for row in rows]
        columns[name] = np.ma.array(values, mask=missing, dtype=float)
    for parameter, value, note in clv.model_rows(columns, horizon_days=365):
        fields = (parameter, NULL if value is None else repr(float(value)), note or NULL)
        print(*fields, sep="\t")
    return 0


if __name__ == "__main__":
    # a cluster is sent the files of the package, not their folder
    package = sys.modules["kpi_models"] = ModuleType("kpi_models")
    package.__path__ = [str(Path(__file__).parent)]
    sys.exit(main(sys.argv[1:]))
