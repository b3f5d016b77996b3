"""Where a bug struck, without what it said: an exception's text may quote a person's data."""

import traceback


def trace_of(error: BaseException) -> str:
    """Types and places of the exception and its causes, innermost last; no texts, no values."""
    parts: list[str] = []
    seen: BaseException | None = error
    while seen is not None:
        places = [
            f"{frame.filename.rsplit('/', 1)[-1]}:{frame.lineno}:{frame.name}"
            for frame in traceback.extract_tb(seen.__traceback__)
        ]
        parts.append(f"{type(seen).__name__} at {' > '.join(places) or '?'}")
        following = seen.__cause__
        if following is None and not seen.__suppress_context__:
            following = seen.__context__
        seen = following
    return " | from ".join(parts)
