"""WooCommerce: webhooks of the REST API v3, and the API itself."""

from wafa.connectors.stores.woocommerce.connector import WooCommerce

__all__ = ["WooCommerce"]
