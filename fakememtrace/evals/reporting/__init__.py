"""A run of evals for others to read: JUnit XML, Markdown for a pull request, one HTML page."""

from __future__ import annotations

from .html import html
from .junit import junit
from .markdown import markdown

__all__ = ["html", "junit", "markdown"]
