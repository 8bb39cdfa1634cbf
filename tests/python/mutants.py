"""Typical mistakes, made in the SQL of a model: one operator a kind of mistake.

An operator takes one node of the parsed SQL and yields what a person might have written in its
place by mistake. A mutant is the n-th place at which an operator applies: so that the same mistake
is found again in the same model compiled for another shop, or for a unit test.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import sqlglot
from sqlglot import exp

Node = exp.Expression
CONDITIONS = (exp.Where, exp.Having, exp.Qualify)
NUMERIC = ("BIGINT", "HUGEINT", "INTEGER", "DOUBLE", "DECIMAL")
# columns by the name of the relation, of numbers only
Measures = dict[str, list[str]]


def parse(sql: str) -> Node:
    return sqlglot.parse_one(sql, dialect="duckdb")


def text(node: Node) -> str:
    return node.sql(dialect="duckdb", comments=False)


def clause(node: Node) -> Node | None:
    """The where, join, case branch or select that a condition belongs to."""
    while isinstance(node.parent, exp.And | exp.Or | exp.Paren | exp.Not):
        node = node.parent
    return node.parent


def joins(node: Node) -> bool:
    """An equality that a join needs: without it, every row meets every row."""
    join = clause(node)
    return (
        isinstance(join, exp.Join)
        and isinstance(node, exp.EQ)
        and len(list(join.args["on"].find_all(exp.EQ))) < 2
    )


def same(node: Node, kind: type[Node]) -> Node:
    return kind(**{name: value for name, value in node.copy().args.items()})


def named(node: Node, changed: Node) -> Node:
    """Where a column is listed, what stands in its place has its name."""
    return exp.alias_(changed, node.name) if isinstance(node.parent, exp.Select) else changed


def dropped_condition(node: Node) -> Iterator[Node]:
    """`where a and b` -> `where a`; `a or b` -> `a`."""
    if isinstance(node, exp.And | exp.Or | exp.Boolean) or joins(node):
        return
    if isinstance(node.parent, (exp.And, *CONDITIONS)):
        yield exp.true()
    elif isinstance(node.parent, exp.Or):
        yield exp.false()


def moved_limit(node: Node) -> Iterator[Node]:
    """`<` -> `<=`."""
    kinds = {exp.LT: exp.LTE, exp.LTE: exp.LT, exp.GT: exp.GTE, exp.GTE: exp.GT}
    if type(node) in kinds:
        yield same(node, kinds[type(node)])


def negated(node: Node) -> Iterator[Node]:
    """`is null` -> `is not null`, `a = b` -> `a <> b`, `not a` -> `a`."""
    if isinstance(node, exp.Is | exp.In):
        if not isinstance(node.parent, exp.Not):
            yield exp.Not(this=node.copy())
    elif isinstance(node, exp.EQ | exp.NEQ):
        if not isinstance(clause(node), exp.Join):
            yield same(node, exp.NEQ if isinstance(node, exp.EQ) else exp.EQ)
    elif isinstance(node, exp.Not):
        yield node.this.copy()
    elif isinstance(node, exp.Column) and isinstance(clause(node), (*CONDITIONS, exp.If)):
        if isinstance(clause(node), CONDITIONS) or node.arg_key == "this":
            yield exp.Not(this=node.copy())


def other_connective(node: Node) -> Iterator[Node]:
    """`and` -> `or`."""
    if isinstance(node, exp.And | exp.Or) and not isinstance(clause(node), exp.Join):
        other = same(node, exp.Or if isinstance(node, exp.And) else exp.And)
        yield exp.paren(other, copy=False)


def other_join(node: Node) -> Iterator[Node]:
    """`left join` -> `inner join` and back; `full` -> `left`."""
    if isinstance(node, exp.Join) and (node.args.get("on") or node.args.get("using")):
        other = node.copy()
        side = {"LEFT": None, "FULL": "LEFT", "": "LEFT"}.get(node.side)
        other.set("side", side)
        other.set("kind", None if side else "INNER")
        yield other


def moved_date(node: Node) -> Iterator[Node]:
    """A day later; or the moment of something else, `started_at` -> `ended_at`."""
    if not isinstance(node, exp.Column) or node.name[-3:] not in ("_on", "_at", "_of"):
        return
    if isinstance(node.parent, exp.Group | exp.Window | exp.Ordered | exp.Tuple | exp.Join):
        return
    if node.name[-3:] != "_at" and not joins(node.parent):
        yield named(node, exp.paren(exp.Add(this=node.copy(), expression=exp.Literal.number(1))))
    if node.name[-3:] == "_of":
        return
    others = {
        column.name
        for column in node.root().find_all(exp.Column)
        if column.table == node.table and column.name[-3:] == node.name[-3:]
    } - {node.name}
    for name in sorted(others)[:2]:
        yield named(node, exp.column(name, table=node.args.get("table")))


def dropped_guard(node: Node) -> Iterator[Node]:
    """`nullif(a, 0)` -> `a`; `coalesce(a, b)` -> `a`; `case when x then a end` -> `a`."""
    if isinstance(node, exp.Nullif | exp.Coalesce | exp.Greatest | exp.Least):
        yield node.this.copy()
    elif isinstance(node, exp.Case):
        first = node.args["ifs"][0]
        if len(node.args["ifs"]) == 1:
            yield first.args["true"].copy()
        else:
            other = node.copy()
            other.args["ifs"][0].pop()
            yield other


def turned_ratio(node: Node) -> Iterator[Node]:
    """`a / b` -> `b / a`."""
    if isinstance(node, exp.Div):
        other = node.copy()
        upper, lower = (exp.paren(part) for part in (other.this, other.expression))
        other.set("this", lower)
        other.set("expression", upper)
        yield other


def other_measure(node: Node, measures: Measures) -> Iterator[Node]:
    """Another number of the same relation: in a KPI everywhere, elsewhere in one sum."""
    if isinstance(node, exp.Select) and node.parent is None:
        [table] = list(node.find_all(exp.Table))[:1] or [None]
        known = measures.get(table.name.removeprefix("__dbt__cte__"), []) if table else []
        for column in sorted({column.name for column in node.find_all(exp.Column)} & set(known)):
            other = known[(known.index(column) + 1) % len(known)]
            yield node.transform(
                lambda part, old=column, new=other: (
                    exp.column(new) if isinstance(part, exp.Column) and part.name == old else part
                )
            )
    elif isinstance(node, exp.Column) and isinstance(node.parent, exp.Sum | exp.Avg | exp.Div):
        others = {
            column.name
            for kind in (exp.Sum, exp.Avg, exp.Div)
            for total in node.root().find_all(kind)
            for column in total.find_all(exp.Column)
            if column.table == node.table
        } - {node.name}
        if others:
            yield exp.column(
                min(others, key=lambda name: (name < node.name, name)),
                table=node.args.get("table"),
            )


def other_aggregate(node: Node) -> Iterator[Node]:
    """`sum` -> `avg` and `count`; `min` -> `max`; `count(distinct a)` -> `count(a)`."""
    kinds = {
        exp.Sum: [exp.Avg, exp.Count], exp.Avg: [exp.Sum], exp.Min: [exp.Max], exp.Max: [exp.Min],
        exp.Median: [exp.Avg], exp.ArgMax: [exp.ArgMin], exp.ArgMin: [exp.ArgMax],
        exp.LogicalOr: [exp.LogicalAnd], exp.LogicalAnd: [exp.LogicalOr], exp.Lag: [exp.Lead],
        exp.Lead: [exp.Lag], exp.RowNumber: [exp.Rank], exp.Rank: [exp.RowNumber],
    }  # fmt: skip
    for kind in kinds.get(type(node), []):
        yield same(node, kind)
    if isinstance(node, exp.Count) and isinstance(node.this, exp.Distinct):
        yield exp.Count(this=node.this.expressions[0].copy())


def other_order(node: Node) -> Iterator[Node]:
    """`desc` -> `asc`, in windows and aggregates."""
    if isinstance(node, exp.Ordered) and node.find_ancestor(exp.Window, exp.WithinGroup, exp.Func):
        other = node.copy()
        other.set("desc", not node.args.get("desc"))
        # as if the word had been left out or added: DuckDB's own place for nulls
        other.set("nulls_first", False)
        yield other


def dropped_partition(node: Node) -> Iterator[Node]:
    if isinstance(node, exp.Window):
        for number in range(len(node.args.get("partition_by") or [])):
            other = node.copy()
            del other.args["partition_by"][number]
            yield other


def dropped_frame(node: Node) -> Iterator[Node]:
    """`rows between ...` left out."""
    if isinstance(node, exp.Window) and node.args.get("spec"):
        other = node.copy()
        other.set("spec", None)
        yield other


def other_constant(node: Node) -> Iterator[Node]:
    """7 -> 8, 0.5 -> 0.6, interval '30' day -> '31'."""
    if not isinstance(node, exp.Literal) or isinstance(node.parent, exp.Group | exp.Ordered):
        return
    if node.find_ancestor(exp.DataType):
        return
    if node.is_string and not isinstance(node.parent, exp.Interval):
        return
    if node.name.isdigit():
        changed = str(int(node.name) + 1)
    elif node.is_string:
        return
    else:
        changed = f"{float(node.name) * 1.2:.10g}"
    yield exp.Literal.string(changed) if node.is_string else exp.Literal.number(changed)


def dropped_member(node: Node) -> Iterator[Node]:
    """`in ('a', 'b')` -> `in ('b')`."""
    if isinstance(node, exp.In):
        for number in range(len(node.expressions) if len(node.expressions) > 1 else 0):
            other = node.copy()
            del other.args["expressions"][number]
            yield other


def other_union(node: Node) -> Iterator[Node]:
    """`union all` -> `union`; one side forgotten."""
    if isinstance(node, exp.Union):
        if not node.args.get("distinct"):
            other = node.copy()
            other.set("distinct", True)
            yield other
        if not node.args.get("with_"):
            yield node.this.copy()
            yield node.expression.copy()


def other_sign(node: Node) -> Iterator[Node]:
    """`a - b` -> `a + b`; `a * b` -> `a`."""
    kinds = {exp.Add: exp.Sub, exp.Sub: exp.Add}
    if type(node) in kinds:
        yield same(node, kinds[type(node)])
    elif isinstance(node, exp.Mul):
        yield node.this.copy()


def dropped_distinct(node: Node) -> Iterator[Node]:
    if isinstance(node, exp.Select) and node.args.get("distinct"):
        other = node.copy()
        other.set("distinct", None)
        yield other


OPERATORS: dict[str, Callable[..., Iterator[Node]]] = {
    operator.__name__: operator
    for operator in (
        dropped_condition, moved_limit, negated, other_connective, other_join, moved_date,
        dropped_guard, turned_ratio, other_measure, other_aggregate, other_order,
        dropped_partition, dropped_frame, other_constant, dropped_member, other_union, other_sign,
        dropped_distinct,
    )
}  # fmt: skip


def places(tree: Node, operator: str, measures: Measures) -> list[tuple[Node, Node]]:
    """Every node that the operator changes, and what it puts there."""
    given = (measures,) if operator == "other_measure" else ()
    return [(node, changed) for node in tree.dfs() for changed in OPERATORS[operator](node, *given)]


@dataclass(frozen=True)
class Mutant:
    """One mistake: which operator, at which of its places, and how it reads."""

    model: str
    operator: str
    number: int
    within: str
    before: str
    after: str

    def __str__(self) -> str:
        return f"{self.model}, {self.within}: {self.operator}: {self.before} -> {self.after}"

    def applied(self, tree: Node, measures: Measures) -> str | None:
        """The SQL with the mistake in it; nothing where the SQL is another one.

        Compiled for another shop or a unit test, the SQL may have places more or less: there, it is
        the first that reads the same, in the same step.
        """
        tree = tree.copy()
        found = places(tree, self.operator, measures)
        wanted = (self.within, self.before, self.after)
        for node, changed in found[self.number : self.number + 1] + found:
            if (step(node), *described(node, changed)) == wanted:
                return text(changed if node is tree else node.replace(changed).root())
        return None


def step(node: Node) -> str:
    """The name of the common table expression that a place is in."""
    cte = node.find_ancestor(exp.CTE)
    return cte.alias if cte else "-"


def outline(node: Node) -> str:
    """The text of a node; of a long one how it begins and ends. Fixtures read as their tables."""
    said = text(node).replace('"', "").replace("__dbt__cte__", "").replace("shop.main.", "")
    return said if len(said) < 300 else f"{said[:150]} ... {said[-150:]}"


def described(node: Node, changed: Node) -> tuple[str, str]:
    """How a place reads before and after; of a whole query the column that is another one."""
    if node.parent is None and isinstance(node, exp.Select):
        columns = zip(node.find_all(exp.Column), changed.find_all(exp.Column), strict=False)
        for old, new in columns:
            if old.name != new.name:
                return old.name, new.name
    return outline(node), outline(changed)


def mutants_of(model: str, tree: Node, measures: Measures) -> dict[str, list[Mutant]]:
    """All of a model, by operator."""
    found: dict[str, list[Mutant]] = {}
    for operator in OPERATORS:
        for number, (node, changed) in enumerate(places(tree, operator, measures)):
            if isinstance(node.parent, exp.Is) and isinstance(changed, exp.Paren):
                continue  # a day later than null is null
            found.setdefault(operator, []).append(
                Mutant(model, operator, number, step(node), *described(node, changed))
            )
    return found


def chosen(
    found: dict[str, list[Mutant]],
    limit: int,
    seed: str,
    is_sql: Callable[[Mutant], bool],
) -> list[Mutant]:
    """Some of them, of as many operators as can be; fewer are the first of more."""
    dice = random.Random(seed)
    bags = {operator: dice.sample(list_, len(list_)) for operator, list_ in found.items()}
    taken: list[Mutant] = []
    while bags and len(taken) < limit:
        for operator in dice.sample(list(bags), len(bags)):
            bag = bags[operator]
            mutant = bag.pop()
            if not bag:
                del bags[operator]
            if is_sql(mutant):
                taken.append(mutant)
            if len(taken) == limit:
                break
    return taken
