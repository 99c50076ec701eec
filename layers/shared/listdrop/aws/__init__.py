"""The ports, on AWS. The only users of boto3; they know nothing of providers' APIs."""
