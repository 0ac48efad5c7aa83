"""What takes time or asks the database, and stores nothing that was received: done in threads beside the event loop."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from django.db import connection

T = TypeVar("T")


class Aside:
    """A few threads, each with a database connection of its own for as long as an action takes."""

    def __init__(self) -> None:
        self._executor = ThreadPoolExecutor(2, thread_name_prefix="aside")

    async def run(self, action: Callable[..., T], *arguments: Any, **more: Any) -> T:
        """Run an action and return what it returns."""

        def work() -> T:
            try:
                return action(*arguments, **more)
            finally:
                connection.close()  # back to the pool, or away when it is dead

        return await asyncio.get_running_loop().run_in_executor(self._executor, work)

    def close(self) -> None:
        self._executor.shutdown(wait=True, cancel_futures=True)
