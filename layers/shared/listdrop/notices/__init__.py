"""What is said about a job: a JSON document for programs, plain sentences for people."""
