"""What people did in the dashboard."""

from datetime import datetime

from listdrop.models.base import Frozen


class Act(Frozen):
    """Somebody did something: `what` to `subject`, which is `JOB#<id>`, `ROUTE#<name>` and so on.

    `outcome` is empty when it was begun, and `failed` if it came to nothing.
    """

    at: datetime
    who: str
    what: str
    subject: str
    detail: str = ""
    outcome: str = ""
