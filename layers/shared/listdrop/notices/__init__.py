"""The notice of a job: a JSON document for programs, plain sentences for people."""
