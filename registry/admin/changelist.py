"""Lists: no second count where nothing is filtered, and answers from other rooms asked once for a page."""

from typing import Any

from django.http import HttpRequest
from unfold.views import ChangeList


class ScopedChangeList(ChangeList):
    """Knows that an unfiltered list is the whole list."""

    def get_results(self, request: HttpRequest) -> None:
        """The rows of the page."""
        super().get_results(request)
        if not self.query and not self.has_active_filters:
            self.full_result_count = self.result_count


class PricedChangeList(ScopedChangeList):
    """Calls `price(rows)` with the rows of the page."""

    @staticmethod
    def price(rows: list[Any]) -> None:
        """Complete the rows."""
        raise NotImplementedError

    def get_results(self, request: HttpRequest) -> None:
        """The rows of the page, completed."""
        super().get_results(request)
        self.result_list: Any = list(self.result_list)
        self.price(self.result_list)
