"""The settings of single subjects, together; `.env` is read before any of them."""
# ruff: noqa: E402, F403

from emobility import env

env.load_dotenv()

from emobility.settings_charging import *
from emobility.settings_events import *
from emobility.settings_files import *
from emobility.settings_iso15118 import *
from emobility.settings_limits import *
from emobility.settings_map import *
from emobility.settings_monitoring import *
from emobility.settings_prices import *
