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

    def serialize(self, data: Any, **options: Any) -> str:
        """The text that is kept.

        Raises:
            UsageError: it is neither, or something is to be left out of it.
        """
        said = [name for name, value in options.items() if value is not None]
        if said:
            raise UsageError(f"memory_snapshot takes no {said[0]!r}: it is kept as text. Expected a name only.")
        if isinstance(data, World):
            return f"{transcript(data)}\n\n{memories(data)}"
        if isinstance(data, str):
            return visible(data)
        raise UsageError(
            f"memory_snapshot keeps what happened in a world, and was compared with a {type(data).__name__}.\n"
            "Expected a World, or transcript(world), memories(world) or claude_request(world) of fakememtrace.syrupy; "
            "for other values there is syrupy's own fixture snapshot."
        )


def snapshot(request: pytest.FixtureRequest) -> Any:
    """The fixture ``snapshot`` of syrupy, with this extension.

    Raises:
        UsageError: pytest does not have it.
    """
    plain = request.getfixturevalue("snapshot")
    if not isinstance(plain, SnapshotAssertion):
        raise UsageError(
            f"the fixture snapshot is not syrupy's here, it is a {type(plain).__name__}.\n"
            "Expected syrupy's: another plugin or a conftest.py has a fixture of the same name."
        )
    return plain.use_extension(MemorySnapshotExtension)
