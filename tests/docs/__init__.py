"""The pages: every block of code in them is somebody's to check."""
