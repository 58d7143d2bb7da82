"""The routes: for each the floor's command, Mainstem's command, and how the destination is looked at.

A contender empties its destination in `prepare`, fills it in `command`, and `check` compares what is there with the
truth, which DuckDB computes once from the generated file with exact types.
"""

import shlex
from dataclasses import dataclass

from measure import Failed, output_of

# Name, type where types are exact.
COLUMNS = [("order_id", "bigint"), ("part_id", "bigint"), ("supplier_id", "bigint"), ("line", "bigint"),
           ("quantity", "decimal(15,2)"), ("price", "decimal(15,2)"), ("discount", "decimal(15,2)"),
           ("tax", "decimal(15,2)"), ("returned", "text"), ("status", "text"), ("shipped", "date"),
           ("promised", "date"), ("received", "date"), ("instruction", "text"), ("transport", "text"),
           ("comment", "text")]
SUMMED = [name for name, type in COLUMNS if type.startswith(("bigint", "decimal"))]
TABLE_COLUMNS = ", ".join(f"{name} {type}" for name, type in COLUMNS)


def exact(name, type):
    return f"cast({name} as {type})"


# The same text of a row in DuckDB and in PostgreSQL, so the same checksum: a sum, and so whatever the order of rows.
ROW_TEXT = "concat_ws('|', " + ", ".join(f"cast({exact(name, type)} as text)" for name, type in COLUMNS) + ")"
SUMS = ", ".join(["count(*)"] + [f"sum({exact(name, type)})" for name, type in COLUMNS if name in SUMMED])
DUCKDB_HASH = f"sum(cast('0x' || substr(md5({ROW_TEXT}), 1, 12) as bigint))"
POSTGRES_HASH = f"sum(cast(cast('x' || substr(md5({ROW_TEXT}), 1, 12) as bit(48)) as bigint))"


class Bench:
    """Where things are: programs, work folder, database."""

    def __init__(self, folder, mainstem, tools, url, rows):
        self.folder, self.mainstem, self.tools, self.url, self.rows = folder, mainstem, tools, url, rows

    def generate(self, form, rows, name):
        path = self.folder / name
        marker = self.folder / f"{name}.rows"
        if not (path.exists() and marker.exists() and marker.read_text() == str(rows)):
            marker.unlink(missing_ok=True)
            output_of([self.tools / "benchmark_generate", form, str(rows), path], self.folder)
            marker.write_text(str(rows))
        return path

    def duckdb(self, *statements, database=":memory:"):
        return output_of([self.tools / "benchmark_duckdb", database, *statements], self.folder)

    def psql(self, *statements):
        arguments = [argument for statement in statements for argument in ("-c", statement)]
        return output_of(["psql", self.url, "-qXAt", "-F", "\t", "-v", "ON_ERROR_STOP=1", *arguments], self.folder)

    def truth(self, path):
        """Counts, sums and checksum of a generated CSV."""
        columns = "{" + ", ".join(f"'{name}': '{type}'" for name, type in COLUMNS) + "}"
        return self.duckdb(f"select {SUMS}, {DUCKDB_HASH} from read_csv('{path}', header=true, columns={columns})")


@dataclass
class Contender:
    name: str
    command: object  # for a shell, or a list of arguments
    prepare: object = None
    check: object = None
    note: str = ""


@dataclass
class Case:
    name: str
    title: str
    bar: float  # times the first contender's time, or seconds where `absolute`
    contenders: list
    absolute: bool = False
    runs: int = 0  # 0: as many as asked for
    rows: int = 0


def compare(what, found, expected):
    if found != expected:
        raise Failed(f"{what} is not what it must be\n  found    {found}\n  expected {expected}")


def parquet_check(bench, path, truth, exact=True, dates=True):
    """`exact`: decimals are decimals. `dates`: dates are dates, which JSON does not have."""
    def check():
        compare(path, bench.duckdb(f"select {SUMS}, {DUCKDB_HASH} from read_parquet('{path}')"), truth)
        types = bench.duckdb(f"select typeof(quantity), typeof(price), typeof(shipped) from read_parquet('{path}') limit 1")
        if (exact and "DOUBLE" in types) or (dates and "DATE" not in types):
            raise Failed(f"{path} has lost types: {types}")
    return check


def postgres_check(bench, table, truth):
    return lambda: compare(table, bench.psql(f"select {SUMS}, {POSTGRES_HASH} from {table}"), truth)


def without(bench, name):
    return lambda: (bench.folder / name).unlink(missing_ok=True)


def empty_table(bench, table):
    return lambda: bench.psql(f"drop table if exists {table}", f"create table {table} ({TABLE_COLUMNS})")


def no_table(bench, table):
    return lambda: bench.psql(f"drop table if exists {table}")


def copy(bench, source, target, *options):
    words = [str(bench.mainstem), "copy", str(source), str(target), "--quiet", *options]
    return " ".join(map(shlex.quote, words))


def psql_command(bench, statement):
    return f"psql {shlex.quote(bench.url)} -qX -v ON_ERROR_STOP=1 -c {shlex.quote(statement)}"


def duckdb_command(bench, statement):
    return f"{bench.tools}/benchmark_duckdb :memory: {shlex.quote(statement)}"


def csv_reader(bench):
    """The rows go nowhere; what was read is compared by another run of each, since hashing takes time."""
    source = bench.generate("csv", bench.rows, "lines.csv")
    reader = bench.tools / "benchmark_read_csv"

    def check():
        compare("what was read", output_of([reader, "mainstem", source, "hash"], bench.folder), truth)

    truth = output_of([reader, "arrow", source, "hash"], bench.folder)
    return Case("csv-reader", "CSV reader alone, types given", 1.00, [
        Contender("arrow", [str(reader), "arrow", str(source)], note="TableReader; the whole table in memory"),
        Contender("mainstem", [str(reader), "mainstem", str(source)], check=check)], rows=bench.rows)


def csv_to_parquet(bench):
    source = bench.generate("csv", bench.rows, "lines.csv")
    truth = bench.truth(source)
    floor = f"copy (select * from read_csv('{source}')) to 'floor.parquet' (format parquet)"
    return Case("csv-parquet", "CSV → Parquet", 0.70, [
        Contender("duckdb COPY", duckdb_command(bench, floor), without(bench, "floor.parquet"),
                  parquet_check(bench, "floor.parquet", truth, exact=False), "decimals as DOUBLE"),
        Contender("mainstem", copy(bench, source, "lines.parquet"), without(bench, "lines.parquet"),
                  parquet_check(bench, "lines.parquet", truth), "decimals exact")], rows=bench.rows)


def csv_to_postgres(bench):
    source = bench.generate("csv", bench.rows, "lines.csv")
    truth = bench.truth(source)
    return Case("csv-postgres", "CSV → PostgreSQL", 0.65, [
        Contender("psql \\copy", psql_command(bench, f"\\copy bench_floor from '{source}' (format csv, header)"),
                  empty_table(bench, "bench_floor"), postgres_check(bench, "bench_floor", truth)),
        Contender("mainstem", copy(bench, source, f"{bench.url}#bench_lines"), no_table(bench, "bench_lines"),
                  postgres_check(bench, "bench_lines", truth))], rows=bench.rows)


def fill_source(bench):
    """The table that routes out of PostgreSQL read; returns its truth."""
    source = bench.generate("csv", bench.rows, "lines.csv")
    truth = bench.truth(source)
    bench.psql("drop table if exists bench_source", f"create table bench_source ({TABLE_COLUMNS})",
               f"\\copy bench_source from '{source}' (format csv, header)", "vacuum analyze bench_source")
    compare("bench_source", bench.psql(f"select {SUMS}, {POSTGRES_HASH} from bench_source"), truth)
    return truth


def pipe(bench, condition):
    out = psql_command(bench, f"copy (select * from bench_source where {condition}) to stdout (format binary)")
    return f"{out} | {psql_command(bench, 'copy bench_floor from stdin (format binary)')}"


def postgres_to_postgres(bench):
    truth = fill_source(bench)
    pages = int(bench.psql("select pg_relation_size('bench_source') / current_setting('block_size')::int"))
    first, second = f"ctid < '({pages // 2},0)'", f"ctid >= '({pages // 2},0)'"
    floor = f"{pipe(bench, first)} & first=$!; {pipe(bench, second)} && wait $first"
    return Case("postgres-postgres", "PostgreSQL → PostgreSQL", 1.05, [
        Contender("two binary COPY pipes", floor, empty_table(bench, "bench_floor"),
                  postgres_check(bench, "bench_floor", truth), "over halves by ctid"),
        Contender("mainstem", copy(bench, f"{bench.url}#bench_source", f"{bench.url}#bench_lines"),
                  no_table(bench, "bench_lines"), postgres_check(bench, "bench_lines", truth))], rows=bench.rows)


def postgres_to_parquet(bench):
    truth = fill_source(bench)
    return Case("postgres-parquet", "PostgreSQL → Parquet", 1.10, [
        Contender("binary COPY to nowhere",
                  psql_command(bench, "copy bench_source to stdout (format binary)") + " >/dev/null",
                  note="nothing is encoded"),
        Contender("mainstem", copy(bench, f"{bench.url}#bench_source", "lines.parquet"),
                  without(bench, "lines.parquet"), parquet_check(bench, "lines.parquet", truth))], rows=bench.rows)


def ndjson_to_parquet(bench):
    rows = bench.rows * 5 // 6
    truth = bench.truth(bench.generate("csv", rows, "fewer_lines.csv"))
    source = bench.generate("ndjson", rows, "lines.ndjson")
    floor = f"copy (select * from read_json('{source}')) to 'floor.parquet' (format parquet)"
    return Case("ndjson-parquet", "NDJSON → Parquet", 0.80, [
        Contender("duckdb COPY", duckdb_command(bench, floor), without(bench, "floor.parquet"),
                  parquet_check(bench, "floor.parquet", truth, exact=False), "decimals as DOUBLE"),
        Contender("mainstem", copy(bench, source, "lines.parquet"), without(bench, "lines.parquet"),
                  parquet_check(bench, "lines.parquet", truth, dates=False), "decimals exact, dates as text")], rows=rows)


def version(bench):
    return Case("start", "start: --version", 0.015,
                [Contender("mainstem", [str(bench.mainstem), "--version"])], absolute=True, runs=20)


def ten_rows(bench):
    source = bench.generate("csv", 10, "ten.csv")
    truth = bench.truth(source)
    return Case("ten-rows", "start: ten rows → PostgreSQL", 0.060, [
        Contender("psql \\copy",
                  shlex.split(psql_command(bench, f"\\copy bench_floor from '{source}' (format csv, header)")),
                  empty_table(bench, "bench_floor"), postgres_check(bench, "bench_floor", truth)),
        Contender("mainstem", shlex.split(copy(bench, source, f"{bench.url}#bench_ten")), no_table(bench, "bench_ten"),
                  postgres_check(bench, "bench_ten", truth))], absolute=True, runs=20, rows=10)


ALL = {"csv-reader": csv_reader, "csv-parquet": csv_to_parquet, "csv-postgres": csv_to_postgres,
       "postgres-postgres": postgres_to_postgres, "postgres-parquet": postgres_to_parquet,
       "ndjson-parquet": ndjson_to_parquet, "start": version, "ten-rows": ten_rows}
