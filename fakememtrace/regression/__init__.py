"""What a changed program would have to be recorded again for, and why."""
