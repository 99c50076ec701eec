"""What a stack may be called, so that all of it can be made.

A rule in the template cannot, as it sees parameters only, and has no pattern and no length:
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-rules.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from local.deploy import load_template
from local.engine import ROOT
from tools import limits

ACCOUNT = "9" * 12
LONGEST_REGION = "ap-southeast-9"
"""As long as the longest of those that there are."""

STACK_NAME = limits.Name(
    re.compile(r"[A-Za-z][A-Za-z0-9-]{0,127}"),
    "https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_CreateStack.html",
)


def problems(name: str, region: str = LONGEST_REGION) -> Iterator[str]:
    """Yield what is wrong with a stack's name, a sentence each."""
    if not STACK_NAME.pattern.fullmatch(name):
        yield "It may have letters, digits and hyphens only, and begins with a letter."
        return
    if name.lower().startswith(("aws", "ssm")):
        yield "Its routes are parameters, and the names of those may not begin with aws or ssm."
    if name != name.lower():
        yield "It is part of a bucket's name, so it may have no capital letters."
    bucket = bucket_name(name, region)
    longest = len(name) - max(len(bucket) - 63, 0)
    if longest < len(name):
        yield (
            f"It is part of a bucket's name, which may have 63 characters: in {region}, the stack's"
            f" may have {longest}."
        )
    elif name == name.lower() and not _BUCKET.pattern.fullmatch(bucket):
        yield f"No bucket may be named {bucket}."


_BUCKET = limits.TEMPLATE_NAMES["AWS::S3::Bucket", "BucketName"]


def bucket_name(name: str, region: str) -> str:
    """Return the name of the stack's uploads bucket."""
    bucket = load_template(ROOT / "template.yaml")["Resources"]["UploadsBucket"]["Properties"]
    text = str(bucket["BucketName"]["Fn::Sub"])
    values = {"AWS::StackName": name, "AWS::AccountId": ACCOUNT, "AWS::Region": region}
    return re.sub(r"\$\{([\w:]+)\}", lambda found: values[found[1]], text)
