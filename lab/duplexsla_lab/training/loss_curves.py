"""Draws the losses of a stage: OUT/STAGE.jsonl -> OUT/STAGE.svg and OUT/STAGE_families.svg.

Example: python -m duplexsla_lab.training.loss_curves build/nano post
"""

import argparse
import json
from pathlib import Path
from typing import Any

from duplexsla.report.charts import Point, lines

CHARTED = ("text", "codes", "phones")


def rows_of(log: Path) -> list[dict[str, Any]]:
    """The reports of a stage, the last of each step: a resumed run repeats some."""
    rows = (json.loads(line) for line in log.read_text("utf-8").splitlines())
    return list({row["step"]: row for row in rows if "step" in row}.values())


def draw(folder: Path, stage: str) -> list[Path]:
    """The files that were written."""
    rows = rows_of(folder / f"{stage}.jsonl")
    losses = {name: [(row["step"], row[name]) for row in rows] for name in CHARTED}
    families: dict[str, list[Point]] = {}
    for row in rows:
        for family, held in row.get("held", {}).items():
            families.setdefault(family, []).append((row["step"], held["text"]))
    charts = {stage: lines(f"{stage}: training losses", losses, x="step", y="nats")}
    if families:
        title = f"{stage}: text loss on held-out voices"
        charts[f"{stage}_families"] = lines(title, families, x="step", y="nats")
    paths = []
    for name, chart in charts.items():
        paths.append(folder / f"{name}.svg")
        paths[-1].write_text(chart, "utf-8")
    return paths


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path, help="run folder")
    parser.add_argument("stage", choices=("base", "post"))
    args = parser.parse_args()
    print(*draw(args.folder, args.stage), sep="\n")


if __name__ == "__main__":
    main()
