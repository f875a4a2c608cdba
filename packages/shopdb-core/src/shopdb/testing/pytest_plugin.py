"""Fixtures that every test gets as soon as shopdb-core is installed."""
