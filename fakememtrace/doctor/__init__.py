"""What is installed here, whether it is intercepted, and what is wrong."""
