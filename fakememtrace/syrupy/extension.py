"""The extension of syrupy, and the fixture's snapshot."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..errors import UsageError
from ..report.visible import visible
from ..world import World
from .memories import memories
from .transcript import transcript

try:
    from syrupy.assertion import SnapshotAssertion
    from syrupy.extensions.amber import AmberSnapshotExtension
except ImportError:
    raise UsageError(
        "snapshots need syrupy, which is not installed. Install it with: pip install 'fakememtrace[syrupy]'"
    ) from None

if TYPE_CHECKING:
    import pytest

__all__ = ["MemorySnapshotExtension", "snapshot"]


class MemorySnapshotExtension(AmberSnapshotExtension):
    """Keeps a World, or a text such as ``transcript(world)``, in ``__snapshots__/test_it.memory``.

    ``snapshot.use_extension(MemorySnapshotExtension)`` is what the fixture ``memory_snapshot`` is.
    """

    # Not that of syrupy's own snapshots: both count those of a test from 1.
    file_extension = "memory"
    # So called before syrupy 5.
    _file_extension = file_extension

    def serialize(self, data: Any, **options: Any) -> str:
        """The text that is kept; a ``matcher`` gets it whole, and says what is kept in its place.

        Raises:
            UsageError: there is no such text, or parts of it are to be left out.
        """
        # Of several lines syrupy shows the last one first.
        if options.get("exclude") or options.get("include"):
            raise UsageError(
                "memory_snapshot is kept as a text and has no properties to exclude or include. "
                "What to do: replace what moves by a matcher, memory_snapshot(matcher=...)."
            )
        if isinstance(data, World):
            data = f"{transcript(data)}\n\n{memories(data)}"
        if not isinstance(data, str):
            raise UsageError(
                f"memory_snapshot was compared with {type(data).__name__}. Expected a World, or transcript(world), "
                "memories(world) or claude_request(world) of fakememtrace.syrupy. What to do: for other values, use "
                "syrupy's own fixture snapshot."
            )
        matcher = options.get("matcher")
        return visible(str(matcher(data=data, path=()) if matcher else data))


def snapshot(request: pytest.FixtureRequest) -> Any:
    """The fixture ``snapshot`` of syrupy, with this extension.

    Raises:
        UsageError: pytest does not have it.
    """
    try:
        plain = request.getfixturevalue("snapshot")
    except LookupError:
        raise UsageError(
            "memory_snapshot needs syrupy's fixture snapshot, and pytest does not know it.\n"
            "What to do: pip install 'fakememtrace[syrupy]', and leave its plugin on."
        ) from None
    if not isinstance(plain, SnapshotAssertion):
        raise UsageError(
            f"the fixture snapshot is not syrupy's here, but of type {type(plain).__name__}.\n"
            "Expected syrupy's: another plugin or a conftest.py has a fixture of the same name."
        )
    return plain.use_extension(MemorySnapshotExtension)
