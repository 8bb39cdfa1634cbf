"""What people read about KPIs, made from the entries in models/marts/<domain>/_*__kpis.yml.

The table in README.md, docs/kpis.md in English and docs/kpis.fr.md in French.
"""

from __future__ import annotations

import argparse
import ast
import re
import sys
from pathlib import Path

import yaml

ROOT = Path(__file__).parent.parent
MARTS = ROOT / "models" / "marts"
README = ROOT / "README.md"
START, END = "<!-- kpis -->\n", "<!-- /kpis -->"

# The parts of a description, in their order.
PARTS = {
    "en": ("Question", "Definition", "Counts", "Does not count", "Read with care"),
    "fr": ("Question", "Définition", "Compte", "Ne compte pas", "À lire avec soin"),
}
PAGES = {"en": ROOT / "docs" / "kpis.md", "fr": ROOT / "docs" / "kpis.fr.md"}

# The words of the pages that are not in the entries.
WORDS = {
    "en": {
        "title": "The KPIs",
        "intro": (
            "Made by `python -m harness kpis` from the entries beside the SQL: change them there. "
            "[En français](kpis.fr.md)."
        ),
        "reading": (
            "A **valid order** is paid, processing, shipped or delivered, not a test, and not of a "
            "test customer. A **visit** is a session that is not a bot's. Money is in the "
            "reporting currency, without tax; days are those of the reporting time zone. `as_of` "
            "is the last day the data speaks for. Every KPI is cut by `all` too. What the "
            "values of the segments mean: [decisions.md](decisions.md). Why other tools show "
            "other numbers: [why_numbers_differ.md](why_numbers_differ.md)."
        ),
        "facts": ("Unit", "Good is", "Owner", "Objective", "Segments", "Needs", "File"),
        "interval": "with a 95 % interval",
        "colon": ":",
        "sets": ("Segments", "A set of segments stands for these segment types:"),
        "domain": {
            "cart": "Cart", "content": "Content", "conversion": "Conversion",
            "customers": "Customers", "fulfilment": "Fulfilment", "inventory": "Inventory",
            "leads": "Leads", "marketing": "Marketing", "sales": "Sales",
            "satisfaction": "Satisfaction", "support": "Support",
        },
        "unit": {"ratio": "ratio (0 to 1 unless said)"},
        "direction": {},
        "owner": {"head_of_crm": "head of CRM", "head_of_e_commerce": "head of e-commerce"},
    },
    "fr": {
        "title": "Les indicateurs",
        "intro": (
            "Page écrite par `python -m harness kpis` à partir des fiches posées à côté du SQL : "
            "c'est là qu'on la change. [In English](kpis.md)."
        ),
        "reading": (
            "Une **commande valide** est payée, en préparation, expédiée ou livrée, n'est pas un "
            "test et n'est pas celle d'un client test. Une **visite** est une session qui n'est "
            "pas celle d'un robot. Les montants sont dans la devise de référence, hors taxes ; les "
            "jours sont ceux du fuseau horaire de référence. `as_of` est le dernier jour dont "
            "parlent les données. Tout indicateur existe aussi pour l'ensemble (`all`). Un "
            "indicateur **sans valeur** (null) n'est pas un zéro. Les identifiants, les segments "
            "et les noms de tables restent en anglais, comme dans les données. Pourquoi d'autres "
            "outils donnent d'autres chiffres : [why_numbers_differ.md](why_numbers_differ.md) "
            "(en anglais)."
        ),
        "facts": (
            "Unité", "Sens favorable", "Responsable", "Objectif", "Segments", "Nécessite", "Fichier"
        ),
        "interval": "avec un intervalle à 95 %",
        "colon": " :",
        "sets": ("Segments", "Un ensemble de segments désigne ces axes de découpe :"),
        "domain": {
            "cart": "Panier", "content": "Contenu", "conversion": "Conversion",
            "customers": "Clients", "fulfilment": "Logistique", "inventory": "Stock",
            "leads": "Prospects", "marketing": "Marketing", "sales": "Ventes",
            "satisfaction": "Satisfaction", "support": "Assistance",
        },
        "unit": {
            "count": "nombre", "currency": "montant", "ratio": "taux (0 à 1 sauf mention)",
            "times": "fois", "points": "points", "days": "jours", "hours": "heures",
            "seconds": "secondes",
        },
        "direction": {"up": "hausse", "down": "baisse"},
        "owner": {
            "head_of_content": "direction du contenu",
            "head_of_crm": "direction de la relation client (CRM)",
            "head_of_customer_service": "direction du service client",
            "head_of_e_commerce": "direction e-commerce",
            "head_of_marketing": "direction marketing",
            "head_of_operations": "direction des opérations",
            "head_of_sales": "direction commerciale",
        },
    },
}  # fmt: skip


def parts(description: str, language: str) -> list[str]:
    """The text of each part of a description; stops where they are not all there, in order."""
    pattern = r"\s*".join(rf"\*\*{re.escape(part)}\.\*\*\s*(.+?)" for part in PARTS[language])
    found = re.fullmatch(pattern, description.strip(), flags=re.DOTALL)
    if not found or description.count("**") != 2 * len(PARTS[language]):
        raise ValueError(f"does not have the parts {', '.join(PARTS[language])}: {description}")
    return [text.strip() for text in found.groups()]


def entries() -> dict[str, dict]:
    """The KPIs by id, in the order of their domains' files: label, unit, question, file, ..."""
    found = {}
    for file in sorted(MARTS.glob("*/_*__kpis.yml")):
        for model in yaml.safe_load(file.read_text(encoding="utf-8"))["models"]:
            identifier = model["name"].removeprefix("kpi_")
            kpi = model["config"]["meta"]["kpi"]
            try:
                parts_en = parts(model["description"], "en")
                parts_fr = parts(kpi["description_fr"], "fr")
            except ValueError as problem:
                raise ValueError(f"{model['name']}: {problem}") from None
            found[identifier] = {
                **kpi,
                "question": parts_en[0],
                "parts": {"en": parts_en, "fr": parts_fr},
                "file": (file.parent / f"{model['name']}.sql").relative_to(ROOT).as_posix(),
            }
    return found


def segment_sets() -> dict[str, list[str]]:
    """The sets of segments by name, read from the macro that says what is in them."""
    macro = (ROOT / "macros" / "kpis" / "segment_set.sql").read_text(encoding="utf-8")
    return ast.literal_eval(re.search(r"return\((\{.*?\})\.get", macro, flags=re.DOTALL)[1])


def table() -> str:
    lines = ["| domain | KPI | answers | unit | file |", "| --- | --- | --- | --- | --- |"]
    for identifier, kpi in entries().items():
        file = f"[`{Path(kpi['file']).name}`]({kpi['file']})"
        lines.append(
            f"| {kpi['domain']} | {kpi['label']} (`{identifier}`) | {kpi['question']}"
            f" | {kpi['unit']} | {file} |"
        )
    return "\n".join(lines) + "\n"


def readme() -> str:
    """README.md with the table as it has to be."""
    text = README.read_text(encoding="utf-8")
    before, rest = text.split(START)
    return before + START + table() + END + rest.split(END)[1]


def page(language: str) -> str:
    """docs/kpis.md or docs/kpis.fr.md as it has to be."""
    words = WORDS[language]
    known = entries()
    suffix = "" if language == "en" else f"_{language}"
    lines = [f"# {words['title']}", "", words["intro"], "", words["reading"], ""]
    domains: dict[str, list[str]] = {}
    for identifier, kpi in known.items():
        domains.setdefault(kpi["domain"], []).append(identifier)
    for domain, identifiers in domains.items():
        links = ", ".join(f"[{known[name][f'label{suffix}']}](#{name})" for name in identifiers)
        lines.append(f"- **{words['domain'][domain]}**{words['colon']} {links}")
    for domain, identifiers in domains.items():
        lines += ["", f"## {words['domain'][domain]}"]
        for name in identifiers:
            kpi = known[name]
            # an anchor of our own: labels differ by language, ids never change
            lines += ["", f'<a id="{name}"></a>', "", f"### {kpi[f'label{suffix}']} (`{name}`)"]
            lines.append("")
            for part, text in zip(PARTS[language], kpi["parts"][language], strict=True):
                lines.append(f"- **{part}.** {text}")
            unit = words["unit"].get(kpi["unit"], kpi["unit"])
            if kpi.get("proportion"):
                unit += f", {words['interval']}"
            owner = words["owner"].get(kpi["owner"], kpi["owner"].replace("_", " "))
            values = (
                unit,
                words["direction"].get(kpi["direction"], kpi["direction"]),
                owner,
                kpi[f"objective{suffix}"].rstrip("."),
                ", ".join(f"`{segment}`" for segment in kpi["segments"] if segment != "all"),
                ", ".join(f"`{need}`" for need in kpi.get("needs", [])),
                f"[`{kpi['file']}`](../{kpi['file']})",
            )
            facts = zip(words["facts"], values, strict=True)
            lines += ["", " · ".join(f"{fact}{words['colon']} {v}" for fact, v in facts if v)]
    heading, sentence = words["sets"]
    lines += ["", f"## {heading}", "", sentence, "", "| | |", "| --- | --- |"]
    for name, types in segment_sets().items():
        lines.append(f"| `{name}` | {', '.join(f'`{segment}`' for segment in types)} |")
    text = "\n".join(lines) + "\n"
    if language == "fr":
        # French sets a space that does not break before these signs
        text = re.sub(r" (?=[?:;!%»])", "\u00a0", text)
    return text


def documents() -> dict[Path, str]:
    """Every page that is made from the entries, as it has to be."""
    return {README: readme(), **{path: page(language) for language, path in PAGES.items()}}


def stale() -> list[str]:
    """The pages that are not as they have to be."""
    return [
        path.relative_to(ROOT).as_posix()
        for path, text in documents().items()
        if not path.exists() or path.read_text(encoding="utf-8") != text
    ]


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m harness kpis", description=__doc__)
    parser.add_argument("--check", action="store_true", help="only say whether it is up to date")
    if parser.parse_args(argv).check:
        old = stale()
        print(f"run `python -m harness kpis`: {', '.join(old)}" if old else "up to date")
        return 1 if old else 0
    for path, text in documents().items():
        path.write_text(text, encoding="utf-8")
        print(f"wrote {path.relative_to(ROOT)}", file=sys.stderr)
    print(f"{len(entries())} KPIs", file=sys.stderr)
    return 0
