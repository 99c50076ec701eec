"""What the use cases need from outside, as protocols; implemented in `aws/` and in fakes."""

from listdrop.ports.accounts import (
    Accounts,
    AnyProvider,
    Budget,
    KnownProviders,
    Probes,
    Providers,
    RouteBook,
    Routes,
)
from listdrop.ports.acts import Audit
from listdrop.ports.erasing import Archive, People, PersonRow
from listdrop.ports.files import Files, Inbox, Uploads
from listdrop.ports.jobs import (
    Batches,
    EndingJobs,
    Endings,
    HeldJobs,
    HoldingJobs,
    KnownJobs,
    OpenJobs,
    PlannedJobs,
    Submissions,
    Submitted,
    Sweeps,
    TurnJobs,
)
from listdrop.ports.messaging import (
    Clock,
    Deliveries,
    Events,
    Executions,
    Notices,
    Subscription,
    Subscriptions,
)
from listdrop.ports.records import ALL_ROWS, Directory, Downloads, Figures, Records
from listdrop.ports.staging import StagedFiles, Staging

__all__ = [
    "ALL_ROWS",
    "Accounts",
    "AnyProvider",
    "Archive",
    "Audit",
    "Batches",
    "Budget",
    "Clock",
    "Deliveries",
    "Directory",
    "Downloads",
    "EndingJobs",
    "Endings",
    "Events",
    "Executions",
    "Figures",
    "Files",
    "HeldJobs",
    "HoldingJobs",
    "Inbox",
    "KnownJobs",
    "KnownProviders",
    "Notices",
    "OpenJobs",
    "People",
    "PersonRow",
    "PlannedJobs",
    "Probes",
    "Providers",
    "Records",
    "RouteBook",
    "Routes",
    "StagedFiles",
    "Staging",
    "Submissions",
    "Submitted",
    "Subscription",
    "Subscriptions",
    "Sweeps",
    "TurnJobs",
    "Uploads",
]
