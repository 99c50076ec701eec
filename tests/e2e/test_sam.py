"""What the SAM command line does with the template and `samconfig.toml`, on the engine."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from local.engine import ROOT, Engine

pytestmark = pytest.mark.engine

SAM = ROOT / ".venv-sam" / "bin" / "sam"


@pytest.mark.slow
@pytest.mark.skipif(not SAM.exists(), reason="SAM is installed by `make check` only")
def test_the_template_is_packaged_deployed_and_looked_at_once_more(tmp_path: Path) -> None:
    packaged = str(tmp_path / "packaged.yaml")
    with Engine(tmp_path / "engine", 0) as engine:
        environment = os.environ | {
            "AWS_ENDPOINT_URL": engine.url,
            "AWS_ACCESS_KEY_ID": "any",
            "AWS_SECRET_ACCESS_KEY": "any",
            "AWS_DEFAULT_REGION": "us-east-1",
            "SAM_CLI_TELEMETRY": "0",
        }

        def sam(*arguments: str) -> str:
            config = ["--config-file", str(ROOT / "samconfig.toml")]
            done = subprocess.run(
                [str(SAM), *arguments, *config],
                check=False,
                capture_output=True,
                text=True,
                cwd=ROOT,
                env=environment,
            )
            assert done.returncode == 0, done.stderr[-2_000:]
            return done.stdout

        deploy = ["deploy", "--template-file", packaged, "--no-confirm-changeset"]
        sam("package", "--output-template-file", packaged)
        said = sam(*deploy, "--parameter-overrides", "Stage=local")
        assert "Successfully created/updated stack - listdrop" in said
        # What `make smoke` has AWS look at.
        again = sam(*deploy, "--no-execute-changeset", "--no-fail-on-empty-changeset")
        assert "Stack listdrop is up to date" in again
