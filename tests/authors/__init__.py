"""The answers of our own scenarios as their authors wrote them; `make cassettes` makes cassettes of them."""
