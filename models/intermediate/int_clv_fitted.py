"""Thin: the mathematics is in the package kpi_models, which pytest covers."""


def model(dbt, session):
    dbt.config(materialized="table")
    from kpi_models import clv

    # in one order, so that sums and with them the fit repeat to the last digit
    customers = dbt.ref("int_customers_transacted").order("customer_id")
    rows = clv.model_rows(customers.fetchnumpy(), horizon_days=365)
    session.execute(
        "create or replace temporary table clv_fitted"
        " (parameter varchar, value double, note varchar)"
    )
    session.executemany("insert into clv_fitted values (?, ?, ?)", [list(row) for row in rows])
    return session.table("clv_fitted")
