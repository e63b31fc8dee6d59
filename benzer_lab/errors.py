"""The errors that callers may catch."""


class BenzerError(Exception):
    """Base of every error that Benzer Lab raises on purpose."""


class InputError(BenzerError, ValueError):
    """An argument is not what the call needs; the message says what would be."""


class ArchiveError(BenzerError):
    """What lies on disk is not a sound archive; the message names the file and the way out."""


class ImageError(BenzerError, ValueError):
    """One image cannot be read; extraction reports it and goes on with the rest."""


class MissingExtraError(BenzerError, ImportError):
    """A call needs an optional library; the message ends in the command that installs it."""
