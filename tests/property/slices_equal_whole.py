#!/usr/bin/env python3
"""Incremental runs over random changes leave what one full reload leaves; a second run changes nothing; rows add up.

    tests/property/slices_equal_whole.py --program build/release/mainstem [--seed N] [--rounds N] [NAME...]

A table is inserted into and updated at random, with a cursor that grows, some of it late but within the lookback; after
each slice the pipeline runs, some runs killed on their way. The target must hold the rows of the source then, each run
must be repeatable, and in every result document each source row is handed on, quarantined or filtered.
"""

import json
import signal
import sqlite3
import sys

import world

LOOKBACK = 10
PROJECT = """project: slices
connections:
  shop: {source}
  house: {target}
defaults: {{retry: {{attempts: 1}}}}
"""
PIPELINE = """pipeline: items
sources:
  items: {{from: shop, {table}, key: id, incremental: {{cursor: changed, lookback: {lookback}}}}}
transforms:
  good:
    sql: select id, name, price, changed from items
    checks:
      - length: {{column: name, max: 12, on_fail: quarantine}}
targets:
  - {{model: good, to: house, {place}, mode: {mode}}}
budget: {{bad_rows: 100%}}
"""
NAMES = ["Ann", "", "O'Hara", 'say "hi"', "two\nlines", "a,b;c\td", "Zoë 🦆", "\\N", "NULL", " blank ", "-- x", "%s$1"]
KILLS = ["target.staged", "publish.begin", "sink.commit.begin", "sink.commit.end", "publish.end", "run.recorded"]


class Shop:
    """The source: rows by id, in SQLite, PostgreSQL or a CSV file that grows."""

    def __init__(self, place, kind):
        self.place, self.kind, self.rows = place, kind, {}

    def connection(self):
        if self.kind == "postgres":
            return postgres(self.place)
        return "{type: sqlite, path: shop.db}" if self.kind == "sqlite" else "{type: files, path: .}"

    def table(self):
        return {"postgres": f"table: {self.place.schema}.items", "sqlite": "table: items",
                "csv": "path: shop.csv, contract: {columns: {id: bigint, name: text, price: \"decimal(12,2)\", changed: bigint}}, null_values: []"}[self.kind]

    def store(self, changed):
        self.rows.update({row[0]: row for row in changed})
        if self.kind == "sqlite":
            with sqlite3.connect(self.place.folder / "shop.db") as shop:
                shop.execute("create table if not exists items(id integer primary key, name text, price decimal(12,2), changed integer)")
                shop.executemany("insert or replace into items values (?, ?, ?, ?)", changed)
            shop.close()
        elif self.kind == "postgres":
            values = ", ".join("({}, {}, {}, {})".format(row[0], literal(row[1]), row[2], row[3]) for row in changed)
            table = f"{self.place.schema}.items"
            world.psql(f"set client_min_messages = error; create schema if not exists {self.place.schema}; create table if "
                       f"not exists {table}(id bigint primary key, name text, price numeric(12,2), changed bigint); "
                       + (f"insert into {table} values {values} on conflict (id) do update set name = excluded.name, "
                          "price = excluded.price, changed = excluded.changed" if values else ""))
        else:
            lines = ['id,name,price,changed\n'] + [
                '{},"{}",{},{}\n'.format(row[0], row[1].replace('"', '""'), row[2], row[3]) for row in self.rows.values()]
            self.place.write("shop.csv", "".join(lines))


def literal(text):
    return "'" + text.replace("'", "''") + "'"


def postgres(place):
    port = world.postgres_url().rsplit(":", 1)[1].split("/")[0]
    return (f"{{type: postgres, host: 127.0.0.1, port: {port}, user: mainstem, password: mainstem, database: mainstem, "
            f"state_schema: {place.schema}_state}}")


def target_of(place, kind):
    """Connection, where in it, and the address to read."""
    if kind == "postgres":
        return postgres(place), f"table: {place.schema}.good", f"{world.postgres_url()}#{place.schema}.good"
    return f"{{type: {kind}, path: house.db}}", "table: good", f"{kind}:///house.db#good"


def content(place, address):
    _, out, _ = place.run("query", "select * from t", "--limit", "1000000", "--table", f"t={address}", "--format", "json")
    rows = [json.loads(line) for line in out.split("\n") if line]
    return sorted((row["id"], row["name"], f"{float(row['price']):.2f}", row["changed"]) for row in rows)


def expected(rows):
    return sorted((row[0], row[1], f"{float(row[2]):.2f}", row[3]) for row in rows if len(row[1]) <= 12)


def assert_same(found, wanted, when):
    lost = sorted(set(wanted) - set(found))
    more = sorted(row for row in set(found) if row not in wanted or found.count(row) > 1)
    assert found == wanted, f"{when}: {len(found)} rows, not {len(wanted)}; lost {lost[:5]}, too many {more[:5]}"


def check_equation(document):
    for step in document["steps"]:
        kept = step["rows_written"] + step["rows_quarantined"] + step["rows_filtered"]
        assert step["rows_read"] == kept or step["kind"] == "target", f"the rows do not add up: {step}"
    handed_on = {step["name"]: step["rows_written"] for step in document["steps"]}
    for target in document["targets"]:
        step = next(step for step in document["steps"] if step["name"] == target["table"] and step["kind"] == "target")
        assert target["rows"] == step["rows_written"], f"{target} is not what its step wrote: {step}"
        assert step["rows_written"] + step["rows_quarantined"] == handed_on["items"], f"rows got lost on the way: {document['steps']}"


def random_change(random, rows, clock, append):
    """Some new and changed rows; the cursor of a late one stands within the lookback."""
    changed = []
    ids = list(rows) if not append else []
    for _ in range(random.choice([0, 1, 3, 40])):
        fresh = not ids or random.random() < 0.6
        number = max([*rows, *(row[0] for row in changed), 0]) + random.randrange(1, 4) if fresh else random.choice(ids)
        late = 0 if append else random.randrange(LOOKBACK) if random.random() < 0.3 else 0
        at = max(clock - late, rows[number][3] + 1 if number in rows else 0)
        name = random.choice(NAMES) if append or random.random() < 0.9 else "a name that is too long"
        changed = [row for row in changed if row[0] != number]
        changed.append((number, name, f"{random.randrange(-10**6, 10**6) / 100:.2f}", at))
    return changed


def run_once_or_killed(place, random, options):
    if random.random() < 0.4:
        point = random.choice(KILLS)
        status, out, err = place.run("run", *options, kill_at=point, exits=None)
        place.told.append(f"{point}: {status}")
        assert status in (-signal.SIGKILL, 0, 99), f"killed at {point}: {status}\n{out}{err}"
    document = place.result("run", *options, exits=(0, 99))
    place.told.append(f"{options}: {document['status']}")
    check_equation(document)


def slices(source, target, mode):
    append = mode == "append"

    def test(place, random):
        connection, where, address = target_of(place, target)
        shop = Shop(place, source)
        place.write("mainstem.yaml", PROJECT.format(source=shop.connection(), target=connection))
        place.write("pipelines/items.yaml", PIPELINE.format(
            table=shop.table(), lookback=LOOKBACK, place=where, mode="append" if append else "merge, key: id").replace(
                f", lookback: {LOOKBACK}" if append else "\0", ""))
        clock = 100
        good = {}
        for _ in range(8):
            clock += random.randrange(1, 3 * LOOKBACK) if not append else 5
            changed = random_change(random, shop.rows, clock, append)
            # A row that becomes bad leaves its older version in the target: nothing removes rows there.
            shop.store(changed)
            for row in changed:
                if len(row[1]) <= 12:
                    good[row[0]] = row
            if not shop.rows:
                continue
            options = random.choice([[], ["--batch-rows", "1"], ["--threads", "1"], ["--memory", "64MiB"]])
            run_once_or_killed(place, random, options)
            assert_same(content(place, address), expected(good.values()), f"after {place.told}")
        before = content(place, address)
        document = place.result("run", exits=(0, 99))
        assert content(place, address) == before, "a run without news changed the target"
        if not append:
            check_equation(place.result("run", "--full"))
            assert content(place, address) == expected(good.values()), "a full reload differs"
        assert document["error"] is None

    return test


def twice(target, mode):
    """A copy of everything, run twice, is a copy of everything."""
    def test(place, random):
        connection, where, address = target_of(place, target)
        shop = Shop(place, "csv")
        place.write("mainstem.yaml", PROJECT.format(source=shop.connection(), target=connection))
        modes = {"merge": "merge, key: id", "partition": "partition, partition_by: [changed]", "replace": "replace"}
        text = PIPELINE.format(table=shop.table(), lookback=0, place=where, mode=modes[mode])
        place.write("pipelines/items.yaml", text.replace(", incremental: {cursor: changed, lookback: 0}", ""))
        rows = [(i, random.choice(NAMES + ["a name that is too long"]), f"{random.randrange(10**6) / 100:.2f}", random.randrange(5)) for i in range(50)]
        shop.store(rows)
        for _ in range(2):
            run_once_or_killed(place, random, [])
            assert content(place, address) == expected(rows)

    return test


def tests(_):
    for source in ("sqlite", "postgres", "csv"):
        for target in ("duckdb", "sqlite", "postgres"):
            yield f"merge-{source}-{target}", "postgres" in (source, target), slices(source, target, "merge")
    for target in ("duckdb", "sqlite", "postgres"):
        yield f"append-{target}", target == "postgres", slices("sqlite", target, "append")
        for mode in ("replace", "merge", "partition"):
            yield f"twice-{mode}-{target}", target == "postgres", twice(target, mode)


if __name__ == "__main__":
    sys.exit(world.main(__doc__.split("\n", maxsplit=1)[0], tests))
