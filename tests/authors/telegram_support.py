"""What Claude answers in the scenario telegram_support, written by hand."""

from __future__ import annotations

from fakememtrace.claude.author import Turn, error, text, tool_use

__all__ = ["DATE", "TURNS"]

DATE = "2026-11-22"

_GROUPS = {
    "News": ("World", "Europe", "City", "Business", "Weather"),
    "Films": ("HBO", "HBO Two", "HBO Comedy", "Classic", "Crime", "Science Fiction", "Family", "Festival"),
    "Series": ("Prime", "Night", "Retro", "Drama", "Comedy", "Nordic", "Latin", "Animated"),
    "Sports": ("Football", "Tennis", "Cycling", "Racing", "Winter", "Water", "Combat", "Extra"),
    "Children": ("Little Ones", "School", "Cartoons", "Stories", "Nature Club"),
    "Knowledge": ("History", "Nature", "Space", "Travel", "Cooking", "Crafts", "Medicine", "Engineering"),
    "Music": ("Pop", "Rock", "Jazz", "Opera", "Folk", "Dance", "Concerts"),
    "Region": ("North", "South", "East", "West", "Islands", "Mountains", "Coast"),
}


def _channels() -> str:
    """A list that no single message of Telegram can hold."""
    lines, number = [], 0
    for group, names in _GROUPS.items():
        lines.append(f"\n{group}")
        for name in names:
            number += 1
            kind = "in the HBO package" if name.startswith("HBO") else "in your basic package"
            lines.append(f"{number:03}  TeleCo {name}: {kind}, in HD, with seven days of catch-up and two languages")
    return "\n".join(lines)


JUAN = [
    # "My internet has been dropping out every evening since Monday."
    Turn(
        [
            tool_use(
                "memtrace_remember",
                content="Outage: the line drops out every evening since Monday 2 February, mostly after eight",
                tags=["internet", "outage"],
                importance=0.8,
            )
        ],
        1720,
    ),
    Turn(
        [text("I'm sorry to hear that, Nacho. Could you send me a photo of the lights on your router, please?")], 1210
    ),
    # A photo, "These are the lights on my router."
    Turn(
        [
            text("The third light is red, so the signal on the fibre itself is lost."),
            tool_use(
                "memtrace_remember",
                content=(
                    "Photo of the router: the third light, LOS, is red, so the fault is in the fibre and not in "
                    "the house. Technician booked for Monday 9 February, 10:00"
                ),
                tags=["internet", "technician"],
                importance=0.9,
            ),
        ],
        2840,
    ),
    Turn(
        [
            text(
                "Thank you, that helps: the red light means that the fault is in our fibre and not in your house.\n\n"
                "I've booked a technician for Monday, 9 February, at 10:00. You need not be at home."
            )
        ],
        1530,
    ),
]

CECILIA = [
    # "You charged me 39.90 EUR, but the line was down half of the week. ..."
    Turn(error(429, retry_after=12)),
    Turn(
        [
            text("Let me see what my colleagues know about the outage."),
            tool_use("memtrace_search", tags=["outage"]),
        ],
        1490,
    ),
    Turn(
        [
            tool_use(
                "memtrace_decide",
                decision="Credit of 15.50 EUR on the next bill of TC-1001",
                reasoning="Juan confirmed an outage on four evenings; the fault is in our fibre.",
            ),
            tool_use(
                "memtrace_remember",
                content="Dispute of the January bill is settled: Nacho is credited 15.50 EUR and was told so",
                tags=["billing", "credit"],
                importance=0.9,
            ),
        ],
        2110,
    ),
    Turn(
        [
            text(
                "You are right, Nacho, and Juan has already noted the outage. I've credited you 15.50 EUR; "
                "it will be on your next bill."
            )
        ],
        1380,
    ),
]

MARIA = [
    # "Is anything known about my line? My video calls stutter."
    Turn([tool_use("memtrace_search", tags=["internet"])], 1260),
    Turn(
        [
            text(
                "Nothing is known about your line yet, Maria. Do the calls stutter on a cable as well, "
                "or only over the air?"
            )
        ],
        1190,
    ),
]

MARTIN = [
    # "Could you send me the whole list of my channels, with HBO?"
    Turn(
        [
            tool_use(
                "memtrace_remember",
                content="Asked for the list of channels; all HBO channels are in the package",
                tags=["tv", "channels"],
                importance=0.4,
            )
        ],
        1340,
    ),
    Turn([text(f"With pleasure, Nacho. These are all of your channels:\n{_channels()}")], 6240),
]

AGAIN = [
    # Run 2. "Your colleague promised me something for the outage. What was it, and is hbo on my list?"
    Turn([tool_use("memtrace_search", content_contains="hbo"), tool_use("memtrace_search", tags=["credit"])], 1430),
    Turn(
        [
            text(
                "Cecilia granted you a credit of 15.50 EUR; it will be on your next bill. "
                "And yes, all HBO channels are in your package."
            )
        ],
        1650,
    ),
    # Run 3. "Has my credit been booked?"
    Turn([tool_use("memtrace_search", tags=["credit"])], 1370),
    Turn([text("Yes, Nacho: the 15.50 EUR are booked, and your next bill is lower by that amount.")], 1290),
]

TURNS = [*JUAN, *CECILIA, *MARIA, *MARTIN, *AGAIN]
