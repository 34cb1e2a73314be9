"""A whole world as plain JSON: taken, read with every fault in it named, and put back.

A seed is a snapshot written by hand, and says only what matters; ids, times, dedup keys and rows
are made up as if everything had been stored at the start::

    {
      "agents":   [{"name": "helper"}],
      "sessions": [{"id": "sess_monday", "agent": "helper"}],
      "memories": [
        {"agent": "helper", "session_id": "sess_monday", "content": "Ada is vegetarian", "tags": ["food"]},
        {"agent_id": "helper", "content": "Ada likes tea", "ago": "2h"}
      ],
      "orgs":     [{"name": "acme", "arc": "down", "memories": [{"agent_id": "a", "content": "theirs"}]}],
      "faults":   [{"kind": "lost_write", "times": 1}]
    }

What stands at the top is the first org's.  ``agent`` is the name of an agent of the same org,
``agent_id`` any text; ``ago`` is before the clock, or the start where it has none, ``time`` or ``created_at`` a moment.
"""
