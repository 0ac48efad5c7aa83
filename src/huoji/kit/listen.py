"""How a process listens to the database beside Django: the address of the application's own connection."""

from django.conf import settings
from psycopg.conninfo import make_conninfo


def conninfo(name: str) -> str:
    """Return the address of the application's database, as Django has it; `name` tells who listens."""
    database = settings.DATABASES["default"]
    known = {"host": database["HOST"], "port": database["PORT"], "user": database["USER"], "dbname": database["NAME"]}
    known |= {"password": database["PASSWORD"], "application_name": name}
    extra = {key: value for key, value in database["OPTIONS"].items() if key.startswith("ssl")}
    return make_conninfo("", **{key: value for key, value in (known | extra).items() if value})
