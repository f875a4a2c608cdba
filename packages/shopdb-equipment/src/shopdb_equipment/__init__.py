"""Equipment for ShopDB."""
