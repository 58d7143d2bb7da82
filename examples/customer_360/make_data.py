#!/usr/bin/env python3
"""Makes the example's data: a CRM and a sales database (SQLite) and a product list (CSV), the same on every machine.

What is wrong in the data is put there on purpose and counted; data/truth.json says what a correct run must find.

    examples/customer_360/make_data.py [FOLDER]
"""

import csv
import datetime
import json
import pathlib
import random
import sqlite3
import sys

FIRST_NAMES = "Ada Alan Anna Barbara Blaise Clara Dennis Edith Emmy Erika Grace Hedy Ines Ivan Jean John Karl".split()
LAST_NAMES = "Abel Baker Curie Doe Euler Fischer Gauss Hopper Ito Jansen Klein Lovelace Meyer Noether Otto".split()
COUNTRIES = {"DE": ["DE", "de", "Germany"], "FR": ["FR", "fr ", "France"], "GB": ["GB", "gb", "UK"], "US": ["US", "us"]}
CATEGORIES = ["books", "garden", "kitchen", "music", "toys"]
BAD_EMAILS = ["nobody{}", "info{}@", "@{}.example.org", "a b{}@example.org", "anna@@{}.example.org", "jean{}@example"]
START = datetime.datetime(2026, 1, 1, 8)

PRODUCTS = 40
CUSTOMERS = 400
DOUBLES = 20  # customers who are in the CRM twice, the second time with their address in other letters
LEADS = 12  # people with an address that is none; they never bought anything
ORDERS = 1500
NEGATIVE, STRANGERS, NO_PRODUCT, NO_TIME, NO_DATE = 9, 14, 6, 7, 3
NEW_ORDERS, CHANGED_ORDERS = 25, 5


def time_text(moment):
    return moment.strftime("%Y-%m-%d %H:%M:%S")


def make_products(random_):
    """Prices in cents by SKU, and the lines of a file that people typed: some decimal commas, two broken lines, one
    product without a price."""
    prices, lines = {}, [["sku", "title", "category", "price"]]
    for number in range(1, PRODUCTS + 1):
        sku = f"P{number:03}"
        prices[sku] = random_.randrange(250, 9000)
        text = f"{prices[sku] / 100:.2f}"
        lines.append([sku, f"Product {number}", CATEGORIES[number % 5], text.replace(".", ",") if number % 7 == 0 else text])
    lines.insert(11, ["P901", "Gift card", "toys", "on request"])
    lines.insert(21, ["P902", "Cup", "blue", "kitchen", "4.50"])
    lines.insert(31, ["P903", "Saucer"])
    return prices, lines


def make_customers(random_):
    """Rows of the CRM, and for every id the id under which its person is known in the end."""
    rows, person_of = [], {}
    for number in range(1, CUSTOMERS + 1):
        first, last = random_.choice(FIRST_NAMES), random_.choice(LAST_NAMES)
        country = random_.choice(sorted(COUNTRIES))
        created = START - datetime.timedelta(days=random_.randrange(30, 900), minutes=random_.randrange(600))
        email = f"{first}.{last}.{number}@example.org".lower()
        phone = f"+49 30 {random_.randrange(1000000, 9999999)}"
        spelling = random_.choice(COUNTRIES[country])
        rows.append([number, f"{first} {last}", email, phone, spelling, created.strftime("%Y-%m-%d"), time_text(created)])
        person_of[number] = number
    for row in random_.sample(rows, DOUBLES):
        number = len(rows) + 1
        changed = time_text(START - datetime.timedelta(days=random_.randrange(1, 20)))
        rows.append([number, f" {row[1].upper()} ", f" {row[2].title()}", row[3], row[4], None, changed])
        person_of[number] = person_of[row[0]] = number
    for lead in range(LEADS):
        number = len(rows) + 1
        email = BAD_EMAILS[lead % len(BAD_EMAILS)].format(lead)
        rows.append([number, f"Lead {lead}", email, None, "DE", "2026-01-02", "2026-01-02 10:00:00"])
    return rows, person_of


def make_orders(random_, prices, person_of):
    """Rows of the sales database, one order every half hour, wrong ones among them."""
    buyers = sorted(person_of)[: CUSTOMERS * 9 // 10] + sorted(person_of)[CUSTOMERS:]
    rows = []
    for number in range(1, ORDERS + 1):
        moment = START + datetime.timedelta(minutes=30 * number)
        sku = random_.choice(sorted(prices))
        quantity = random_.randrange(1, 5)
        status = random_.choice(["paid"] * 8 + ["shipped"] * 4 + ["cancelled"])
        amount = quantity * prices[sku] / 100
        rows.append([number, random_.choice(buyers), sku, time_text(moment), quantity, amount, status, time_text(moment)])
    # The last twenty stay as they are, so that a second run finds nothing wrong in what it looks at again.
    wrong = iter(random_.sample(range(ORDERS - 20), NEGATIVE + STRANGERS + NO_PRODUCT + NO_TIME + NO_DATE))
    for _ in range(NEGATIVE):
        row = rows[next(wrong)]
        row[5] = -row[5]
    for stranger in range(STRANGERS):
        rows[next(wrong)][1] = 9000 + stranger
    for _ in range(NO_PRODUCT):
        rows[next(wrong)][2] = "P999"
    for _ in range(NO_TIME):
        rows[next(wrong)][3] = None
    for _ in range(NO_DATE):
        rows[next(wrong)][3] = "2026-02-30 12:00:00"
    return rows


def make_later_orders(random_, rows, good, prices, person_of):
    """What a day later is new or has changed. The first new one was saved late: it carries a time before the last order
    of the first day, within the hour that a run looks back."""
    later = []
    end = START + datetime.timedelta(minutes=30 * ORDERS)
    for number in range(NEW_ORDERS):
        moment = end - datetime.timedelta(minutes=20) if number == 0 else end + datetime.timedelta(minutes=number)
        sku = random_.choice(sorted(prices))
        customer = random_.choice(sorted(person_of))
        row = [ORDERS + 1 + number, customer, sku, time_text(moment), 1, prices[sku] / 100, "paid", time_text(moment)]
        later.append(row)
    paid = [row for row in good[:-20] if row[6] == "paid"]
    for row in random_.sample(paid, CHANGED_ORDERS):
        later.append([*row[:6], "cancelled", time_text(end + datetime.timedelta(hours=2))])
    # A run looks back one hour behind the last position, both ends included: the last three orders are half an hour apart.
    again = [row for row in rows if row[7] >= time_text(end - datetime.timedelta(hours=1))]
    return later, len(later) + len(again)


def is_right(row, prices, person_of):
    return row[1] in person_of and row[2] in prices and row[5] > 0 and row[3] not in (None, "2026-02-30 12:00:00")


def figures(orders, person_of):
    """What the mart must say about these orders."""
    counted = [row for row in orders if row[6] != "cancelled"]
    return {
        "orders": len(orders),
        "buyers": len({person_of[row[1]] for row in counted}),
        "revenue": f"{sum(round(row[5] * 100) for row in counted) / 100:.2f}",
    }


def write_database(path, table, columns, rows):
    path.unlink(missing_ok=True)
    with sqlite3.connect(path) as database:
        database.execute(f"create table {table} ({columns})")
        database.executemany(f"insert into {table} values ({', '.join('?' * len(rows[0]))})", rows)
    database.close()


def write_csv(path, rows):
    with path.open("w", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)


ORDER_COLUMNS = ["order_id", "customer_id", "sku", "ordered_at", "quantity", "amount", "status", "updated_at"]


def main():
    folder = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else pathlib.Path(__file__).parent / "data"
    folder.mkdir(parents=True, exist_ok=True)
    random_ = random.Random(360)
    prices, products = make_products(random_)
    customers, person_of = make_customers(random_)
    orders = make_orders(random_, prices, person_of)
    good = [row for row in orders if is_right(row, prices, person_of)]
    later, read_again = make_later_orders(random_, orders, good, prices, person_of)
    after = list({row[0]: row for row in good + later}.values())

    write_csv(folder / "products.csv", products)
    write_database(
        folder / "crm.db",
        "customers",
        "id integer primary key, name text not null, email text, phone text, country text, created_on date,"
        " updated_at timestamp not null",
        customers,
    )
    write_database(
        folder / "sales.db",
        "orders",
        "order_id integer primary key, customer_id integer not null, sku text not null, ordered_at timestamp,"
        " quantity integer not null, amount decimal(10,2) not null, status text not null, updated_at timestamp not null",
        orders,
    )
    write_csv(folder / "later_orders.csv", [ORDER_COLUMNS, *[[*row[:5], f"{row[5]:.2f}", *row[6:]] for row in later]])
    truth = {
        "customers_read": len(customers),
        "customers": CUSTOMERS,
        "bad_emails": LEADS,
        "products": PRODUCTS,
        "bad_products": 3,
        "orders_read": len(orders),
        "negative_amounts": NEGATIVE,
        "unknown_customers": STRANGERS,
        "unknown_products": NO_PRODUCT,
        "missing_times": NO_TIME,
        "impossible_times": NO_DATE,
        "first_run": figures(good, person_of),
        "second_run": {"orders_read": read_again, **figures(after, person_of)},
    }
    (folder / "truth.json").write_text(json.dumps(truth, indent=2) + "\n")


if __name__ == "__main__":
    main()
