"""Evals: does what was stored come back, and where did it get lost?"""
