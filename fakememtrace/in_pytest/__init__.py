"""What the pytest plugin is made of: its fixtures, and what markers, the command line and pytest.ini say to them."""
