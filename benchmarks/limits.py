"""Open files: each connection needs one here and one in the server."""

import resource


def raise_open_files(wanted: int) -> int:
    """Raise the soft limit of open files as far as the hard one allows; the limit that holds now."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    best = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    if best > soft:
        resource.setrlimit(resource.RLIMIT_NOFILE, (best, hard))
        return best
    return soft
