"""``python -m fakememtrace`` is the command ``fakememtrace``."""

from .cli import main

if __name__ == "__main__":
    main()
