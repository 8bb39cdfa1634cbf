"""The short form of `make mutation`: a mistake on each floor is noticed, what is none is not."""

from __future__ import annotations

import pytest

from harness.compiled import CompiledProject
from tests.python import mutants
from tests.python.mutation import Bench, UnitTest
from tests.python.test_hostile_shop import HOSTILE

MISTAKES = [
    ("base_orders", "other_order", "loaded_at DESC"),
    ("int_orders_valued", "dropped_condition", "NOT orders.is_test"),
    ("fct_sales_entries", "other_sign", "net_sales - cost"),
    ("rollup_sales", "other_aggregate", "SUM(discounts)"),
    ("kpi_refund_rate", "turned_ratio", ""),
    ("kpi_scorecard", "other_aggregate", "MIN(known.period_start)"),
]


@pytest.fixture(scope="module")
def bench(compiled: CompiledProject) -> Bench:
    return Bench("hostile", compiled, HOSTILE)


def test_every_comparison_holds_of_the_right_tables(bench: Bench) -> None:
    assert bench.wrong_green() == set()


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: mistake[0])
def test_a_mistake_on_each_floor_is_noticed(mistake: tuple[str, str, str], bench: Bench) -> None:
    model, operator, before = mistake
    tree = mutants.parse(bench.nodes[bench.models[model]]["compiled_code"])
    made = mutants.mutants_of(model, tree, {})[operator]
    [mutant, *_] = [mutant for mutant in made if mutant.before.startswith(before)]
    red, _ = bench.red(model, mutant.applied(tree, {}))
    assert red is not None


def test_what_is_no_mistake_is_not_noticed(bench: Bench) -> None:
    """Read, written out again by the parser, and with a condition that always holds."""
    for model in ("int_orders_valued", "rollup_sales", "kpi_refund_rate"):
        code = bench.nodes[bench.models[model]]["compiled_code"]
        assert bench.red(model, f"select * from ({code}) where true") == (None, 0)
        assert bench.red(model, mutants.text(mutants.parse(code))) == (None, 0)


def test_a_shop_is_right_again_after_a_mistake(bench: Bench) -> None:
    before = bench.content("rollup_sales")
    code = bench.nodes[bench.models["rollup_sales"]]["compiled_code"]
    assert bench.red("rollup_sales", f"select * from ({code}) where false")[0] is not None
    assert bench.content("rollup_sales") == before


def test_a_mistake_is_made_in_the_model_of_a_unit_test(bench: Bench) -> None:
    """As dbt writes it: what is given stands before the model's own steps."""
    code = (
        "with __dbt__cte__orders as (select 1 as a union all select 2 as a),"
        " kept as (select * from __dbt__cte__orders where a > 1) select * from kept"
    )
    sql = f"select a, 'actual' as side from ({code}) union all select * from (select 2, 'expected')"
    test = UnitTest("by_hand", sql, code)
    model = "with kept as (select * from shop.main.orders where a > 1) select * from kept"
    [mutant] = mutants.mutants_of("some", mutants.parse(model), {})["moved_limit"]
    assert not test.is_red(bench, None, {})
    assert test.is_red(bench, mutant, {})
