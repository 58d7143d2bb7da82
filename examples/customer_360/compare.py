#!/usr/bin/env python3
"""Compares the mart with what is known of the data (data/truth.json), and says what differs.

    ./compare.py first_run|second_run [options of mainstem query, such as --env server]
"""

import json
import pathlib
import subprocess
import sys

MART = """
select (select count(*) from mart.customers) as customers,
       (select count(*) from mart.products) as products,
       (select count(*) from mart.orders) as orders,
       (select count(*) from mart.customer_kpis where orders > 0) as buyers,
       (select sum(revenue) from mart.customer_kpis) as revenue,
       (select sum(revenue) from mart.category_revenue) as category_revenue
"""
# A record that several runs refuse counts once.
QUARANTINE = """
select step, code, column_name, count(distinct record) as records
from _mainstem.quarantine group by step, code, column_name
"""
BAD_ROWS = {
    "bad_emails": [("clean_customers", "matches", "email")],
    "bad_products": [
        ("products", "too_many_fields", None),
        ("products", "too_few_fields", None),
        ("clean_products", "not_null", "price"),
    ],
    "negative_amounts": [("clean_orders", "range", "amount")],
    "unknown_customers": [("clean_orders", "references", "customer_id")],
    "unknown_products": [("clean_orders", "references", "sku")],
    "missing_times": [("clean_orders", "not_null", "ordered_at")],
    "impossible_times": [("orders", "invalid_timestamp", "ordered_at")],
}


def query(sql, options):
    command = ["mainstem", "query", "--on", "mart", "--json", *options, sql]
    answer = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    return [json.loads(line) for line in answer.splitlines()]


def main():
    run, options = sys.argv[1], sys.argv[2:]
    truth = json.loads((pathlib.Path(__file__).parent / "data" / "truth.json").read_text())
    wanted = {name: truth[name] for name in ("customers", "products", *BAD_ROWS)}
    wanted |= {name: truth[run][name] for name in ("orders", "buyers", "revenue")}
    wanted["category_revenue"] = wanted["revenue"]

    found = query(MART, options)[0]
    refused = {(row["step"], row["code"], row["column_name"]): row["records"] for row in query(QUARANTINE, options)}
    found |= {name: sum(refused.pop(place, 0) for place in places) for name, places in BAD_ROWS.items()}

    wrong = [name for name in wanted if str(found[name]) != str(wanted[name])]
    for name in wrong:
        print(f"{name}: {found[name]}, not {wanted[name]}")
    for place, records in refused.items():
        print(f"{records} records of {place} should not be in quarantine")
    if wrong or refused:
        sys.exit(1)
    print(f"{run}: {len(wanted)} figures are as they should be")


if __name__ == "__main__":
    main()
