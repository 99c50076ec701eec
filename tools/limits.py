"""What AWS takes: sizes, counts, characters and lengths, each with the page that says so.

An emulator takes more than AWS does, so `tests/unit/test_limits.py` holds the template, and what
the code writes, to these.
"""

from __future__ import annotations

import re
from typing import NamedTuple

_DOCS = "https://docs.aws.amazon.com"
_CLOUDFORMATION = f"{_DOCS}/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html"
_DYNAMODB = f"{_DOCS}/amazondynamodb/latest/developerguide/Constraints.html"
_PARTITION = f"{_DOCS}/amazondynamodb/latest/developerguide/bp-partition-key-design.html"
_ON_DEMAND = f"{_DOCS}/amazondynamodb/latest/developerguide/on-demand-capacity-mode.html"
_IAM = f"{_DOCS}/IAM/latest/UserGuide/reference_iam-quotas.html"
_LAMBDA = f"{_DOCS}/lambda/latest/dg/gettingstarted-limits.html"
_FUNCTION = f"{_DOCS}/lambda/latest/api/API_CreateFunction.html"
_LAYER = f"{_DOCS}/lambda/latest/api/API_PublishLayerVersion.html"
_MAPPING = f"{_DOCS}/lambda/latest/api/API_ScalingConfig.html"
_QUEUE = f"{_DOCS}/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html"
_SQS_QUOTAS = f"{_DOCS}/AWSSimpleQueueService/latest/SQSDeveloperGuide"
_ALARM = f"{_DOCS}/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html"
_STATES = f"{_DOCS}/step-functions/latest/dg/service-quotas.html"
_PARAMETER = f"{_DOCS}/systems-manager/latest/APIReference/API_PutParameter.html"
_SECRET = f"{_DOCS}/secretsmanager/latest/apireference/API_CreateSecret.html"
_KEYS = f"{_DOCS}/AmazonS3/latest/userguide/object-keys.html"
_PARTS = f"{_DOCS}/AmazonS3/latest/userguide/qfacts.html"
_PUBLISH = f"{_DOCS}/sns/latest/api/API_Publish.html"
_DIMENSION = f"{_DOCS}/AmazonCloudWatch/latest/APIReference/API_Dimension.html"
_SEARCH = f"{_DOCS}/AmazonCloudWatch/latest/monitoring/search-expression-syntax.html"


class Limit(NamedTuple):
    """From which number to which, and who says so."""

    least: int
    most: int
    source: str


class Name(NamedTuple):
    """What a name may look like, from its first character to its last, and who says so."""

    pattern: re.Pattern[str]
    source: str


TEMPLATE_BYTES = Limit(1, 1_000_000, _CLOUDFORMATION)
"""Of a template in S3, from where `sam deploy` gives it. In a request it may have 51,200."""
RESOURCES = Limit(1, 500, _CLOUDFORMATION)
PARAMETERS = Limit(0, 200, _CLOUDFORMATION)
OUTPUTS = Limit(0, 200, _CLOUDFORMATION)
DESCRIPTION_BYTES = Limit(0, 1_024, _CLOUDFORMATION)
LOGICAL_ID = Name(re.compile(r"[A-Za-z0-9]{1,255}"), _CLOUDFORMATION)

TEMPLATE_NAMES = {
    ("AWS::S3::Bucket", "BucketName"): Name(
        re.compile(r"(?!xn--|sthree-|amzn-s3-demo-)[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]"),
        f"{_DOCS}/AmazonS3/latest/userguide/bucketnamingrules.html",
    ),
    ("AWS::Serverless::Function", "FunctionName"): Name(
        re.compile(r"[a-zA-Z0-9_-]{1,64}"), _FUNCTION
    ),
    ("AWS::Serverless::StateMachine", "Name"): Name(
        re.compile(r"[A-Za-z0-9_-]{1,80}"),
        f"{_DOCS}/step-functions/latest/apireference/API_CreateStateMachine.html",
    ),
    ("AWS::Logs::LogGroup", "LogGroupName"): Name(
        re.compile(r"[.\-_/#A-Za-z0-9]{1,512}"),
        f"{_DOCS}/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogGroup.html",
    ),
    ("AWS::CloudWatch::Dashboard", "DashboardName"): Name(
        re.compile(r"[A-Za-z0-9_-]{1,255}"),
        f"{_DOCS}/AmazonCloudWatch/latest/APIReference/API_PutDashboard.html",
    ),
}
"""Names that the template gives, by the type of resource and its property."""

RULE_NAME = Name(
    re.compile(r"[.\-_A-Za-z0-9]{1,64}"),
    f"{_DOCS}/eventbridge/latest/APIReference/API_PutRule.html",
)

NUMBERS = {
    ("AWS::Serverless::Function", "MemorySize"): Limit(128, 10_240, _LAMBDA),
    ("AWS::Serverless::Function", "Timeout"): Limit(1, 900, _LAMBDA),
    ("AWS::SQS::Queue", "VisibilityTimeout"): Limit(0, 43_200, _QUEUE),
    ("AWS::SQS::Queue", "MessageRetentionPeriod"): Limit(60, 1_209_600, _QUEUE),
    ("AWS::CloudWatch::Alarm", "EvaluationPeriods"): Limit(1, 8_640, _ALARM),
}
"""Numbers that the template gives, by the type of resource and its property."""

EPHEMERAL_STORAGE = Limit(512, 10_240, _LAMBDA)
MAXIMUM_CONCURRENCY = Limit(2, 1_000, _MAPPING)
FUNCTION_LAYERS = Limit(0, 5, _LAMBDA)
ENVIRONMENT_BYTES = Limit(0, 4_096, _LAMBDA)
ALARM_SECONDS = Limit(10, 86_400, _ALARM)
"""Period times evaluation periods, where the period is less than an hour."""
INDEXES = Limit(0, 20, _DYNAMODB)
WORKFLOW_BYTES = Limit(1, 1_048_576, _STATES)

TEXTS = {
    ("AWS::Serverless::Function", "Description"): Limit(0, 256, _FUNCTION),
    ("AWS::Serverless::LayerVersion", "Description"): Limit(0, 256, _LAYER),
    ("AWS::CloudWatch::Alarm", "AlarmDescription"): Limit(0, 1_024, _ALARM),
    ("AWS::KMS::Key", "Description"): Limit(
        0, 8_192, f"{_DOCS}/kms/latest/APIReference/API_CreateKey.html"
    ),
}
"""Lengths of texts in the template, in characters."""

ROLE_POLICIES = Limit(0, 10_240, _IAM)
"""All inline policies of a role, in characters other than white space."""
TRUST_POLICY = Limit(0, 2_048, _IAM)
POLICIES = {
    "AWS::S3::BucketPolicy": Limit(
        1, 20_480, f"{_DOCS}/AmazonS3/latest/userguide/add-bucket-policy.html"
    ),
    "AWS::SQS::QueuePolicy": Limit(1, 8_192, f"{_SQS_QUOTAS}/quotas-policies.html"),
    "AWS::SNS::TopicPolicy": Limit(
        1,
        30_720,
        f"{_DOCS}/sns/latest/dg/sns-access-policy-language-api-permissions-reference.html",
    ),
}
KEY_POLICY = Limit(1, 32_768, f"{_DOCS}/kms/latest/developerguide/resource-limits.html")

ITEM_BYTES = Limit(1, 400 * 1_024, _DYNAMODB)
"""Names and values of attributes."""
UNITS_OF_A_NEW_TABLE = Limit(0, 4_000, _ON_DEMAND)
"""Write units a second, until it was asked for more for half an hour."""
UNITS_OF_A_KEY = Limit(0, 1_000, _PARTITION)
"""Write units a second that one partition takes, and with it a key: an item of up to 1 KB is one.

"Every partition in a DynamoDB table is designed to deliver a maximum capacity of 3,000 read units
per second and 1,000 write units per second."
"""
PARTITION_KEY_BYTES = Limit(1, 2_048, _DYNAMODB)
SORT_KEY_BYTES = Limit(1, 1_024, _DYNAMODB)

EXECUTION_NAME = Name(
    re.compile(r"[A-Za-z0-9_.-]{1,80}"),
    f"{_DOCS}/step-functions/latest/apireference/API_StartExecution.html",
)
EXECUTION_INPUT = Limit(0, 262_144, _STATES)
PARAMETER_NAME = Name(re.compile(r"(?!/(?i:aws|ssm))(/[A-Za-z0-9_.-]+){1,15}"), _PARAMETER)
PARAMETER_NAME_LENGTH = Limit(1, 1_011, _PARAMETER)
"""With the ARN that precedes it."""
SECRET_NAME = Name(re.compile(r"[A-Za-z0-9/_+=.@-]{1,512}"), _SECRET)
OBJECT_KEY_BYTES = Limit(1, 1_024, _KEYS)
PART_BYTES = Limit(5 << 20, 5 << 30, _PARTS)
"""Of an object that is joined from parts; the last one may be smaller."""
PARTS = Limit(1, 10_000, _PARTS)
SUBJECT = Name(re.compile(r"[!-~][ -~]{0,98}"), _PUBLISH)
MESSAGE_BYTES = Limit(1, 262_144, _PUBLISH)
"""For all protocols together, with the attributes."""
MESSAGE_ATTRIBUTES = Limit(0, 10, f"{_DOCS}/sns/latest/dg/sns-message-attributes.html")
"""With more, a raw message to a queue is thrown away."""
QUEUE_MESSAGE_BYTES = Limit(1, 262_144, f"{_SQS_QUOTAS}/quotas-messages.html")
QUEUE_TEXT = Name(
    re.compile(r"[\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]+"),
    f"{_DOCS}/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html",
)
"""Of a message, and of a text among its attributes, which SNS hands on where delivery is raw."""
DIMENSIONS = Limit(0, 30, _DIMENSION)
DIMENSION_VALUE = Name(re.compile(r"(?!:)(?=.*\S)[\x20-\x7e]{1,1024}"), _DIMENSION)
METRIC_NAME = Limit(1, 255, f"{_DOCS}/AmazonCloudWatch/latest/APIReference/API_MetricDatum.html")
SEARCH_CHARACTERS = Limit(1, 1_024, _SEARCH)
STANDARD_PARAMETER_BYTES = Limit(1, 4_096, _PARAMETER)
ADVANCED_PARAMETER_BYTES = Limit(1, 8_192, _PARAMETER)
SECRET_BYTES = Limit(1, 65_536, _SECRET)
METADATA_BYTES = Limit(0, 2_048, f"{_DOCS}/AmazonS3/latest/userguide/UsingMetadata.html")
