"""ShopDB: the asset database of a manufacturing site that grows by pip install."""

__version__ = "1.0.0"


def create_app():  # type: ignore[no-untyped-def]  # Flask is not imported here
    """Build the Flask application of the site that the environment names (``flask --app shopdb``)."""
    from click import ClickException

    from shopdb.app import create_app as build
    from shopdb.errors import ShopDBError

    try:
        return build()
    except ShopDBError as error:  # Flask's command line writes the other kind as one line
        raise ClickException(str(error)) from error
