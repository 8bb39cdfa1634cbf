"""The Python package beside the dbt project: what SQL cannot or should not do."""
