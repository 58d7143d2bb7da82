#!/usr/bin/env python3
"""PostgreSQL goes away in the middle of a read, a write or a commit: error, old data, nothing lost, nothing doubled.

    tests/property/server_gone.py --program build/release/mainstem [--seed N] [NAME...]

The server is reached through a proxy that cuts the connections, or falls silent, at a byte chosen by the seed.
"""

import pathlib
import signal
import sqlite3
import sys
import time

import world

sys.path.append(str(pathlib.Path(__file__).resolve().parent.parent / "services"))
from cutting_proxy import CuttingProxy  # noqa: E402

PROJECT = """project: gone
connections:
  shop: {{type: sqlite, path: shop.db}}
  local: {{type: duckdb, path: local.duckdb}}
  far: {{type: postgres, host: 127.0.0.1, port: "${{param:port}}", user: mainstem, password: mainstem,
        database: mainstem, tls: {{mode: disable}}, state_schema: {schema}_state}}
params: {{port: "{port}"}}
defaults: {{retry: {{attempts: {attempts}, pause: 50ms}}}}
"""
READ = """pipeline: items
sources:
  items: {{from: far, table: {schema}.items}}
targets:
  - {{model: items, to: local, table: items}}
"""
WRITE = """pipeline: items
sources:
  items: {{from: shop, table: items, key: id, incremental: {{cursor: id}}}}
targets:
  - {{model: items, to: far, table: {schema}.items, mode: {mode}}}
"""
ROWS = 20_000
SECONDS_TO_STOP = 5


def server():
    return "127.0.0.1", int(world.postgres_url().rsplit(":", 1)[1].split("/")[0])


def project(place, pipeline, attempts=1, **values):
    place.write("mainstem.yaml", PROJECT.format(schema=place.schema, port=server()[1], attempts=attempts))
    place.write("pipelines/items.yaml", pipeline.format(schema=place.schema, **values))


def fill_server(place, rows):
    world.psql(f"set client_min_messages = error; create schema if not exists {place.schema}; "
               f"drop table if exists {place.schema}.items; create table {place.schema}.items as "
               f"select i as id, md5(i::text) as name from generate_series(1, {rows}) as i")


def fill_shop(place, first, count):
    with sqlite3.connect(place.folder / "shop.db") as shop:
        shop.execute("create table if not exists items(id integer primary key, name text)")
        shop.executemany("insert into items values (?, ?)",
                         ((i, f"the name of item {i:09}") for i in range(first, first + count)))
    shop.close()


def local_rows(place):
    _, out, _ = place.run("query", "--on", "local", "select count(*), sum(id) from items", "--format", "csv")
    return tuple(int(text) for text in out.split("\n")[1].split(","))


def far_rows(place):
    return tuple(int(text) for text in world.psql(f"select count(*), coalesce(sum(id), 0) from {place.schema}.items")[0])


def whole(rows):
    return rows, rows * (rows + 1) // 2


def stages(place):
    return [name for (name,) in world.psql(
        f"select tablename from pg_tables where schemaname like '{place.schema}%' and tablename like 'stage%'")]


def run_through(place, proxy, exits=(75,)):
    status, out, err = place.run("run", "--param", f"port={proxy.port}", exits=None)
    assert proxy.struck.is_set(), f"the run ended before byte {proxy.after}: {status} {proxy.passed}\n{out}{err}"
    assert status in exits, f"exit status {status}, not {exits}, at byte {proxy.after}\n{out}{err}"
    if status == 75:
        assert "hint:" in err, f"no hint: {err}"
        assert "items" in err or "far" in err, f"the error names neither table nor connection: {err}"
    assert "mainstem:mainstem" not in out + err
    return err


def read_is_cut(then):
    def test(place, random):
        project(place, READ)
        fill_server(place, 10)
        place.run("run")
        fill_server(place, ROWS)
        for _ in range(4):
            with CuttingProxy(server(), after=random.randrange(20_000, 500_000), then=then) as proxy:
                run_through(place, proxy)
            assert local_rows(place) == whole(10), f"the old rows are gone, cut at {proxy.after}"
        place.run("run")
        assert local_rows(place) == whole(ROWS)

    return test


def read_is_cut_at_the_beginning(place, random):
    project(place, READ)
    fill_server(place, 10)
    for _ in range(5):
        with CuttingProxy(server(), after=random.randrange(0, 2_000), then="gone") as proxy:
            run_through(place, proxy)
    place.run("run")
    assert local_rows(place) == whole(10)


def write_is_cut(mode, then):
    def test(place, random):
        options = "merge, key: id" if mode == "merge" else mode
        project(place, WRITE, mode=options)
        fill_shop(place, 1, 10)
        place.run("run")
        fill_shop(place, 11, ROWS - 10)
        for _ in range(4):
            with CuttingProxy(server(), after=random.randrange(5_000, 700_000), of="client", then=then) as proxy:
                run_through(place, proxy)
            assert far_rows(place) == whole(10), f"not the old rows, cut at {proxy.after}: {far_rows(place)}"
            if then == "cut":
                assert not stages(place), f"cut at {proxy.after}: staging tables are left: {stages(place)}"
        place.run("run")
        assert far_rows(place) == whole(ROWS)
        assert not stages(place), f"staging tables are left: {stages(place)}"

    return test


def answer_to_commit_is_lost(then):
    """The server commits, and its answer never arrives."""
    def test(place, _):
        project(place, WRITE, mode="append")
        fill_shop(place, 1, 10)
        place.run("run")
        fill_shop(place, 11, 90)
        with CuttingProxy(server(), at=[b"txid_current", b"COMMIT"], then=then) as proxy:
            # Once cut, the program can ask the server what became of its transaction; where it cannot, it says so.
            run_through(place, proxy, exits=(0,) if then == "cut" else (75,))
        assert far_rows(place) == whole(100), far_rows(place)
        place.run("run", exits=(99,))
        assert far_rows(place) == whole(100), f"rows are doubled or lost: {far_rows(place)}"
        assert not stages(place)

    return test


def retry_goes_on(place, random):
    """With attempts left, a cut is only a delay: no row comes twice."""
    project(place, WRITE, attempts=3, mode="append")
    fill_shop(place, 1, ROWS)
    with CuttingProxy(server(), after=random.randrange(100_000, 500_000), of="client") as proxy:
        run_through(place, proxy, exits=(0,))
    assert far_rows(place) == whole(ROWS), far_rows(place)
    assert not stages(place)


def session_is_ended(place, _):
    """An administrator ends the session in the middle of a read."""
    project(place, READ)
    fill_server(place, 10)
    place.run("run")
    slow = READ.replace("table: {schema}.items}}", 'query: "select id, name, pg_sleep(0.05)::text from {schema}.items"}}')
    fill_server(place, 1000)
    project(place, slow)
    process = place.start("run")
    ended = 0
    for _ in range(100):
        ended = int(world.psql(f"select count(pg_terminate_backend(pid)) from pg_stat_activity where "
                               f"state = 'active' and query ilike '%pg_sleep%{place.schema}.items%' and pid <> pg_backend_pid()")[0][0])
        if ended:
            break
        time.sleep(0.1)
    out, err = process.communicate(timeout=world.TIMEOUT_SECONDS)
    assert ended, f"no session was found\n{out}{err}"
    assert process.returncode == 75, f"exit status {process.returncode}\n{out}{err}"
    assert "57P01" in err and "hint:" in err, err
    assert local_rows(place) == whole(10)


def silence_is_left_by_a_signal(direction, low, high):
    """The server says nothing any more: the first SIGINT ends the run soon, with status 130."""
    def test(place, random):
        if direction == "read":
            project(place, READ)
            fill_server(place, ROWS)
        else:
            project(place, WRITE, mode="append")
            fill_shop(place, 1, ROWS)
        of = "server" if direction == "read" else "client"
        with CuttingProxy(server(), after=random.randrange(low, high), of=of, then="silent") as proxy:
            process = place.start("run", "--param", f"port={proxy.port}")
            try:
                assert proxy.struck.wait(60), f"byte {proxy.after} never came: {proxy.passed}"
                time.sleep(0.3)
                begin = time.monotonic()
                process.send_signal(signal.SIGINT)
                out, err = process.communicate(timeout=20)
            finally:
                process.kill()
        took = time.monotonic() - begin
        assert process.returncode == 130, f"exit status {process.returncode} at byte {proxy.after}\n{out}{err}"
        assert took < SECONDS_TO_STOP, f"the run ended {took:.1f} s after the signal, silent since byte {proxy.after}"
        place.run("run")
        assert (local_rows if direction == "read" else far_rows)(place) == whole(ROWS)

    return test


def tests(_):
    for then in ("cut", "gone"):
        yield f"read-{then}", True, read_is_cut(then)
        yield f"write-append-{then}", True, write_is_cut("append", then)
        yield f"commit-{then}", True, answer_to_commit_is_lost(then)
    yield "read-begin", True, read_is_cut_at_the_beginning
    yield "write-merge", True, write_is_cut("merge", "cut")
    yield "retry", True, retry_goes_on
    yield "session", True, session_is_ended
    yield "silent-connect", True, silence_is_left_by_a_signal("read", 0, 10)
    yield "silent-read", True, silence_is_left_by_a_signal("read", 10_000, 400_000)
    yield "silent-write", True, silence_is_left_by_a_signal("write", 10_000, 600_000)


if __name__ == "__main__":
    sys.exit(world.main(__doc__.split("\n", maxsplit=1)[0], tests))
