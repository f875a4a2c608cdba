"""Notifications for ShopDB."""
