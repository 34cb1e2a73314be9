"""Foreign recordings of the Messages API (vcrpy, go-vcr, HAR) become cassettes."""

from .importer import Outcome, import_recordings

__all__ = ["Outcome", "import_recordings"]
