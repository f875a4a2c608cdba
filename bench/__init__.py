"""How fast ShopDB is, each figure beside a bare Flask application in the same run: ``python -m bench``."""
