"""Finds a PostgreSQL and a Redis that the tests may use: named by the environment, or on this machine."""

import getpass
import os

import psycopg
from redis import Redis, RedisError

PATIENCE = 3
"""Seconds to wait for a server's first answer."""


def postgres_url() -> str:
    """Address of a PostgreSQL on which databases may be created; empty where there is none."""
    user = getpass.getuser()
    named = (os.environ.get("TEST_DATABASE_URL", ""), os.environ.get("DATABASE_URL", ""))
    local = ("postgres://postgres@127.0.0.1:5432/postgres", f"postgres://{user}@127.0.0.1:5432/postgres")
    return next((url for url in (*named, *local) if url.startswith("postgres") and may_create(url)), "")


def may_create(url: str) -> bool:
    """True where the server answers and lets this user create databases."""
    query = "SELECT rolcreatedb OR rolsuper FROM pg_roles WHERE rolname = current_user"
    try:
        with psycopg.connect(url, connect_timeout=PATIENCE) as connection:
            row = connection.execute(query).fetchone()
    except psycopg.Error:
        return False
    return bool(row and row[0])


def redis_url() -> str:
    """Address of a Redis that answers; empty where there is none."""
    named = (os.environ.get("TEST_REDIS_URL", ""), os.environ.get("REDIS_URL", ""))
    return next((url for url in (*named, "redis://127.0.0.1:6379/0") if url and answers(url)), "")


def answers(url: str) -> bool:
    """True where a Redis answers at `url`."""
    try:
        with Redis.from_url(url, socket_connect_timeout=PATIENCE, socket_timeout=PATIENCE) as redis:
            return bool(redis.ping())
    except (RedisError, ValueError):
        return False


if __name__ == "__main__":
    print(f"PostgreSQL: {postgres_url() or 'none'}\nRedis: {redis_url() or 'none'}")
