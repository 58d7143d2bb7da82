#!/usr/bin/env python3
"""A table goes through random formats and databases, one after the other, and comes back the same.

    tests/property/there_and_back.py --program build/release/mainstem [--seed N] [--rounds N] [NAME...]

Texts that break parsers, integers and decimals at their limits, dates, nulls beside empty texts, odd names of columns.
"""

import datetime
import decimal
import re
import sys

import world

TEXTS = [
    "", " ", "  both ends ", "Ann", "O'Hara", 'say "hi"', '"', '""', "'", "a,b;c|d\te", "two\nlines", "dos\r\nlines", "mac\rlines",
    "\n", "\\", "\\N", "\\n", "NULL", "null", "None", "NaN", "inf", "true", "-", "--", "#comment", "// x", "=1+1", "@x", "%s %d",
    "$1 ${env:HOME}", "<a href='x'>&amp;</a>", "]]>", "<!--", "{\"a\": [1]}", "[]", "Zoë", "日本語", "🦆👩‍👩‍👧", "e\u0301", "\u202eabc", "\ufeffbom",
    "\u2028line", "\u0085next", "\x7f", "x" * 70_000, "007", "1e5", "0x1F", "1_000", "+49 30 1", "2024-01-01", "12:30", "Robert'); drop table t;--",
]
CONTROL = ["\x01", "bell\x07", "\x1b[31m", "\x1e\x1f"]
CODES = ["007", "00", "+4930123", "-007", "12345678901234567890123456789012345678901234567890", "0.10", "1.", "1e400", "0b1", "Infinity"]
COLUMNS = ["id", "text", "Größe", "with space", "select", 'q"uote', "when", "big", "price", "wide", "day", "at", "yes", "real", "code"]
TYPES = ["bigint", "text", "text", "text", "text", "text", "bigint", "bigint", "decimal(12,2)", "decimal(38,10)", "date", "timestamp", "boolean", "double", "text"]
PLACES = ["csv", "tsv", "csv.gz", "ndjson", "json", "ndjson.zst", "parquet", "folder", "arrow", "xml", "sqlite", "duckdb", "postgres"]


def value_of(random, kind, texts, codes, column):
    if random.random() < 0.15:
        return None
    if column == "code":
        return random.choice(codes)
    if kind == "bigint":
        return random.choice([0, -1, 2**63 - 1, -2**63, 2**53 + 1, random.randrange(-10**9, 10**9)])
    if kind == "decimal(12,2)":
        return decimal.Decimal(random.choice([0, 1, -5, 10**12 - 1, 1 - 10**12, random.randrange(10**6)])).scaleb(-2)
    if kind == "decimal(38,10)":
        return decimal.Decimal(f"{random.choice(['', '-'])}{random.choice([10**37, 10**38 - 1, 1, 123456789])}e-10")
    if kind == "date":
        return datetime.date(1, 1, 1) + datetime.timedelta(random.choice([0, 577000, 738000, 719162, random.randrange(3652058), 3652058]))
    if kind == "timestamp":
        return datetime.datetime(1970, 1, 1) + datetime.timedelta(seconds=random.randrange(-10**10, 10**10), microseconds=random.choice([0, 1, 999999, 120000]))
    if kind == "boolean":
        return random.random() < 0.5
    if kind == "double":
        return random.choice([0.0, 1.5, -2.25, 1e300, 5e-324, 0.1, 1 / 3, 2.0**70, random.uniform(-1e6, 1e6)])
    return random.choice(texts)


def to_field(value):
    if value is None:
        return ""
    if isinstance(value, bool):
        return '"true"' if value else '"false"'
    if isinstance(value, decimal.Decimal):
        value = format(value, "f")
    if isinstance(value, float):
        value = repr(value)
    return '"' + str(value).replace('"', '""') + '"'


def read_back(text):
    """Records of a CSV text in which all fields but nulls are quoted."""
    records, record, at = [], [], 0
    field = re.compile(r'"((?:[^"]|"")*)"|([^",\r\n]*)')
    while at < len(text):
        match = field.match(text, at)
        record.append(match.group(1).replace('""', '"') if match.group(1) is not None else None if match.group(2) == "" else match.group(2))
        at = match.end()
        if at < len(text) and text[at] == ",":
            at += 1
            continue
        assert text[at:at + 1] in ("\n", "\r", ""), f"not CSV: {text[at - 20:at + 20]!r}"
        records.append(record)
        record, at = [], at + 1
    return records


def meaning(text, kind):
    """A field's value, apart from how it is written."""
    if text is None:
        return None
    if kind.startswith("decimal"):
        return decimal.Decimal(text)
    if kind == "bigint":
        return int(text)
    if kind == "double":
        return float(text)
    if kind == "boolean":
        return text.lower() in ("true", "t", "1")
    if kind == "date":
        return datetime.date.fromisoformat(text[:10]) if len(text) == 10 or text[10:] in ("T00:00:00", " 00:00:00") else text
    if kind == "timestamp":
        return datetime.datetime.fromisoformat(text)
    return text


def address_of(place, kind, number):
    if kind == "postgres":
        return f"{world.postgres_url()}#{place.schema}.t{number}"
    if kind in ("sqlite", "duckdb"):
        return f"{kind}:///{number}.{kind}#t"
    return f"set{number}" if kind == "folder" else f"file{number}.{kind}"


def go(place, chain, columns, types, rows):
    place.write("begin.csv", ",".join(to_field(name) for name in columns) + "\n"
                + "".join(",".join(to_field(value) for value in row) + "\n" for row in rows))
    at, options = "begin.csv", ["--from-delimiter", ","]
    for name, kind in zip(columns, types):
        options += ["--columns", f"{name}:{kind}"]
    for number, kind in enumerate(chain):
        to = address_of(place, kind, number)
        options += ["--to-format", "parquet"] if kind == "folder" else []
        document = place.result("copy", at, to, *options, "--mode", "replace")
        read = document["steps"][0]
        assert (read["rows_read"], read["rows_written"]) == (len(rows), len(rows)), f"{at} to {to}: {document}"
        at, options = to, ["--from-delimiter", "\t" if kind == "tsv" else ","] if kind.startswith(("csv", "tsv")) else []
    place.result("copy", at, "end.csv", *options, "--quoting", "all", "--to-delimiter", ",")
    return read_back((place.folder / "end.csv").read_bytes().decode())


def chain_of(length, only=None):
    def test(place, random):
        places = [kind for kind in PLACES if kind != "postgres" or world.postgres_url()]
        chain = [only] if only else [random.choice(places) for _ in range(length)]
        texts = TEXTS + ([] if "xml" in chain else CONTROL)
        codes = random.sample(CODES, random.randrange(1, 3))
        # The names of XML elements are no free texts.
        columns = [re.sub(r"\W", "_", name) for name in COLUMNS] if "xml" in chain else COLUMNS
        rows = [[number] + [value_of(random, kind, texts, codes, column) for column, kind in zip(COLUMNS[1:], TYPES[1:])]
                for number in range(random.choice([1, 3, 60]))]
        try:
            header, *back = go(place, chain, columns, TYPES, rows)
        except AssertionError as error:
            raise AssertionError(f"{' > '.join(chain)}: {error}") from error
        # XML has neither an order of columns nor, for a column that holds nothing, a place.
        names = [name for name in columns if name in header] if "xml" in chain else columns
        assert (sorted(header) if "xml" in chain else header) == (sorted(names) if "xml" in chain else names), f"{' > '.join(chain)}: {header}"
        wanted = {row[0]: row for row in rows}
        assert len(back) == len(rows), f"{' > '.join(chain)}: {len(back)} rows, not {len(rows)}"
        for record in back:
            fields = dict(zip(header, record))
            row = wanted.pop(int(fields["id"]))
            for name, kind, value in zip(columns, TYPES, row):
                text = fields.get(name)
                assert meaning(text, kind) == value, f"{' > '.join(chain)}: {name} ({kind}): {value!r:.80} came back as {text!r:.80}; codes {codes}"

    return test


def tests(_):
    for kind in PLACES:
        yield f"one-{kind}", kind == "postgres", chain_of(1, kind)
    for number in range(8):
        yield f"chain-{number}", False, chain_of(3)


if __name__ == "__main__":
    sys.exit(world.main(__doc__.split("\n", maxsplit=1)[0], tests))
