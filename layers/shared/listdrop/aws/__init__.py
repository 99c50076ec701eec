"""The ports on AWS. Only these modules use boto3; they know nothing about providers' APIs."""
