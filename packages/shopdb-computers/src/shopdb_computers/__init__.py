"""Computers for ShopDB."""
