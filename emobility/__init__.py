"""Composition root of the platform: settings, URL tables, ASGI application, worker, serving commands."""
