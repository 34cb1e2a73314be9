"""What our speed is measured with: ``python -m tests.bench`` prints one table of ratios."""
