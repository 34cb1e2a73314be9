"""Recordings that other people made, imported and replayed through the SDK: is every value what it was?"""
