"""Writes the views of a Spark catalogue as parquet, as its tables are; and tables without a row,
which may have no file.

Run by test_spark.py: python -m tests.python.spark_catalogue <schema> <folder>
"""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

import yaml
from pyspark.sql import SparkSession

from harness.compiled import ROOT


def session() -> SparkSession:
    """A session with the settings of profiles.yml; its only templates are environment variables."""
    profile = re.sub(
        r"\{\{ env_var\('(\w+)', '([^']*)'\)[^}]*\}\}",
        lambda found: os.environ.get(found[1], found[2]),
        (ROOT / "profiles.yml").read_text(encoding="utf-8"),
    )
    target = yaml.safe_load(profile)["ecommerce_kpis"]["outputs"]["spark"]
    builder = SparkSession.builder.enableHiveSupport()
    for setting, value in target["server_side_parameters"].items():
        builder = builder.config(setting, value)
    return builder.getOrCreate()


def main(schema: str, folder: str) -> None:
    spark = session()
    tables = Path(spark.conf.get("spark.sql.warehouse.dir").removeprefix("file:")) / f"{schema}.db"
    for table in spark.catalog.listTables(schema):
        if not any((tables / table.name).glob("*.parquet")):
            spark.table(f"{schema}.{table.name}").write.mode("overwrite").parquet(
                f"{folder}/{table.name}"
            )


if __name__ == "__main__":
    main(*sys.argv[1:])
