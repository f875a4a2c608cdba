"""Network gear for ShopDB."""
