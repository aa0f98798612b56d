"""A shop's console in a real Chromium."""

from typing import Any

from tests.console.shop import Shop


class Screen:
    """The console of a shop, opened by one of its staff."""

    def __init__(self, open_page: Any, shop: Shop) -> None:
        self._open = open_page
        self.shop = shop
        self.cookies = {"sessionid": shop.employ().cookies["sessionid"].value}

    def open(self, path: str = "", **wishes: Any) -> Any:
        return self._open(self.shop.console + path, cookies=self.cookies, **wishes)
