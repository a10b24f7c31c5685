"""Paging of REST lists (a module of its own: DRF loads it while its views are still being imported)."""

from rest_framework.pagination import CursorPagination


class StableCursorPagination(CursorPagination):
    """Pages that stay right while rows are added: newest first by key, `?limit=` up to 500."""

    ordering = "-pk"
    page_size = 50
    page_size_query_param = "limit"
    max_page_size = 500
