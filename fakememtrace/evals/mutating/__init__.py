"""Memory mutation testing: which faults of memories does a suite notice?"""
