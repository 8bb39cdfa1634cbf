"""The rules of the project's structure, held over dbt's manifest: floors, names, KPIs, access.

A rule is a function of the manifest that says what breaks it. Every rule is shown a manifest in
which it is broken, and has to say so.
"""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from harness import kpis
from harness.compiled import ROOT
from harness.oracle import catalogue as oracle_catalogue
from tests.python.conftest import Shop

PROJECT = "ecommerce_kpis"

# Data flows down: a model reads its own floor or one above it.
FLOORS = ["staging", "intermediate", "core", "rollups", "marts", "scorecard"]
# Steps that rollups and marts share and that start from the facts: they stand with the other steps,
# and nothing in core reads them.
STEPS_AFTER_CORE = {
    "int_demand_days": "demand of each day, from what facts say was sold and was on hand",
    "int_demand_forecasts": "forecasts of the products of the dimension",
    "int_fulfilment_stages": "the stages of each parcel of the facts",
    "int_orders_late": "pairs late orders with others, over the facts",
    "int_warehouse_demand": "demand of each warehouse, from what facts say it shipped",
}
# Models that read the raw tables themselves.
READERS_OF_SOURCES = r"base_.*|raw_row_accounting"

PREFIXES = {
    "staging/base": ("base_",),
    "staging": ("stg_",),
    "intermediate": ("int_",),
    "core": ("dim_", "fct_"),
    "rollups": ("rollup_",),
}
INNER_PREFIXES = ("base_", "stg_", "int_", "dim_", "fct_", "rollup_")

# `as_of` replaces the clock, and nothing is left to chance: a build repeats exactly.
CLOCKS = (
    r"\bnow\s*\(|\bcurrent_(date|time|timestamp|localtime)\b|\btoday\s*\(|\bget_current_timestamp"
    r"|\blocaltimestamp\b|\brun_started_at\b|datetime\.(now|utcnow)|\btime\.time\s*\("
)
CHANCE = r"\brandom\s*\(|\bsetseed\b|\buuid\s*\(|\bgen_random_uuid|using\s+sample|\btablesample\b"
# Laid out, a row a driver, from a table whose key is tested.
KEY_OF_ANOTHER = {"revenue_drivers", "revenue_mix_effects"}
# The list of segment types that a test looks at: it hides no fan-out.
MAY_SELECT_DISTINCT = {"macro.ecommerce_kpis.test_segments_add_up"}

Manifest = dict
Rule = Callable[[Manifest], Iterator[str]]


def models(manifest: Manifest) -> Iterator[dict]:
    for node in manifest["nodes"].values():
        if node["resource_type"] == "model" and node["package_name"] == PROJECT:
            yield node


def folder(node: dict) -> str:
    """staging, staging/base, core, marts/sales, ..."""
    return Path(node["original_file_path"]).parent.as_posix().removeprefix("models/")


def floor(node: dict) -> int:
    parts = folder(node).split("/")
    return FLOORS.index("scorecard" if "scorecard" in parts else parts[0])


def is_kpi(node: dict) -> bool:
    return node["name"].startswith("kpi_") and folder(node) != "marts/scorecard"


def code(node: dict) -> str:
    """Without comments, which may name what the code may not do."""
    text = node.get("raw_code") or node.get("macro_sql") or ""
    text = re.sub(r"\{#.*?#\}|/\*.*?\*/|\"\"\".*?\"\"\"", " ", text, flags=re.DOTALL)
    return re.sub(r"--.*|^\s*#.*", " ", text, flags=re.MULTILINE).lower()


def a_model_reads_its_floor_or_one_above(manifest: Manifest) -> Iterator[str]:
    for node in models(manifest):
        for parent in node["depends_on"]["nodes"]:
            if parent.startswith("source."):
                if not re.fullmatch(READERS_OF_SOURCES, node["name"]):
                    yield f"{node['name']} reads {parent}: only base_<table> reads raw tables"
            elif parent.startswith("model."):
                read = manifest["nodes"][parent]
                may = node["name"] in STEPS_AFTER_CORE and folder(read) == "core"
                if floor(read) > floor(node) and not may:
                    yield f"{node['name']} ({folder(node)}) reads {read['name']} ({folder(read)})"
                if floor(node) <= FLOORS.index("core") and read["name"] in STEPS_AFTER_CORE:
                    if node["name"] not in STEPS_AFTER_CORE:
                        yield f"{node['name']} reads {read['name']}, a step after core"


def every_exception_is_needed(manifest: Manifest) -> Iterator[str]:
    needed = {
        node["name"]
        for node in models(manifest)
        for parent in node["depends_on"]["nodes"]
        if folder(node) == "intermediate" and folder(manifest["nodes"].get(parent, node)) == "core"
    }
    yield from (f"{name} needs no exception" for name in STEPS_AFTER_CORE if name not in needed)


def a_kpi_reads_rollups_only(manifest: Manifest) -> Iterator[str]:
    for node in models(manifest):
        if is_kpi(node):
            read = [manifest["nodes"][parent] for parent in node["depends_on"]["nodes"]]
            if not read or any(folder(parent) != "rollups" for parent in read):
                yield f"{node['name']} reads {[parent['name'] for parent in read]}"


def names_say_the_floor(manifest: Manifest) -> Iterator[str]:
    for node in models(manifest):
        name = node["name"]
        if not re.fullmatch(r"[a-z][a-z0-9_]*", name) or "__" in name:
            yield f"{name} is not in snake case"
        if Path(node["original_file_path"]).stem != name:
            yield f"{name} is in {node['original_file_path']}"
        if folder(node) in PREFIXES:
            if not name.startswith(PREFIXES[folder(node)]):
                yield f"{name} is in {folder(node)}"
        elif not folder(node).startswith("marts/"):
            yield f"{name} is in no known folder: {folder(node)}"
        elif name.startswith(INNER_PREFIXES):
            yield f"{name} is in {folder(node)}"


def every_model_has_yaml_and_descriptions(manifest: Manifest) -> Iterator[str]:
    for node in models(manifest):
        if not node["patch_path"]:
            yield f"{node['name']} has no YAML"
        elif Path(node["patch_path"].split("://")[1]).parent.name not in (
            Path(node["original_file_path"]).parent.name,
            Path(node["original_file_path"]).parent.parent.name,
        ):
            yield f"{node['name']}: its YAML is not beside it, but {node['patch_path']}"
        if not node["description"].strip():
            yield f"{node['name']} is not described"
        if not node["columns"]:
            yield f"{node['name']} has no columns in its YAML"
        for column in node["columns"].values():
            if not column["description"].strip():
                yield f"{node['name']}.{column['name']} is not described"


def every_file_is_in_the_manifest(manifest: Manifest) -> Iterator[str]:
    known = {node["original_file_path"] for node in manifest["nodes"].values()}
    # models that a variable turns on
    known |= {node["original_file_path"] for off in manifest["disabled"].values() for node in off}
    for file in sorted((ROOT / "models").rglob("*")):
        path = file.relative_to(ROOT).as_posix()
        if file.suffix in (".sql", ".py") and path not in known:
            yield f"{path} is no model"


def every_kpi_is_catalogued(manifest: Manifest) -> Iterator[str]:
    """Label, description and objective in both languages, domain, unit, direction and owner."""
    owners = {group["owner"]["name"] for group in manifest["groups"].values()}
    groups = {group["name"]: group["owner"]["name"] for group in manifest["groups"].values()}
    for node in models(manifest):
        if not is_kpi(node):
            if node["config"]["meta"].get("kpi"):
                yield f"{node['name']} has an entry as a KPI and is none"
            continue
        kpi = node["config"]["meta"].get("kpi") or {}
        for key in ("label", "label_fr", "objective", "objective_fr", "segments"):
            if not kpi.get(key):
                yield f"{node['name']} has no {key}"
        for language, text in (("en", node["description"]), ("fr", kpi.get("description_fr", ""))):
            try:
                kpis.parts(text, language)
            except ValueError as problem:
                yield f"{node['name']} {problem}"
        if kpi.get("domain") != folder(node).removeprefix("marts/"):
            yield f"{node['name']} is in {folder(node)} and says {kpi.get('domain')}"
        if kpi.get("direction") not in ("up", "down"):
            yield f"{node['name']}: direction {kpi.get('direction')}"
        if kpi.get("unit") not in kpis.WORDS["fr"]["unit"]:
            yield f"{node['name']}: unit {kpi.get('unit')}"
        if kpi.get("owner") not in owners:
            yield f"{node['name']}: no group has the owner {kpi.get('owner')}"
        elif groups.get(node["config"]["group"]) not in owners:
            yield f"{node['name']} is in no group"


def every_kpi_is_tested(manifest: Manifest) -> Iterator[str]:
    """By the oracle, which recomputes it, and by a worked example of what it is made from."""
    examples = {test["model"] for test in manifest["unit_tests"].values()}

    def has_example(unique_id: str) -> bool:
        node = manifest["nodes"].get(unique_id)
        if not node or node["resource_type"] != "model" or floor(node) <= FLOORS.index("staging"):
            return False
        return node["name"] in examples or any(map(has_example, node["depends_on"]["nodes"]))

    for node in models(manifest):
        if is_kpi(node):
            if node["name"].removeprefix("kpi_") not in oracle_catalogue.KPIS:
                yield f"{node['name']} is not recomputed by the oracle"
            if not has_example(node["unique_id"]):
                yield f"{node['name']}: no unit test of it, of its rollup or of the facts behind it"


def every_public_table_has_a_tested_key(manifest: Manifest) -> Iterator[str]:
    keyed = {
        node["attached_node"]
        for node in manifest["nodes"].values()
        if node["resource_type"] == "test"
        and "unique" in (node.get("test_metadata") or {"name": ""})["name"]
    }
    for node in models(manifest):
        if is_kpi(node) or node["name"] in KEY_OF_ANOTHER:
            continue
        if node["access"] == "public" and node["unique_id"] not in keyed:
            yield f"{node['name']} has no test of its key"


def access_follows_the_floor(manifest: Manifest) -> Iterator[str]:
    wanted = {"staging/base": "private", "core": "public"}
    for node in models(manifest):
        access = "public" if folder(node).startswith("marts/") else "protected"
        if node["access"] != wanted.get(folder(node), access):
            yield f"{node['name']} ({folder(node)}) is {node['access']}"
        if node["config"]["group"] not in {g["name"] for g in manifest["groups"].values()}:
            yield f"{node['name']} is in no group"


def public_tables_have_contracts(manifest: Manifest) -> Iterator[str]:
    for node in models(manifest):
        # kpi_<id> are parts of kpi_values, whose contract holds for each of them
        if is_kpi(node):
            continue
        if node["access"] == "public" and not node["contract"]["enforced"]:
            yield f"{node['name']} has no contract"


def public_descriptions_reach_the_warehouse(manifest: Manifest) -> Iterator[str]:
    for node in models(manifest):
        wanted = {"relation": True, "columns": True}
        if floor(node) >= FLOORS.index("core") and node["config"]["persist_docs"] != wanted:
            yield f"{node['name']}: persist_docs {node['config']['persist_docs']}"


def kpi_values_has_a_version_and_its_plain_name(manifest: Manifest) -> Iterator[str]:
    found = [node for node in models(manifest) if node["name"] == "kpi_values"]
    latest = [node for node in found if node["version"] == node["latest_version"]]
    if len(latest) != 1 or latest[0]["alias"] != "kpi_values":
        yield f"kpi_values: {[(node['version'], node['alias']) for node in found]}"


def exposures_are_owned_and_read_public_models(manifest: Manifest) -> Iterator[str]:
    for exposure in manifest["exposures"].values():
        if not exposure["owner"].get("name") or not exposure["owner"].get("email"):
            yield f"{exposure['name']} has no owner"
        if not exposure["description"].strip():
            yield f"{exposure['name']} is not described"
        if not exposure["depends_on"]["nodes"]:
            yield f"{exposure['name']} reads nothing"
        for parent in exposure["depends_on"]["nodes"]:
            if manifest["nodes"][parent].get("access") not in ("public", "protected"):
                yield f"{exposure['name']} reads {parent}, which is private"


def own_code(manifest: Manifest) -> Iterator[tuple[str, str]]:
    for kind in ("nodes", "macros"):
        for unique_id, node in manifest[kind].items():
            if node["package_name"] == PROJECT:
                yield unique_id, code(node)


def no_select_distinct(manifest: Manifest) -> Iterator[str]:
    for unique_id, text in own_code(manifest):
        if re.search(r"\bselect\s+distinct\b", text) and unique_id not in MAY_SELECT_DISTINCT:
            yield f"{unique_id} selects distinct rows"


def no_clock_and_no_chance(manifest: Manifest) -> Iterator[str]:
    for unique_id, text in own_code(manifest):
        if found := re.search(f"{CLOCKS}|{CHANCE}", text):
            yield f"{unique_id} uses {found[0]}"


# How a manifest is made to break each rule.
def node(manifest: Manifest, name: str) -> dict:
    return next(node for node in models(manifest) if node["name"] == name)


def uphill(manifest: Manifest) -> None:
    node(manifest, "fct_orders")["depends_on"]["nodes"].append(
        node(manifest, "rollup_orders")["unique_id"]
    )


def core_reads_a_step_after_core(manifest: Manifest) -> None:
    node(manifest, "fct_orders")["depends_on"]["nodes"].append(
        node(manifest, "int_orders_late")["unique_id"]
    )


def raw_read_elsewhere(manifest: Manifest) -> None:
    node(manifest, "stg_orders")["depends_on"]["nodes"].append("source.ecommerce_kpis.raw.orders")


def change(name: str, *path: str, to: object) -> Callable[[Manifest], None]:
    def doctor(manifest: Manifest) -> None:
        *parents, last = path
        place = node(manifest, name)
        for key in parents:
            place = place[key]
        place[last] = to

    return doctor


def forget(name: str) -> Callable[[Manifest], None]:
    def doctor(manifest: Manifest) -> None:
        del manifest["nodes"][node(manifest, name)["unique_id"]]

    return doctor


def no_examples(manifest: Manifest) -> None:
    manifest["unit_tests"] = {}


def unknown_to_the_oracle(manifest: Manifest) -> None:
    node(manifest, "kpi_orders")["name"] = "kpi_orders_of_the_moon"


def no_key(manifest: Manifest) -> None:
    for test in manifest["nodes"].values():
        if test.get("attached_node") == node(manifest, "fct_orders")["unique_id"]:
            test["test_metadata"] = None


def no_owner_of_the_exposure(manifest: Manifest) -> None:
    next(iter(manifest["exposures"].values()))["owner"]["email"] = None


def private_exposure(manifest: Manifest) -> None:
    next(iter(manifest["exposures"].values()))["depends_on"]["nodes"].append(
        node(manifest, "base_orders")["unique_id"]
    )


def no_owners(manifest: Manifest) -> None:
    for group in manifest["groups"].values():
        group["owner"]["name"] = "somebody"


def clock_in_a_macro(manifest: Manifest) -> None:
    manifest["macros"]["macro.ecommerce_kpis.rollup"]["macro_sql"] += " {{ run_started_at }} "


BREAKS: list[tuple[Rule, Callable[[Manifest], None]]] = [
    (a_model_reads_its_floor_or_one_above, uphill),
    (a_model_reads_its_floor_or_one_above, core_reads_a_step_after_core),
    (a_model_reads_its_floor_or_one_above, raw_read_elsewhere),
    (every_exception_is_needed, change("int_orders_late", "depends_on", "nodes", to=[])),
    (a_kpi_reads_rollups_only,
     change("kpi_orders", "depends_on", "nodes", to=["model.ecommerce_kpis.fct_orders"])),
    (names_say_the_floor, change("rollup_orders", "name", to="orders_rolled_up")),
    (names_say_the_floor,
     change("int_as_of", "original_file_path", to="models/marts/sales/int_as_of.sql")),
    (every_model_has_yaml_and_descriptions, change("fct_orders", "patch_path", to=None)),
    (every_model_has_yaml_and_descriptions, change("fct_orders", "description", to=" ")),
    (every_model_has_yaml_and_descriptions,
     change("fct_orders", "columns", "order_id", "description", to="")),
    (every_file_is_in_the_manifest, forget("kpi_orders")),
    (every_kpi_is_catalogued, change("kpi_orders", "config", "meta", to={})),
    (every_kpi_is_catalogued,
     change("kpi_orders", "config", "meta", "kpi", "description_fr", to="Des commandes.")),
    (every_kpi_is_catalogued, change("kpi_orders", "description", to="Orders.")),
    (every_kpi_is_catalogued, no_owners),
    (every_kpi_is_tested, no_examples),
    (every_kpi_is_tested, unknown_to_the_oracle),
    (every_public_table_has_a_tested_key, no_key),
    (access_follows_the_floor, change("base_orders", "access", to="public")),
    (access_follows_the_floor, change("fct_orders", "config", "group", to=None)),
    (public_tables_have_contracts, change("customer_values", "contract", "enforced", to=False)),
    (public_descriptions_reach_the_warehouse,
     change("fct_orders", "config", "persist_docs", to={})),
    (kpi_values_has_a_version_and_its_plain_name,
     change("kpi_values", "alias", to="kpi_values_v1")),
    (exposures_are_owned_and_read_public_models, no_owner_of_the_exposure),
    (exposures_are_owned_and_read_public_models, private_exposure),
    (no_select_distinct,
     change("fct_orders", "raw_code", to="select distinct order_id from stg_orders")),
    (no_clock_and_no_chance, change("int_as_of", "raw_code", to="select current_date as as_of")),
    (no_clock_and_no_chance, change("int_as_of", "raw_code", to="select random() as as_of")),
    (no_clock_and_no_chance, clock_in_a_macro),
]  # fmt: skip
RULES = list(dict.fromkeys(rule for rule, _ in BREAKS))


@pytest.fixture(scope="module")
def manifest(demo: Shop) -> Manifest:
    return json.loads((demo.target / "target" / "manifest.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_rule(manifest: Manifest, rule: Rule) -> None:
    assert list(rule(manifest)) == []


@pytest.mark.parametrize(
    ("rule", "doctor"), BREAKS, ids=[f"{i}-{rule.__name__}" for i, (rule, _) in enumerate(BREAKS)]
)
def test_a_broken_rule_is_noticed(manifest: Manifest, rule: Rule, doctor: Callable) -> None:
    # only what rules read is copied: macros of dbt itself are most of a manifest
    own = {
        **{
            key: manifest[key] for key in ("nodes", "disabled", "unit_tests", "groups", "exposures")
        },
        "macros": {k: m for k, m in manifest["macros"].items() if m["package_name"] == PROJECT},
    }
    broken = copy.deepcopy(own)
    doctor(broken)
    assert list(rule(broken)) != []


def test_comments_may_name_what_code_may_not() -> None:
    text = "{# now() #} select 1 -- current_date\n/* random() */"
    assert not re.search(f"{CLOCKS}|{CHANCE}", code({"raw_code": text}))


def test_every_module_of_the_package_goes_to_a_cluster() -> None:
    model = ROOT / "models" / "intermediate" / "spark" / "int_clv_fitted.sql"
    sent = re.findall(r"add file 'kpi_models/(\w+\.py)'", model.read_text(encoding="utf-8"))
    there = {path.name for path in (ROOT / "kpi_models").glob("*.py")} - {"__init__.py"}
    assert sorted(sent) == sorted(there)
