"""What providers are called in sentences. Routes, secrets and tables have their word for it."""

_NOBODY = "none"
"""The word of a job that has no destination: see `models.jobs.job_id_for`."""
_UNLIKE_THEIR_WORD = {"activecampaign": "ActiveCampaign", _NOBODY: "the provider"}


def display_name(provider: str) -> str:
    """Return what people call a provider: `ActiveCampaign` for `activecampaign`.

    That is the name of its class, as a test says: only a name that is not the word with a capital
    stands here.
    """
    return _UNLIKE_THEIR_WORD.get(provider) or provider[:1].upper() + provider[1:]
