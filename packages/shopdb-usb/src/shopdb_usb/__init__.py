"""USB media for ShopDB."""
