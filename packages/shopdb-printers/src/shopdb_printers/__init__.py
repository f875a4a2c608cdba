"""Printers for ShopDB."""
