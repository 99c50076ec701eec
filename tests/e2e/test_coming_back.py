"""A stack is deleted and deployed again, as `docs/operations.md` says."""

from __future__ import annotations

from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from local.deploy import deploy
from local.stack import LocalStack
from tests.e2e.pages import OPERATIONS
from tests.support.routes import Route

pytestmark = pytest.mark.engine


@pytest.mark.slow
def test_a_stack_that_was_deleted_comes_back_once_its_data_is_gone(tmp_path: Path) -> None:
    delete, empty, remove = OPERATIONS.commands("Uninstall, and come back")
    with LocalStack(home=tmp_path) as stack:
        route = Route(stack, "spring", {})
        outputs = dict(stack.outputs)
        stack.drop("inbox/nowhere/a.csv", b"Email\na@example.com\n")

        OPERATIONS.run(delete, route)

        s3 = stack.client("s3")
        assert s3.list_object_versions(Bucket=outputs["UploadsBucket"])["Versions"]  # it stayed
        for name in ("UploadsBucket", "ResultsBucket"):
            while s3.list_object_versions(Bucket=outputs[name]).get("Versions"):
                OPERATIONS.run(empty.replace("$UPLOADS", outputs[name]), route)
        OPERATIONS.run(remove, route)
        for name in ("UploadsBucket", "ResultsBucket"):
            with pytest.raises(ClientError):
                s3.list_objects_v2(Bucket=outputs[name])

        back = deploy(stack.url)

        assert back["UploadsBucket"] == outputs["UploadsBucket"]
