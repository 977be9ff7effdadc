"""The exceptions that leave a stage.

A mistake in a user's files is a `Diagnostic` value, never one of these:

    PromptcError
    ├── UsageError        the command line or the environment must change; exit code 2
    ├── InputError        a file that comes before all specs is wrong; carries its diagnostics
    │   └── ProjectError  the project file is
    ├── CassetteError     a recording on disk can't be trusted; carries a diagnostic
    ├── SecretFoundError  something secret was about to be written
    ├── LimitError        more would be asked than the project allows without a question
    └── WireError         the network or the API failed in a way that has no answer
        ├── OfflineError  somebody wanted the network in record mode `none`
        └── StoppedError  the user wants the end, so nothing more is asked
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from promptc.diagnostics import Diagnostic


class PromptcError(Exception):
    """Anything promptc raises on purpose."""


class UsageError(PromptcError):
    """The call can't be carried out as it was made; the message says what to change."""


class InputError(PromptcError):
    """A file that a command reads before any spec has mistakes."""

    def __init__(self, diagnostics: "tuple[Diagnostic, ...]") -> None:
        """Keep the diagnostics; the message is the first one's."""
        super().__init__(diagnostics[0].message)
        self.diagnostics = diagnostics


class ProjectError(InputError):
    """The project file has mistakes."""


class CassetteError(PromptcError):
    """A recording on disk is damaged, altered or of another version."""

    def __init__(self, diagnostic: "Diagnostic") -> None:
        """Keep the diagnostic that names file, reason and remedy."""
        super().__init__(diagnostic.message)
        self.diagnostic = diagnostic


class SecretFoundError(PromptcError):
    """Text that was about to be written holds a secret; the message never shows it."""


class LimitError(PromptcError):
    """More would be asked than the project's limits allow, and nobody has agreed; nothing was asked."""


class WireError(PromptcError):
    """The network gave no answer that could be read."""


class OfflineError(WireError):
    """Something tried to reach the network while promptc runs offline."""


class StoppedError(WireError):
    """Nothing more was asked, because the user wants the end."""
