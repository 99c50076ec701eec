"""`results`: the files of a job that has ended."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Annotated

import typer

from listdrop_cli.lookups import ended_job
from listdrop_cli.options import JobArgument, JsonOption
from listdrop_cli.output import fail, out, show_json
from listdrop_cli.target import Target, with_target

NAMES = ("results.csv", "rejects.csv", "retry.csv", "summary.json")


@with_target
def results(
    target: Target,
    job_id: JobArgument,
    to: Annotated[
        Path | None, typer.Option(help="The folder to write to; by default ./JOB.", file_okay=False)
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Overwrite files that exist.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Download a job's result files: every row's outcome, the rejects, the rows to send again.

    Example: listdrop results spring-kakiyo-0123456789abcdef --to results
    """
    ended_job(target, job_id)
    folder = to or Path(job_id)
    there = [str(folder / name) for name in NAMES if (folder / name).exists()]
    if there and not force:
        fail(f"{', '.join(there)}: already exists. Overwrite with --force.")
    folder.mkdir(parents=True, exist_ok=True)
    client, bucket = target.client("s3"), target.outputs["ResultsBucket"]
    # Whole files take their names at last; what was begun goes with the temporary folder.
    with tempfile.TemporaryDirectory(dir=folder, prefix=".part-") as part:
        for name in NAMES:
            client.download_file(bucket, f"jobs/{job_id}/{name}", str(Path(part) / name))
        for name in NAMES:
            (Path(part) / name).replace(folder / name)
    written = [str(folder / name) for name in NAMES]
    if as_json:
        show_json({"job_id": job_id, "files": written})
    else:
        for path in written:
            out.print(path, markup=False)
