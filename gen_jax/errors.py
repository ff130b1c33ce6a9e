"""The two ways a command ends early: the user's mistake, and a run that cannot go on."""


class UserError(ValueError):
    """A mistake that the user can mend; one line, shown without a traceback, exit code 2.

    The line names the argument or file, the value, what is allowed, and what to do next.
    """


class RunError(RuntimeError):
    """A run that cannot go on (diverged, full disk); one line, exit code 1."""


class Interrupted(RunError):
    """SIGTERM or Ctrl-C arrived; the state is saved, exit code 143."""
