"""Reads files of metrics: paths on standard input, a JSON object on standard output."""

import json
import sys
from pathlib import Path

import pyarrow.csv as csv
import pyarrow.parquet as parquet
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

paths = json.load(sys.stdin)


def text(value):
    """Numbers that are not finite as JavaScript writes them."""
    if isinstance(value, float) and (value != value or value in (float("inf"), float("-inf"))):
        return "NaN" if value != value else "Infinity" if value > 0 else "-Infinity"
    return value


def rows(table):
    return [[text(cell) for cell in row.values()] for row in table.to_pylist()]


def events(folder):
    everything = EventAccumulator(str(folder), size_guidance={"scalars": 0, "histograms": 0})
    everything.Reload()
    tags = everything.Tags()
    return {
        "scalars": {
            tag: [[e.wall_time, e.step, text(e.value)] for e in everything.Scalars(tag)] for tag in tags["scalars"]
        },
        "histograms": {
            tag: [
                [e.step, e.histogram_value.min, e.histogram_value.max, e.histogram_value.num, e.histogram_value.sum]
                + [list(e.histogram_value.bucket_limit), list(e.histogram_value.bucket)]
                for e in everything.Histograms(tag)
            ]
            for tag in tags["histograms"]
        },
        "descriptions": {
            tag: everything.SummaryMetadata(tag).summary_description for tag in tags["scalars"] + tags["histograms"]
        },
    }


table = parquet.read_table(paths["parquet"])
print(
    json.dumps(
        {
            "names": table.column_names,
            "types": [str(one) for one in table.schema.types],
            "rows": rows(table),
            "metadata": {key.decode(): value.decode() for key, value in (table.schema.metadata or {}).items()},
            "createdBy": parquet.ParquetFile(paths["parquet"]).metadata.created_by,
            "csv": csv.read_csv(paths["csv"]).num_rows,
            "runs": {one.name: events(one) for one in sorted(Path(paths["tensorboard"]).iterdir())},
        }
    )
)
