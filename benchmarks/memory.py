"""A large CSV through `copy` in little memory: it must get through with its result right, or end with a clear error."""

import shlex

import measure
from cases import SUMS, DUCKDB_HASH, compare, copy
from measure import Failed

LIMIT = 512 << 20
# Half of the limit, which is what the program takes by itself where the limit is that of its container.
MEMORY = "256MiB"
BYTES_A_ROW = 132


def targets(bench):
    """Name, address, and the query that looks at the result."""
    return [("Parquet", "large.parquet", ":memory:", "read_parquet('large.parquet')"),
            ("DuckDB", "duckdb:///large.duckdb#lines", "large.duckdb", "lines")]


def run_case(bench, gigabytes, say):
    """Rows of the table: target, seconds, processor seconds, peak, outcome; the files are removed afterwards."""
    rows = int(gigabytes * 1e9 / BYTES_A_ROW)
    source = bench.generate("csv", rows, "large.csv")
    size = source.stat().st_size / 1e9
    results = []
    try:
        truth = bench.truth(source)
        for name, address, database, relation in targets(bench):
            results.append(one(bench, source, truth, (name, address, database, relation)))
            say(f"  {name}: {results[-1]['outcome']}")
    finally:
        for path in bench.folder.glob("large.*"):
            path.unlink()
    return {"gigabytes": size, "rows": rows, "results": results}


def one(bench, source, truth, target):
    name, address, database, relation = target
    group = measure.MemoryGroup(LIMIT)
    result = {"target": name, "limit": "cgroup" if group.possible else "own memory watched", "seconds": 0, "cpu": 0,
              "peak": 0, "ok": False}
    try:
        cost = measure.run(shlex.split(copy(bench, source, address, "--memory", MEMORY)), bench.folder,
                           group=group if group.possible else None, anonymous_limit=None if group.possible else LIMIT)
        compare(address, bench.duckdb(f"select {SUMS}, {DUCKDB_HASH} from {relation}", database=database), truth)
        result.update(seconds=cost.seconds, cpu=cost.cpu, peak=cost.peak, ok=True, outcome="complete and verified")
    except Failed as problem:
        said = str(problem).splitlines()
        result["outcome"] = " ".join(said[1:] or said)[-400:]
    finally:
        group.close()
    return result
